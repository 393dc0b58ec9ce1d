"""A store of our own, empty before each test; and a world on one, with grants to revoke."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from pytest_aiohttp.plugin import AiohttpClient
from redis import Redis

from mashery_oauth.models import Service, Site
from mashery_oauth.operations import services, sites
from mashery_oauth.store import Store, open_store

from .. import conftest
from ..servers import single_node, three_masters
from ..store.trouble import nodes
from ..world import World
from .revoking import USERS, Scene

KEYS = (bytes(range(32)),)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with single_node() as url:
        yield url


def empty(url: str) -> None:
    with Redis.from_url(url) as client:
        client.flushall()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = await open_store(url, KEYS, timeout=5, max_config_age=1)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    empty(url)
    async with opened(url) as store:
        yield store


@pytest.fixture
async def site(store: Store) -> Site:
    return await sites.create(store, "Bank")


@pytest.fixture
async def service(store: Store, site: Site) -> Service:
    return await services.create(store, site.id, "payments", preset_name="mashery")


@pytest.fixture(scope="package")
def own_urls() -> Iterator[dict[str, str]]:
    """Stores that nobody else uses: what counts goes through all that there is."""
    with single_node() as single, three_masters() as cluster:
        yield {"single": single, "cluster": cluster}


@pytest.fixture(params=["single", "cluster"])
def store_url(request: pytest.FixtureRequest, own_urls: dict[str, str]) -> str:
    """Either store, empty."""
    url = own_urls[request.param]
    for node in nodes(url):
        node.flushall()
        node.close()
    return url


@pytest.fixture
async def world(store_url: str, aiohttp_client: AiohttpClient) -> AsyncIterator[World]:
    """A world on one node and on a cluster."""
    async for store in conftest.opened(store_url):
        yield await conftest.new_world(store, aiohttp_client)


@pytest.fixture
async def scene(world: World) -> Scene:
    services = [await world.add_service("draft16") for _ in range(2)]
    clients = [await world.add_application(*services) for _ in range(2)]
    made = Scene(world, services, clients, [])
    for service in services:
        for client in clients:
            made.held += [await made.grant(service, client, user) for user in USERS]
    return made
