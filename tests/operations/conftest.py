"""A store of our own, empty before each test."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from redis import Redis

from mashery_oauth.models import Service, Site
from mashery_oauth.operations import services, sites
from mashery_oauth.store import Store, open_store

from ..servers import single_node

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
