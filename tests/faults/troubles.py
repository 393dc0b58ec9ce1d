"""The troubles of a store that the documentation's table names, each made real for as long as a block runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass

from redis import Redis

from tests.servers import Kept
from tests.store.trouble import ask, node, process_of, stalled, until

from .injected import CUT_AFTER, GARBAGE
from .proxy import Fault, Plan

TIMEOUT = 0.4  # seconds for one exchange
LONG, SHORT = 600.0, 0.3  # seconds that configuration may be old
LOADS = 200  # keys, a tenth of a second each, are more than anybody waits for


@dataclass(frozen=True, slots=True)
class Store:
    """The store, and the plan of the line that leads to it."""

    server: Kept
    plan: Plan

    @contextmanager
    def client(self) -> Iterator[Redis]:
        """Whom the trouble does not befall."""
        with node(self.server.url) as client:
            yield client


@dataclass(frozen=True, slots=True)
class Trouble:
    """How a trouble is made and undone, and the bounds of the service that meets it."""

    make: Callable[[Store], AbstractAsyncContextManager[None]]
    timeout: float = TIMEOUT
    max_config_age: float = LONG
    known_too_old: bool = False  # the configuration is, by the time that calls are made


@asynccontextmanager
async def _gone(store: Store) -> AsyncIterator[None]:
    store.server.kill()
    yield
    store.server.start()


@asynccontextmanager
async def _hanging(store: Store) -> AsyncIterator[None]:
    with stalled(process_of(store.server.url)):
        yield


def _met(fault: Fault, *, lasting: bool = True) -> Callable[[Store], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def make(store: Store) -> AsyncIterator[None]:
        store.plan.arm(fault, 1, lasting=lasting)
        yield
        store.plan.disarm()

    return make


def _set(name: str, wrong: str, right: str) -> Callable[[Store], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def make(store: Store) -> AsyncIterator[None]:
        with store.client() as client:
            client.config_set(name, wrong)
            yield
            client.config_set(name, right)

    return make


@asynccontextmanager
async def _replica(store: Store) -> AsyncIterator[None]:
    with store.client() as client:
        ask(client, "REPLICAOF", "127.0.0.1", 1)
        yield
        ask(client, "REPLICAOF", "NO", "ONE")


@asynccontextmanager
async def _without_disk(store: Store) -> AsyncIterator[None]:
    """A folder is where the store wants to write its snapshot."""
    taken = store.server.folder / "dump.rdb"
    with store.client() as client:

        async def status(wanted: str) -> None:
            client.bgsave()

            async def seen() -> bool:
                return bool(client.info("persistence")["rdb_last_bgsave_status"] == wanted)

            await until(seen)

        client.config_set("save", "3600 1000000")
        taken.mkdir()
        await status("err")
        yield
        taken.rmdir()
        await status("ok")


@asynccontextmanager
async def _loading(store: Store) -> AsyncIterator[None]:
    with store.client() as client:
        for number in range(LOADS):
            client.set(f"ballast{number}", "x" * 200)
        client.bgrewriteaof()

        async def rewritten() -> bool:
            return not client.info("persistence")["aof_rewrite_in_progress"]

        await until(rewritten)
    store.server.kill()
    store.server.begin("key-load-delay 100000", "loading-process-events-interval-bytes 1024")
    yield
    store.server.kill()
    store.server.start()


@asynccontextmanager
async def _busy(store: Store) -> AsyncIterator[None]:
    """A script that never ends; after a tenth of a second others are told so."""
    with store.client() as client, store.client() as second:
        client.config_set("busy-reply-threshold", 100)
        endless = asyncio.ensure_future(asyncio.to_thread(_run_for_ever, client))

        async def is_busy() -> bool:
            return await asyncio.to_thread(_refuses, second)

        await until(is_busy)
        yield
        ask(second, "SCRIPT", "KILL")
        await endless


def _run_for_ever(client: Redis) -> None:
    try:
        client.eval("while true do end", 0)
    except Exception:  # noqa: BLE001  it is killed
        return


def _refuses(client: Redis) -> bool:
    try:
        client.ping()
    except Exception as error:  # noqa: BLE001  redis-py has no name for it
        return "BUSY" in str(error)
    return False


@asynccontextmanager
async def _forgetful(store: Store) -> AsyncIterator[None]:
    with store.client() as client:
        client.script_flush("SYNC")
        yield


_SLOW = Fault("slow", pause=0.02)
_SLOWER = Fault("slower", pause=TIMEOUT + 0.1)
_TOO_OLD = Fault("slower than the configuration may be old", pause=SHORT + 0.1)
TROUBLES = {
    "is gone": Trouble(_gone),
    "has been gone for longer than the configuration may be old": Trouble(
        _gone, max_config_age=SHORT, known_too_old=True
    ),
    "hangs": Trouble(_hanging),
    "has hung for longer than the configuration may be old": Trouble(
        _hanging, max_config_age=SHORT, known_too_old=True
    ),
    "is slow": Trouble(_met(_SLOW), timeout=10),
    "is slower than the configuration may be old": Trouble(_met(_TOO_OLD), timeout=10, max_config_age=SHORT),
    "is slower than its time-out": Trouble(_met(_SLOWER)),
    "is read-only, a replica": Trouble(_replica),
    "has no memory left": Trouble(_set("maxmemory", "1", "0")),
    "has too few replicas": Trouble(_set("min-replicas-to-write", "1", "0")),
    "cannot write to its disk (MISCONF)": Trouble(_without_disk),
    "is loading its data": Trouble(_loading),
    "is held up by a script (BUSY)": Trouble(_busy),
    "has forgotten its scripts (NOSCRIPT)": Trouble(_forgetful),
    "evicts": Trouble(_set("maxmemory-policy", "allkeys-lru", "noeviction")),
    "loses the connection once, before it answers": Trouble(_met(CUT_AFTER, lasting=False)),
    "loses every connection before it answers": Trouble(_met(CUT_AFTER)),
    "answers with garbage": Trouble(_met(GARBAGE)),
}
