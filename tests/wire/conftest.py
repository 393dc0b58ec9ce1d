"""Worlds that a whole module shares: each scene has a service and a client of its own, so they do not meet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from mashery_oauth.routes import application
from mashery_oauth.settings import Settings
from mashery_oauth.store import open_store
from tests.conftest import KEYS, new_world
from tests.world import World

from .outage import Line


@asynccontextmanager
async def world_at(
    url: str, *, patience: float = 5, max_config_age: float = 1, min_replicas: int = 0
) -> AsyncIterator[World]:
    """A world on a store, whatever becomes of it."""
    store = await open_store(url, KEYS, timeout=patience, max_config_age=max_config_age, min_replicas=min_replicas)
    async with TestClient(TestServer(application(store, Settings()))) as client:

        async def existing(_: web.Application) -> TestClient[Any, Any]:
            return client

        yield await new_world(store, cast(Any, existing))
    await store.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(single_url: str) -> AsyncIterator[World]:
    """A world on one node, for a module that runs in one event loop."""
    async with world_at(single_url) as world:
        yield world


@dataclass(frozen=True, slots=True)
class Connected:
    """A world, and the line to its store."""

    world: World
    line: Line


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def remote(single_url: str) -> AsyncIterator[Connected]:
    """A world at the end of a line; what it knows of the configuration it goes on knowing for some minutes."""
    line = Line(single_url)
    await line.open()
    async with world_at(line.url, max_config_age=600) as world:
        yield Connected(world, line)
    await line.close()


@pytest_asyncio.fixture(loop_scope="module")
async def connected(remote: Connected) -> AsyncIterator[Connected]:
    """The same, for a test that may cut the line."""
    yield remote
    remote.line.mend()
