"""Wrong client secrets: how many were tried, by client and caller."""

from __future__ import annotations

import math
import time

from limits import RateLimitItem
from limits.aio.strategies import FixedWindowRateLimiter

from . import keys
from .counters import Counters
from .links import Link
from .ring import KeyRing


class Guesses:
    """Two counters for each client and caller.

    One has every wrong secret: over the limit the next wrong one is told to wait. The other, for services
    that want it, has every secret once, right or wrong, however often it comes, before it is looked at: over the limit
    nobody gets in. So a client that goes on sending the secret of yesterday never locks out those that have today's,
    and who sends many at once gains nothing.
    """

    def __init__(self, link: Link, ring: KeyRing, limit: RateLimitItem | None) -> None:
        self._link, self._ring = link, ring
        self._limiter, self._limit = FixedWindowRateLimiter(Counters(link)), limit

    async def wrong(self, who: str) -> int | None:
        """Counts a wrong secret, or a missing one.

        :param who: caller and client.
        :returns: how many seconds to wait, when there were too many.
        """
        if self._limit is None:
            return None
        if await self._limiter.hit(self._limit, "wrong", who):
            return None
        return await self._left(self._limit, "wrong", who)

    async def held_up(self, who: str, secret: str) -> int | None:
        """Counts a secret, unless it came before; how many seconds everybody must wait, whatever the secret."""
        if self._limit is None:
            return None
        tried = keys.counter(f"tried/{who}/{self._ring.hash(secret)}")
        life = self._limit.get_expiry() * 1000
        is_new = await self._link.run(tried, "SET", tried, "", "NX", "PX", life)
        cost = int(bool(is_new))
        within = self._limiter.hit if is_new else self._limiter.test
        if await within(self._limit, "different", who, cost=cost):
            return None
        return await self._left(self._limit, "different", who)

    async def _left(self, limit: RateLimitItem, kind: str, who: str) -> int:
        window = await self._limiter.get_window_stats(limit, kind, who)
        return max(1, math.ceil(window.reset_time - time.time()))
