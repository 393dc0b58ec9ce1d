"""A body in, a status and a body out: parsing, single requests and batches, and one line of log where one is due."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from ..calling import Calling
from ..errors import INTERNAL, INVALID_REQUEST, UNAVAILABLE, Refusal, StoreUnavailable
from ..metrics import observe
from .dispatch import dispatch
from .envelope import UNADDRESSED, Envelope, Malformed, closed, closed_error, open_request, parse
from .telling import http_status, told

SLOW = 1.0  # seconds; a call that takes longer is logged
_log = structlog.get_logger("mashery_oauth.rpc")


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: bytes
    retry: bool = False


async def answer(calling: Calling, body: bytes, batch_limit: int) -> Answer:
    """The whole answer to a body."""
    try:
        document = parse(body)
    except Refusal as refusal:
        return _refused(refusal, UNADDRESSED, calling)
    if type(document) is list:
        return await _batch(calling, document, batch_limit)
    return await _single(calling, document)


async def _single(calling: Calling, document: Any) -> Answer:
    try:
        envelope, request = open_request(document)
    except Malformed as malformed:
        return _refused(Refusal(INVALID_REQUEST), malformed.envelope, calling)
    started = time.perf_counter()
    try:
        result = await dispatch(calling, request)
    except Refusal as refusal:
        _note(calling, request["method"], started, refusal)
        if envelope.notification:
            return Answer(204, b"")
        return _refused(refusal, envelope, calling)
    _note(calling, request["method"], started, None)
    if envelope.notification:
        return Answer(204, b"")
    return Answer(200, orjson.dumps(closed(envelope, calling.dialect, result)))


def _refused(refusal: Refusal, envelope: Envelope, calling: Calling) -> Answer:
    dialect = calling.dialect
    body = orjson.dumps(closed_error(envelope, dialect, told(refusal, envelope, dialect)))
    status = http_status(refusal.row, dialect)
    return Answer(status, body, retry=status in (429, 503))


async def _batch(calling: Calling, documents: list[Any], limit: int) -> Answer:
    if not documents or len(documents) > limit:
        return _refused(Refusal(INVALID_REQUEST), UNADDRESSED, calling)
    answers = await asyncio.gather(*(_member(calling, document) for document in documents))
    kept = [told_answer for told_answer in answers if told_answer is not None]
    return Answer(200, orjson.dumps(kept)) if kept else Answer(204, b"")


async def _member(calling: Calling, document: Any) -> dict[str, Any] | None:
    """One of a batch: its answer, or nothing for a notification."""
    try:
        envelope, request = open_request(document, batch=True)
    except Malformed as malformed:
        envelope, refusal = malformed.envelope, Refusal(INVALID_REQUEST)
        return closed_error(envelope, calling.dialect, told(refusal, envelope, calling.dialect))
    started = time.perf_counter()
    try:
        result = await dispatch(calling, request)
    except Refusal as refusal:
        _note(calling, request["method"], started, refusal)
        found = closed_error(envelope, calling.dialect, told(refusal, envelope, calling.dialect))
    else:
        _note(calling, request["method"], started, None)
        found = closed(envelope, calling.dialect, result)
    return None if envelope.notification else found


def _note(calling: Calling, method: str, started: float, refusal: Refusal | None) -> None:
    """Counts every call; logs those that failed on our side or took long."""
    took = time.perf_counter() - started
    observe(method, "ok" if refusal is None else refusal.row.name, took)
    if refusal is not None and refusal.row in (INTERNAL, UNAVAILABLE):
        _log.error(
            refusal.row.name,
            method=method,
            caller=calling.caller.apikey,
            site=calling.site.id,
            cause=_named(refusal.__cause__),
            exc_info=refusal.__cause__ if refusal.row is INTERNAL else None,
        )
    elif took > SLOW:
        _log.warning("slow", method=method, caller=calling.caller.apikey, site=calling.site.id, seconds=round(took, 3))


def _named(error: BaseException | None) -> str | None:
    """What failed: by its text where the store told it, else by its kind alone."""
    if isinstance(error, StoreUnavailable):
        return str(error)
    return None if error is None else type(error).__name__
