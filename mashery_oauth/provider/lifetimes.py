"""How long the tokens live that were issued here, so that a resource can tell "expired" from "invalid".

Only draft 10 has that difference (§5.2.1), and only for a client that can refresh. The backend tells the same of a
token that is unknown, expired or revoked, as it should; but who issued a token knows when its time is over.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from aiohttp import web

from ..bounded import keep
from ..client import AccessToken

MOST = 10_000  # tokens that are remembered, by a digest each


class Lifetimes:
    """The ends of refreshable tokens, for as long as this process runs; of one that is forgotten nothing is said."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends: dict[bytes, float] = {}

    def now(self) -> float:
        """The time, for :meth:`note`."""
        return self._clock()

    def note(self, made: AccessToken, asked: float) -> None:
        """Remembers a token that was made, if it will end and its client can have another.

        :param asked: when the backend was asked for it: its time began then or a little later, never earlier, so a
            token that the backend has let expire is over here too.
        """
        if made.expires_in is not None and made.refresh_token is not None:
            keep(self._ends, MOST, _digest(made.access_token), asked + made.expires_in)

    def is_over(self, access_token: str) -> bool:
        """Whether the token was issued here, and its time has passed."""
        end = self._ends.get(_digest(access_token))
        return end is not None and self._clock() >= end


LIFETIMES = web.AppKey("lifetimes of tokens", Lifetimes)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
