"""Counters in the store, each with an end, in the terms of the library that sets limits by them.

They are in the store so that all workers count together.
"""

from __future__ import annotations

import time

from limits.aio.storage import Storage

from . import keys
from .links import Link
from .scripts import load

COUNT = load("count", kept=False)


class Counters(Storage):
    """What :mod:`limits` needs of a store, over a link."""

    STORAGE_SCHEME = None  # it is never made from a URL

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """None that would have to be dressed up: ours say what happened."""
        return ()

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Adds to a counter, which ends ``expiry`` seconds after it began. One trip."""
        count: int = await self._link.script(COUNT, [keys.counter(key)], [expiry * 1000, amount])
        return count

    async def get(self, key: str) -> int:
        """What a counter stands at."""
        (value,) = await self._link.read(keys.counter(key))
        return 0 if value is None else int(value)

    async def get_expiry(self, key: str) -> float:
        """When a counter ends, in seconds since 1970; now, where there is none."""
        name = keys.counter(key)
        left: int = await self._link.run(name, "PTTL", name)
        return time.time() + max(left, 0) / 1000

    async def check(self) -> bool:
        """Whether the store answers."""
        return bool(await self._link.everywhere("PING"))

    async def clear(self, key: str) -> None:
        """Ends a counter."""
        name = keys.counter(key)
        await self._link.run(name, "DEL", name)

    async def reset(self) -> int | None:
        """Nobody may end all counters: that would take a search through the whole store."""
        raise NotImplementedError
