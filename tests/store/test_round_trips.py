"""How often a call goes to the store once the configuration is known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.models import Application, Service
from mashery_oauth.store import open_store

from ..conftest import KEYS, new_world
from ..world import HTTPS, World
from .everything import PASSWORD_DATA, client_of
from .trouble import teach


@pytest.fixture
async def quiet(store_url: str, aiohttp_client: AiohttpClient) -> AsyncIterator[World]:
    """A world in which nothing but calls goes to the store: its configuration stays good for an hour."""
    store = await open_store(store_url, KEYS, timeout=5, max_config_age=3600)
    await teach(store)
    yield await new_world(store, aiohttp_client)
    await store.close()


async def warm(world: World, **policy: Any) -> tuple[Service, Application]:
    """A service and a client that have been used, so that nothing of the configuration is missing."""
    service = await world.add_service(**policy)
    client = await world.add_application(service)
    made = await world.token(service, client, PASSWORD_DATA, user_context="other")
    await world.fetch(service, made.result["access_token"])
    await world.code(service, client)
    await world.call("revokeUserApplication", about(service, client, user_context="other"))
    return service, client


def about(service: Service, client: Application, **members: Any) -> dict[str, Any]:
    return {"service_key": service.key, "client": client_of(client), **members}


async def sent(world: World, call: Awaitable[Any]) -> int:
    """Commands that a successful call sends."""
    link: Any = world.store.link
    before = link.commands_sent
    answer = await call
    assert answer.result
    return int(link.commands_sent - before)


async def test_fetching_is_one_read_of_token_and_marks(quiet: World) -> None:
    service, client = await warm(quiet)
    made = (await quiet.token(service, client, PASSWORD_DATA, user_context="alice")).result

    assert await sent(quiet, quiet.fetch(service, made["access_token"])) == 1


async def test_fetching_many_is_one_read_for_each_node(quiet: World, store_url: str) -> None:
    service, client = await warm(quiet)
    made = [
        (await quiet.token(service, client, PASSWORD_DATA, user_context=f"user {n}")).result["access_token"]
        for n in range(20)
    ]

    assert await sent(quiet, quiet.fetch(service, made)) == (20 if "cluster" in store_url else 1)


async def test_a_token_without_a_user_is_one_set(quiet: World) -> None:
    service, client = await warm(quiet)

    assert await sent(quiet, quiet.token(service, client, {"grant_type": "client_credentials"})) == 1


async def test_a_token_of_a_user_is_one_script(quiet: World) -> None:
    service, client = await warm(quiet)

    assert await sent(quiet, quiet.token(service, client, PASSWORD_DATA, user_context="alice")) == 1


async def test_code_redemption_and_refresh_are_one_script_each(quiet: World) -> None:
    service, client = await warm(quiet)
    counts = []
    for _ in range(2):  # the first time, a node may have to be shown the scripts
        link: Any = quiet.store.link
        before = link.commands_sent
        code = await quiet.code(service, client)
        made = (await quiet.redeem(service, client, code)).result
        await quiet.refresh(service, client, made["refresh_token"])
        counts.append(link.commands_sent - before)

    assert counts[1] == 3


async def test_revoking_all_of_a_user_is_one_script_however_many_tokens(quiet: World) -> None:
    service, client = await warm(quiet)
    for _ in range(10):
        await quiet.token(service, client, PASSWORD_DATA, user_context="alice")

    call = quiet.call("revokeUserApplication", about(service, client, user_context="alice"))

    assert await sent(quiet, call) == 1


async def test_revoking_and_changing_a_token_are_two_each(quiet: World) -> None:
    service, client = await warm(quiet)
    for _ in range(2):
        made = (await quiet.token(service, client, PASSWORD_DATA, user_context="alice")).result
        this = about(service, client, access_token=made["access_token"])

        change = await sent(quiet, quiet.call("updateAccessToken", {**this, "expires_in": 60}))
        end = await sent(quiet, quiet.call("revokeAccessToken", this))

    assert (change, end) == (2, 2)


async def test_listing_is_two_reads_in_one_write(quiet: World, monkeypatch: pytest.MonkeyPatch) -> None:
    service, client = await warm(quiet)
    for _ in range(10):
        await quiet.token(service, client, PASSWORD_DATA, user_context="alice")
    writes = count_writes(monkeypatch)

    assert await sent(quiet, quiet.call("fetchUserApplications", [service.key, "alice"])) == 2
    assert writes == [2]


def count_writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many commands each write holds from now on."""
    from redis.asyncio.connection import AbstractConnection  # noqa: PLC0415

    real, writes = AbstractConnection.send_packed_command, []

    async def counted(connection: AbstractConnection, command: list[bytes], **options: Any) -> None:
        writes.append(len(command))
        await real(connection, command, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)
    return writes


async def test_a_client_that_may_not_is_refused_without_asking_the_store(quiet: World) -> None:
    service, client = await warm(quiet)
    link: Any = quiet.store.link
    before = link.commands_sent

    refused = await quiet.call(
        "createAccessToken",
        {
            "service_key": service.key,
            "client": {"client_id": client.client_id, "client_secret": "wrong"},
            "token_data": {"grant_type": "client_credentials"},
            "uri": {"redirect_uri": HTTPS},
        },
    )

    assert refused.error
    assert link.commands_sent == before


async def test_a_text_that_is_none_of_ours_is_not_looked_up(quiet: World) -> None:
    service, _ = await warm(quiet)
    link: Any = quiet.store.link
    before = link.commands_sent

    for text in ("", "x", "A" * 44, "a" * 43, "a" * 45, "a" * 44 + "\n", "é" * 44):
        assert (await quiet.fetch(service, text)).status != 500

    assert link.commands_sent == before
