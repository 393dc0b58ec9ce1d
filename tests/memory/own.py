"""A world on servers that nobody else uses, outside of any test, so that several can be had at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.store import open_store
from tests.conftest import KEYS, new_world
from tests.world import World

from .nodes import Nodes, watched


@asynccontextmanager
async def own_world(url: str) -> AsyncIterator[tuple[World, Nodes]]:
    """A world, and the servers that it is on."""
    store = await open_store(url, KEYS, timeout=20, max_config_age=1)
    clients: list[TestClient[Any, Any]] = []

    async def client(app: web.Application) -> TestClient[Any, Any]:
        clients.append(TestClient(TestServer(app)))
        await clients[-1].start_server()
        return clients[-1]

    try:
        world = await new_world(store, cast(AiohttpClient, client))
        with watched(url) as nodes:
            yield world, nodes
    finally:
        for one in clients:
            await one.close()
        await store.close()
