"""From what came back over HTTP to results and exceptions. Nothing of an answer that cannot be read is repeated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import orjson

from ..errors import ROWS
from . import endings
from .calls import Call
from .errors import (
    BackendError,
    CallerRefused,
    ErrorResponse,
    InternalError,
    NotUnderstood,
    Problem,
    Throttled,
    TimedOut,
    Told,
    Unavailable,
    UnreadableAnswer,
)
from .recognition import refused
from .results import Unexpected

T = TypeVar("T")
_OVER_LIMIT = ("ERR_403_DEVELOPER_OVER_QPS", "ERR_403_DEVELOPER_OVER_RATE")
_LONGEST_SENTENCE = 1000
_TURNED_AWAY: Mapping[int, type[BackendError]] = {
    400: NotUnderstood,
    401: CallerRefused,
    403: CallerRefused,
    404: CallerRefused,
    405: NotUnderstood,
    408: TimedOut,
    413: NotUnderstood,
    429: Throttled,
    500: InternalError,
    502: Unavailable,
    503: Unavailable,
    504: TimedOut,
}
_MEMBERS = {"result", "error", "id"}  # of an envelope, of which an answer has one at least
_ERROR_OF = {row.message: row.token for row in ROWS}


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def is_whole(self) -> bool:
        """Whether it ends where it says. If not it is torn, perhaps in its head: http.client would not notice."""
        chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        return chunked or self.headers.get("content-length") == str(len(self.body)) or self.status in (204, 304)


def read_single(call: Call[T], number: int, reply: Reply) -> T:
    """The result of one call.

    :raises BackendError: it has none.
    """
    return _opened(call, number, _object(reply), reply)


def read_batch(calls: Sequence[Call[T]], numbers: Sequence[int], reply: Reply) -> list[T | BackendError]:
    """The results of several, in their order, with an exception for each that has none.

    :raises BackendError: the batch as a whole was refused.
    """
    documents = _parsed(reply)
    if not isinstance(documents, list):
        document = _object(reply)
        if "error" in document:
            raise _failure(document["error"], reply)
        raise _unreadable("One answer came to a batch", reply)
    by_number = {each["id"]: each for each in documents if isinstance(each, dict) and type(each.get("id")) is int}
    if reply.status != 200 or len(documents) != len(calls) or by_number.keys() != set(numbers):
        raise _unreadable("The answers are not those to the calls of the batch", reply)
    return [_outcome(call, number, by_number[number], reply) for call, number in zip(calls, numbers, strict=True)]


def _outcome(call: Call[T], number: int, document: dict[str, object], reply: Reply) -> T | BackendError:
    try:
        return _opened(call, number, document, reply)
    except BackendError as failure:
        return failure


def _opened(call: Call[T], number: int, document: dict[str, object], reply: Reply) -> T:
    """What is in the envelope, if it is addressed to this call: an error may be addressed to nobody."""
    error, to = document.get("error"), document.get("id")
    if not (type(to) is int and to == number) and not (to is None and error is not None):
        raise _unreadable("The answer is to another call", reply)
    if error is not None:
        raise _failure(error, reply)
    if reply.status != 200 or "result" not in document:
        raise _turned_away(reply)
    try:
        return call.read(document["result"])
    except Unexpected as unexpected:
        raise _unreadable(f"The answer to {call.method} cannot be read: {unexpected}", reply) from None


def _object(reply: Reply) -> dict[str, object]:
    document = _parsed(reply)
    if document is None and not reply.is_whole:
        raise endings.broken()
    if not isinstance(document, dict) or not _MEMBERS & document.keys():  # a gateway's own words, in JSON or not
        raise _turned_away(reply)
    return document


def _parsed(reply: Reply) -> object:
    try:
        document: object = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None
    return document


def _failure(error: object, reply: Reply) -> BackendError:
    """The exception for an error object; one whose code is the HTTP status never became a call."""
    if not isinstance(error, dict) or type(error.get("code")) is not int or not isinstance(error.get("message"), str):
        return _turned_away(reply)
    code, message = error["code"], error["message"][:_LONGEST_SENTENCE]
    if code == reply.status:
        return _turned_away(reply, message)
    nested = error.get("error", error.get("data"))
    return refused(_told(code, message, nested, reply))


def _told(code: int, message: str, nested: object, reply: Reply) -> Told:
    members = nested if isinstance(nested, dict) else {}
    return Told(
        message,
        code,
        reply.status,
        error=_error(members.get("error"), message),
        error_description=_text(members.get("error_description")),
        response=_response(members.get("error_response")),
        problems=_problems(nested),
        retry_after=_seconds(reply),
    )


def _error(error: object, message: str) -> str | None:
    """The OAuth error; Cloud tells an unknown token by a number, and here it is as the table has it."""
    if type(error) is int:
        return _ERROR_OF.get(message) or str(error)
    return _text(error)


def _response(given: object) -> ErrorResponse | None:
    if not isinstance(given, dict) or type(given.get("status")) is not int:
        return None
    uri = given.get("uri")
    redirect_uri = _text(uri.get("redirect_uri")) if isinstance(uri, dict) else None
    return ErrorResponse(given["status"], _texts(given.get("headers")), _texts(given.get("response")), redirect_uri)


def _problems(nested: object) -> tuple[Problem, ...]:
    found = [each for each in nested if isinstance(each, dict)] if isinstance(nested, list) else []
    return tuple(Problem(str(each.get("field", "")), str(each.get("message", ""))) for each in found)


def _turned_away(reply: Reply, message: str = "") -> BackendError:
    """The exception for an answer that is none of JSON-RPC's, by its status alone."""
    reason = reply.headers.get("x-mashery-error-code")
    kind = Throttled if reason in _OVER_LIMIT else _TURNED_AWAY.get(reply.status, UnreadableAnswer)
    told = Told(
        message or f"HTTP status {reply.status}",
        status=reply.status,
        retry_after=_seconds(reply),
        reason=reason,
        unsent=kind is Throttled,
    )
    return kind(told)


def _unreadable(message: str, reply: Reply) -> UnreadableAnswer:
    return UnreadableAnswer(Told(message, status=reply.status))


def _seconds(reply: Reply) -> float | None:
    """What Retry-After says in seconds; a date is passed over."""
    text = reply.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {name: each for name, each in pairs if isinstance(each, str)}
