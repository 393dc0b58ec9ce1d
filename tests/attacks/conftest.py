"""The service as real processes: one worker and four, on one node and on a cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mashery_oauth.store import open_store
from tests.conftest import KEYS
from tests.serving import Running, running

from .arena import MANY, MAX_CONFIG_AGE, Arena, Front, front_of, prepared
from .crowd import Crowd


@dataclass(frozen=True, slots=True)
class Rivals:
    """Processes that serve from one store, and the arena in it."""

    running: Running
    url: str
    arena: Arena
    workers: int

    @property
    def pids(self) -> set[int]:
        """The processes that answer calls."""
        return self.running.workers or {self.running.process.pid}

    async def attended(self) -> Crowd:
        """Two hundred open connections, which the kernel has spread over the processes."""
        crowd = Crowd(self.running.port)
        await crowd.gathered(MANY)
        return crowd


async def _prepared(url: str) -> Arena:
    store = await open_store(url, KEYS, timeout=5, max_config_age=1)
    try:
        return await prepared(store)
    finally:
        await store.close()


@pytest.fixture(
    scope="package",
    params=[("single", 1), ("single", 4), ("cluster", 1), ("cluster", 4)],
    ids=["one node, 1 worker", "one node, 4 workers", "cluster, 1 worker", "cluster, 4 workers"],
)
def rivals(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rivals]:
    """Started once for all attacks on it."""
    kind, workers = request.param
    url = str(request.getfixturevalue(f"{kind}_url"))
    arena = asyncio.run(_prepared(url))
    folder: Path = tmp_path_factory.mktemp("rivals") / "data"
    keys = KEYS[0].hex()
    with running(folder, redis=url, keys=keys, workers=workers, store_timeout=5, max_config_age=MAX_CONFIG_AGE) as made:
        yield Rivals(made, url, arena, workers)


@pytest.fixture
async def front(rivals: Rivals) -> AsyncIterator[Front]:
    """Two hundred open connections to the processes, and the operator's own way to the store."""
    arena, crowd = rivals.arena, await rivals.attended()
    store = await open_store(rivals.url, KEYS, timeout=5, max_config_age=1)
    yield front_of(store, arena, crowd)
    await crowd.close()
    await store.close()
