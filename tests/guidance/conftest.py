"""Worlds that a whole module shares, on one node and on a cluster; and several processes' worth of one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from mashery_oauth.routes import application
from mashery_oauth.settings import Settings
from mashery_oauth.store import open_store
from tests.conftest import KEYS
from tests.wire.conftest import world_at
from tests.world import World

WORKERS = 3


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(single_url: str) -> AsyncIterator[World]:
    """A world on one node, for a module that runs in one event loop."""
    async with world_at(single_url) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["single", "cluster"])
async def town(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """The same on one node and on three masters."""
    async with world_at(request.getfixturevalue(f"{request.param}_url")) as world:
        yield world


@asynccontextmanager
async def beside(world: World, url: str) -> AsyncIterator[World]:
    """The same site behind another door: a store, connections and a cache of its own."""
    store = await open_store(url, KEYS, timeout=5, max_config_age=1)
    async with TestClient(TestServer(application(store, Settings()))) as client:
        yield replace(world, store=store, http=client)
    await store.close()


@pytest_asyncio.fixture(loop_scope="module")
async def workers(town: World, request: pytest.FixtureRequest) -> AsyncIterator[list[World]]:
    """Several services that share a store; what one of them did the others must know."""
    kind = request.node.callspec.params["town"]
    url = str(request.getfixturevalue(f"{kind}_url"))
    async with AsyncExitStack() as stack:
        others = [await stack.enter_async_context(beside(town, url)) for _ in range(WORKERS - 1)]
        yield [town, *others]
