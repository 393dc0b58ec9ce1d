"""A store of its own, so that what is kept can be counted, and the service on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
from redis import Redis

from mashery_oauth.dialects import DIALECTS, Dialect
from tests.servers import single_node

from .scene import Scene, opened
from .target import impatience

HASTE = 0.2  # seconds; enough for a busy machine to send what is already written


@pytest.fixture(scope="session")
def own_url() -> Iterator[str]:
    """A store that no other test writes to."""
    with single_node() as url:
        yield url


@pytest.fixture
async def scene(own_url: str) -> AsyncIterator[Scene]:
    """The service on a store that was empty, with a world to send bad input to."""
    with Redis.from_url(own_url) as store:
        store.flushall()
    async with opened(own_url) as made:
        yield made


@pytest.fixture
async def hasty(own_url: str) -> AsyncIterator[Scene]:
    """A service that waits for nobody longer than a moment."""
    with impatience(HASTE):
        async with opened(own_url) as made:
            yield made


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Cloud, Local V2, Local V3."""
    found: Dialect = request.param
    return found
