"""How often callers call."""

from __future__ import annotations

from limits import RateLimitItemPerSecond
from limits.aio.strategies import FixedWindowRateLimiter

from .counters import Counters
from .links import Link


class Throttle:
    """Calls per second, by caller."""

    def __init__(self, link: Link) -> None:
        self._limiter = FixedWindowRateLimiter(Counters(link))

    async def admits(self, apikey: str, limit: int) -> bool:
        """Counts one more call; whether it is within ``limit`` calls of this second. One trip."""
        return await self._limiter.hit(RateLimitItemPerSecond(limit, namespace="calls"), apikey)
