"""The sending of calls without the sending: requests, how long to wait, when to try again. The clients do the rest.

A conversation is a generator. It yields what to send next and is sent what came back, until it returns the result.
"""

from __future__ import annotations

import itertools
import random
import secrets
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

from .. import __version__
from ..errors import KEY_HEADER
from .answers import Reply, read_batch, read_single
from .calls import Call, Repeat
from .credentials import Credentials
from .errors import BackendError, Throttled, Unavailable

T = TypeVar("T")

LARGEST = 16 * 1024 * 1024  # bytes of an answer
SHORTEST = 0.001  # seconds that a try is given at least, as no limit must be 0
LONGEST = 7 * 24 * 3600.0  # seconds that a call is given at most: a socket can be told no infinite time
_NUMBERS = 2**52  # far less than what every reader of JSON takes for a whole number, and still hard to meet twice
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0  # seconds; how far the first and the last pause may reach


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take, in seconds: as a whole, and each of its tries but the last."""

    timeout: float = 5.0
    try_timeout: float = 2.0
    retries: int = 2

    def __post_init__(self) -> None:
        """Checks before the first call."""
        for name in ("timeout", "try_timeout"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0")
        if self.retries < 0:
            raise ValueError("retries must not be less than 0")


@dataclass(frozen=True, slots=True)
class Request:
    """A POST."""

    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Try:
    """What to do next: wait, then send the request, and wait for its answer no longer than the limit."""

    pause: float
    limit: float
    request: Callable[[], Request]  # made when it is sent: a signature holds the time


Heard = Reply | BackendError
Conversation = Generator[Try, Heard, T]


class Exchange:
    """Calls one backend as one caller."""

    def __init__(self, url: str, credentials: Credentials, patience: Patience) -> None:
        if not isinstance(credentials, Credentials):
            raise TypeError("credentials must be Cloud or Local")
        self._base, self._credentials, self._patience = checked(url), credentials, patience
        self._headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"mashery_oauth/{__version__}",
            **credentials.headers,
        }
        self._numbers = itertools.count(1)

    def start_anew(self) -> None:
        """In a forked child: its calls have other numbers than those of its parent."""
        self._numbers = itertools.count(secrets.randbelow(_NUMBERS))

    def single(self, call: Call[T]) -> Conversation[T]:
        """The conversation of one call."""
        number = next(self._numbers)
        body = orjson.dumps(_document(call, number))
        return self._conversation([call], body, lambda reply: read_single(call, number, reply))

    def batch(self, calls: Sequence[Call[T]]) -> Conversation[list[T | BackendError]]:
        """The conversation of several calls that are sent as one request."""
        numbers = [next(self._numbers) for _ in calls]
        body = orjson.dumps([_document(call, number) for call, number in zip(calls, numbers, strict=True)])
        return self._conversation(calls, body, lambda reply: read_batch(calls, numbers, reply))

    def _key(self, calls: Sequence[Call[object]]) -> str | None:
        """The key of the one call that needs one, so that it may be repeated; no two calls can share a request's."""
        keyed = [call for call in calls if call.repeat is Repeat.WITH_KEY]
        given = [call.key for call in keyed if call.key is not None]
        if len(keyed) != 1:
            if given:
                raise ValueError("idempotency_key can be given to one call of a batch, beside no other that creates")
            return None
        return given[0] if given else str(uuid4()) if self._patience.retries else None

    def _conversation(self, calls: Sequence[Call[object]], body: bytes, read: Callable[[Reply], T]) -> Conversation[T]:
        key = self._key(calls)
        headers = self._headers | ({KEY_HEADER: key} if key else {})
        may_repeat = _may_repeat(calls, key)
        deadline = time.monotonic() + min(self._patience.timeout, LONGEST)
        pause = 0.0
        for left in range(self._patience.retries, -1, -1):
            limit = max(deadline - time.monotonic() - pause, SHORTEST)
            if left and may_repeat:
                limit = min(limit, self._patience.try_timeout)
            heard = yield Try(pause, limit, lambda: Request(self._address(), headers, body))
            try:
                return read(_answered(heard))
            except (Unavailable, Throttled) as failure:
                if not left or not (may_repeat or failure.told.unsent):
                    raise
                pause = _pause(failure, self._patience.retries - left)
                if pause >= deadline - time.monotonic():
                    raise
        raise AssertionError("the last try has an end")

    def _address(self) -> str:
        return self._base + self._credentials.target(int(time.time()))


def checked(url: str) -> str:
    """A backend's address, without the path that the dialect adds.

    :raises ValueError: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("url must begin with http:// or https:// and a host")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("url must have no user, query or fragment")
    return url.rstrip("/")


def _document(call: Call[object], number: int) -> dict[str, object]:
    return {"jsonrpc": "2.0", "method": call.method, "params": call.params, "id": number}


def _may_repeat(calls: Sequence[Call[object]], key: str | None) -> bool:
    return all(call.repeat is Repeat.ALWAYS or (call.repeat is Repeat.WITH_KEY and key is not None) for call in calls)


def _answered(heard: Heard) -> Reply:
    if isinstance(heard, BackendError):
        raise heard
    return heard


def _pause(failure: BackendError, number: int) -> float:
    """How long to wait before the next try: any time up to a bound that doubles, and what the backend asked for."""
    reach = min(LONGEST_PAUSE, FIRST_PAUSE * 2**number)
    return (failure.retry_after or 0.0) + random.uniform(0, reach)  # noqa: S311  it need not be hard to guess
