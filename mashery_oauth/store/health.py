"""Whether the store is fit to serve from, check by check."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from ..errors import StoreUnavailable
from . import keys
from .links import Forbidden

if TYPE_CHECKING:
    from . import Store


async def checks(store: Store) -> dict[str, dict[str, Any]]:
    """What was checked, whether it is well, and how it was seen."""
    return {
        "store": await _answers(store),
        "configuration": await _fresh(store),
        "eviction": await _keeps(store),
    }


async def _answers(store: Store) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        await store.link.run(keys.SALT, "EXISTS", keys.SALT)
    except StoreUnavailable:
        return {"ok": False, "seen": "the store does not answer"}
    return {"ok": True, "seen": f"answered in {(time.perf_counter() - started) * 1000:.1f} ms"}


async def _fresh(store: Store) -> dict[str, Any]:
    try:
        await store.configuration.fresh()
    except StoreUnavailable:
        return {"ok": False, "seen": "the configuration's version cannot be read"}
    return {"ok": True, "seen": f"version {store.configuration.version}"}


async def _keeps(store: Store) -> dict[str, Any]:
    """A store that evicts would lose revocations, and so revive tokens."""
    try:
        answers = await store.link.everywhere("CONFIG", "GET", "maxmemory-policy")
    except (Forbidden, RedisError):
        return {"ok": True, "seen": "the store does not tell its maxmemory-policy; it must be noeviction"}
    except StoreUnavailable:
        return {"ok": False, "seen": "the store does not answer"}
    policies = sorted({answer[1].decode() for answer in answers})
    return {"ok": policies == ["noeviction"], "seen": f"maxmemory-policy is {', '.join(policies)}"}
