"""How often callers call: counted in the store, so that all workers count together."""

from __future__ import annotations

import time

from . import keys
from .links import Link
from .scripts import load

COUNT = load("count_call")
_LIFE = 5_000  # milliseconds; longer than the second that is counted, for clocks that differ


class Throttle:
    """Calls per second, by caller."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def admits(self, apikey: str, limit: int) -> bool:
        """Counts one more call; whether it is within ``limit`` calls of this second. One trip."""
        key = keys.calls(apikey, int(time.time()))
        count: int = await self._link.script(COUNT, [key], [_LIFE])
        return count <= limit
