"""A body in, a status and a body out: parsing, single requests and batches."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from ..calling import Calling, Key
from ..dialects import Dialect
from ..errors import INVALID_REQUEST, Refusal
from ..methods import METHODS
from .dispatch import dispatch
from .envelope import UNADDRESSED, Envelope, Malformed, closed, closed_error, open_request, parse
from .noting import note
from .telling import http_status, told


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: bytes
    retry_after: str = ""  # seconds, where it is worth to try again


class Played(NamedTuple):
    """A request that was answered: in which envelope, with what, and the refusal if it is one."""

    envelope: Envelope
    document: dict[str, Any]
    refusal: Refusal | None


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
    played = await _played(calling, document, batch=False)
    if played.envelope.notification:
        return Answer(204, b"")
    return _answer(played, calling.dialect)


def _refused(refusal: Refusal, envelope: Envelope, calling: Calling) -> Answer:
    return _answer(_told(refusal, envelope, calling.dialect), calling.dialect)


def _answer(played: Played, dialect: Dialect) -> Answer:
    body = orjson.dumps(played.document)
    if played.refusal is None:
        return Answer(200, body)
    status = http_status(played.refusal.row, dialect)
    return Answer(status, body, str(played.refusal.retry_after) if status in (429, 503) else "")


async def _batch(calling: Calling, documents: list[Any], limit: int) -> Answer:
    if not documents or len(documents) > limit:
        return _refused(Refusal(INVALID_REQUEST), UNADDRESSED, calling)
    if calling.key is not None and sum(map(_is_keyed, documents)) > 1:
        calling = calling._replace(key=Key("", "belongs to one create call, and here are several"))
    played = await asyncio.gather(*(_played(calling, document, batch=True) for document in documents))
    kept = [each.document for each in played if not each.envelope.notification]
    return Answer(200, orjson.dumps(kept)) if kept else Answer(204, b"")


def _is_keyed(document: Any) -> bool:
    """Whether it asks for a method that an Idempotency-Key means something to."""
    name = document.get("method") if type(document) is dict else None
    return type(name) is str and name in METHODS and METHODS[name].keyed


async def _played(calling: Calling, document: Any, *, batch: bool) -> Played:
    """One request, from its envelope to what goes back in it."""
    try:
        envelope, request = open_request(document, batch=batch)
    except Malformed as malformed:
        return _told(Refusal(INVALID_REQUEST), malformed.envelope, calling.dialect)
    started = time.perf_counter()
    try:
        result = await dispatch(calling, request)
    except Refusal as refusal:
        note(calling, request, started, refusal)
        return _told(refusal, envelope, calling.dialect)
    note(calling, request, started, None)
    return Played(envelope, closed(envelope, calling.dialect, result), None)


def _told(refusal: Refusal, envelope: Envelope, dialect: Dialect) -> Played:
    return Played(envelope, closed_error(envelope, dialect, told(refusal, envelope, dialect)), refusal)
