"""Whether the store is fit to serve from, check by check."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from ..errors import StoreUnavailable
from . import keys
from .links import Forbidden

if TYPE_CHECKING:
    from . import Store

DEADLINE = 2.5  # seconds; who asks has not forever
# A script that may write is refused where a write would be: no memory left, too few replicas, a replica, a full disk.
# It needs no key, so that every node of a cluster is asked.
_WRITER = "#!lua\nreturn 1"

Check = dict[str, Any]
_SILENT: Check = {"ok": False, "seen": "the store does not answer"}


async def checks(store: Store) -> dict[str, Check]:
    """What was checked, whether it is well, and how it was seen; all at once, in bounded time."""
    looks = {"store": _answers, "configuration": _fresh, "eviction": _keeps, "writes": _takes_writes}
    found = await asyncio.gather(*(_in_time(look(store)) for look in looks.values()))
    return dict(zip(looks, found, strict=True))


async def _in_time(check: Coroutine[Any, Any, Check]) -> Check:
    try:
        async with asyncio.timeout(DEADLINE):
            return await check
    except TimeoutError:
        return _SILENT


async def _answers(store: Store) -> Check:
    started = time.perf_counter()
    try:
        await store.link.run(keys.SALT, "EXISTS", keys.SALT)
    except StoreUnavailable:
        return _SILENT
    return {"ok": True, "seen": f"answered in {(time.perf_counter() - started) * 1000:.1f} ms"}


async def _fresh(store: Store) -> Check:
    try:
        await store.configuration.fresh()
    except StoreUnavailable:
        return {"ok": False, "seen": "the configuration's version cannot be read"}
    return {"ok": True, "seen": f"version {store.configuration.version}"}


async def _keeps(store: Store) -> Check:
    """A store that evicts would lose revocations, and so revive tokens."""
    try:
        answers = await store.link.everywhere("CONFIG", "GET", "maxmemory-policy")
    except (Forbidden, RedisError):
        return {"ok": True, "seen": "the store does not tell its maxmemory-policy; it must be noeviction"}
    except StoreUnavailable:
        return _SILENT
    policies = sorted({answer[1].decode() for answer in answers})
    return {"ok": policies == ["noeviction"], "seen": f"maxmemory-policy is {', '.join(policies)}"}


async def _takes_writes(store: Store) -> Check:
    try:
        await store.link.everywhere("EVAL", _WRITER, "0")
    except StoreUnavailable:
        return {"ok": False, "seen": "the store takes no writes"}
    if store.min_replicas:
        return await _is_followed(store)
    return {"ok": True, "seen": "the store takes writes"}


async def _is_followed(store: Store) -> Check:
    """Where writes wait for replicas, whether there are as many."""
    try:
        told = await store.link.everywhere("INFO", "replication")
    except StoreUnavailable:
        return _SILENT
    fewest = min(int(part.partition(b"connected_slaves:")[2].split()[0]) for part in told)
    return {"ok": fewest >= store.min_replicas, "seen": f"{fewest} of {store.min_replicas} replicas follow"}
