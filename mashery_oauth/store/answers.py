"""Answers kept for callers that repeat a call with its Idempotency-Key: the same answer, the work at most once.

Two keys. The claim says with which arguments a key first came; it lies where the key alone decides, so that other
arguments are noticed whatever they are. The answer lies beside what was made, and is written by the script that made
it: so of two calls at once one works, and the other has its answer. Neither waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..errors import key_reused
from ..models import Once
from . import keys
from .links import Link
from .ring import KeyRing

LIFE = 86_400_000  # milliseconds


class Answers:
    """What was answered to calls with a key."""

    def __init__(self, link: Link, ring: KeyRing) -> None:
        self._link, self._ring = link, ring

    async def claim(self, name: str, arguments: str) -> Once:
        """Takes a key for these arguments, unless it was taken for them before. One trip.

        :param name: caller, service, method and key.
        :raises Refusal: ``idempotency_key_reused``, it was taken for others.
        """
        key, claim = keys.claim(name), self._ring.hash(arguments)
        before = await self._link.write(key, "SET", key, claim, "PX", LIFE, "NX", "GET")
        if before is not None:
            claim = before.decode()
            if not self._ring.matches(arguments, claim):
                raise key_reused()
        return Once(name, claim)


class Keeping(NamedTuple):
    """A script's part in it: the last of its keys, and its arguments. None of either for a call without a key."""

    keys: tuple[str, ...]
    arguments: dict[str, Any]


def keeping(ring: KeyRing, once: Once | None, tag: str, clear: Callable[[], bytes]) -> Keeping:
    """How a script is told to keep an answer, or to give the one that is kept.

    :param clear: makes what is to be sealed; not asked for a call without a key.
    """
    if once is None:
        return Keeping((), {})
    key = keys.answer(tag, once)
    return Keeping((key,), {"once": ring.seal(clear(), key), "once_life": LIFE})


def reopened(ring: KeyRing, once: Once | None, tag: str, kept: bytes) -> tuple[bytes, bytes]:
    """What was sealed, and the body beside it.

    :raises RingError: it was sealed with a key that has left the ring.
    """
    if once is None:
        raise ValueError("no call without a key has an answer that is kept")
    sealed, _, body = kept.partition(b"|")
    return ring.open(sealed.decode(), keys.answer(tag, once)), body
