"""The oldest server that must do: Debian's Redis 7.0, one node and three masters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.store import open_store

from ..conftest import KEYS, new_world
from ..servers import single_node, three_masters
from ..tools import tool
from .everything import use_everything
from .trouble import node


@pytest.fixture(scope="module")
def binary() -> str:
    return tool("redis-server")


@pytest.fixture(scope="module", params=[single_node, three_masters])
def url(request: pytest.FixtureRequest, binary: str) -> Iterator[str]:
    with request.param(binary) as made:
        yield made


def test_it_is_redis_and_no_valkey(url: str) -> None:
    with node(url) as client:
        about = client.info("server")

    assert "valkey_version" not in about
    assert str(about["redis_version"]).startswith("7.")


@pytest.mark.parametrize("secure_tokens", [False, True])
async def test_every_method_works(url: str, secure_tokens: bool, aiohttp_client: AiohttpClient) -> None:  # noqa: FBT001
    store = await open_store(url, KEYS, timeout=5, max_config_age=1)
    world = await new_world(store, aiohttp_client)

    used = await use_everything(world, secure_tokens=secure_tokens)

    assert used.alive
    await store.close()


async def test_one_live_token_and_a_cap_work(url: str, aiohttp_client: AiohttpClient) -> None:
    store = await open_store(url, KEYS, timeout=5, max_config_age=1)
    world = await new_world(store, aiohttp_client)
    asked = {"grant_type": "client_credentials"}
    single, capped = await world.add_service(allow_multiple_tokens=False), await world.add_service(token_cap=2)
    client = await world.add_application(single, capped)

    first, second = [(await world.token(single, client, asked)).result["access_token"] for _ in range(2)]
    third = [await world.token(capped, client, asked) for _ in range(3)][2]

    assert [await world.is_alive(single, token) for token in (first, second)] == [False, True]
    assert third.error["message"] == "Token limit reached"
    await store.close()
