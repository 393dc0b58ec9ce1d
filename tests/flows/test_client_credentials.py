"""The client acts for itself."""

from __future__ import annotations

import pytest

from tests.world import World

from .calls import listed, revoke

OWN = {"grant_type": "client_credentials"}


async def test_gives_a_token_that_can_be_fetched(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)

    made = await world.token(service, client, {"grant_type": "client_credentials", "scope": "read"})
    fetched = await world.fetch(service, made.result["access_token"])

    assert fetched.result["client_id"] == client.client_id
    assert fetched.result["grant_type"] == "client_credentials"
    assert fetched.result["scope"] == "read"


async def test_gives_each_call_a_token_of_its_own(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)

    tokens = [(await world.token(service, client, OWN)).result["access_token"] for _ in range(3)]

    assert len(set(tokens)) == 3
    assert [await world.is_alive(service, token) for token in tokens] == [True] * 3


async def test_is_valid_at_its_own_service_alone(world: World) -> None:
    service, elsewhere = await world.add_service("rfc6749"), await world.add_service("rfc6749")
    client = await world.add_application(service, elsewhere)

    token = (await world.token(service, client, OWN)).result["access_token"]

    assert await world.is_alive(service, token)
    assert not await world.is_alive(elsewhere, token)


async def test_has_a_user_where_the_provider_names_one(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)

    token = (await world.token(service, client, OWN, user_context="user")).result["access_token"]

    assert (await world.fetch(service, token)).result["user_context"] == "user"
    assert await listed(world, service) == [token]


@pytest.mark.keeps("D16-52")
async def test_can_be_refreshed_in_draft16(world: World) -> None:
    service = await world.add_service("draft16")
    client = await world.add_application(service)
    first = (await world.token(service, client, OWN | {"scope": "read"})).result

    second = (await world.refresh(service, client, first["refresh_token"])).result

    assert second["scope"] == "read"
    assert second["user_context"] is None
    assert (await world.fetch(service, second["access_token"])).result["grant_type"] == "client_credentials"


async def test_ends_with_its_refresh_token_in_draft16(world: World) -> None:
    service = await world.add_service("draft16")
    client = await world.add_application(service)
    made = (await world.token(service, client, OWN)).result

    revoked = await revoke(world, service, client, made["refresh_token"])

    assert revoked.result is True
    assert not await world.is_alive(service, made["access_token"])


async def test_gets_the_default_scope_where_none_is_asked_for(one_world: World) -> None:
    service = await one_world.add_service("rfc6749", default_scopes=("read", "list"))
    client = await one_world.add_application(service)

    made = await one_world.token(service, client, OWN)

    assert made.result["scope"] == "read list"
