"""Services that keep no token's text, not even to derive it: lists show handles, which end a token and never use it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World

from .calls import granted, listed, names, password, revoke, revoke_user, update


@pytest.mark.keeps("DOT-1736")
async def test_lists_handles_that_name_tokens_without_being_one(world: World) -> None:
    service = await world.add_service("rfc6749", secure_tokens=True)
    client = await world.add_application(service)
    made = [(await password(world, service, client)).result["access_token"] for _ in range(3)]

    handles = await listed(world, service)

    assert len(set(handles)) == 3
    assert all(handle.startswith("sha256:") for handle in handles)
    assert not any(token[:12] in handle for token in made for handle in handles)
    assert all([await world.is_alive(service, token) for token in made])


async def test_a_handle_ends_its_token_and_the_grant(world: World) -> None:
    service = await world.add_service("rfc6749", secure_tokens=True)
    client = await world.add_application(service)
    made = await granted(world, service, client)
    (handle,) = await listed(world, service)

    revoked = await revoke(world, service, client, handle)

    assert revoked.result is True
    assert not await world.is_alive(service, made["access_token"])
    assert (await world.refresh(service, client, made["refresh_token"])).oauth["error"] == "invalid_grant"
    assert await listed(world, service) == []


async def test_a_handle_ends_nothing_for_another_client(world: World) -> None:
    service = await world.add_service("rfc6749", secure_tokens=True)
    client, other = await world.add_application(service), await world.add_application(service)
    made = await granted(world, service, client)
    (handle,) = await listed(world, service)

    revoked = await revoke(world, service, other, handle)

    assert revoked.result is False
    assert await world.is_alive(service, made["access_token"])


@pytest.mark.parametrize(
    "token_data",
    [
        {"grant_type": "authorization_code", "code": None},
        {"grant_type": "refresh_token", "refresh_token": None},
    ],
    ids=["code", "refresh-token"],
)
async def test_a_handle_buys_no_token(world: World, token_data: dict[str, Any]) -> None:
    service = await world.add_service("rfc6749", secure_tokens=True)
    client = await world.add_application(service)
    await granted(world, service, client)
    (handle,) = await listed(world, service)
    data = {name: handle if value is None else value for name, value in token_data.items()}

    found = await world.token(service, client, data)

    assert found.oauth["error"] == "invalid_grant"


async def test_a_handle_can_be_neither_fetched_nor_updated(world: World) -> None:
    service = await world.add_service("rfc6749", secure_tokens=True)
    client = await world.add_application(service)
    await granted(world, service, client)
    (handle,) = await listed(world, service)

    fetched, in_list = await world.fetch(service, handle), await world.fetch(service, [handle])
    updated = await update(world, service, client, handle, scope="more")

    assert fetched.error["message"] == "Invalid Access Token"
    assert in_list.result == []
    assert updated.error["message"] == "Unable to update token"


async def test_a_moved_token_is_listed_by_its_handle(world: World) -> None:
    service = await world.add_service("rfc6749", secure_tokens=True)
    client = await world.add_application(service)
    made = await granted(world, service, client)
    (before,) = await listed(world, service)

    await update(world, service, client, made["access_token"], user_context="another")
    (after,) = await listed(world, service, "another")
    revoked = await revoke(world, service, client, after)

    assert after == before
    assert await listed(world, service) == []
    assert revoked.result is True
    assert not await world.is_alive(service, made["access_token"])


async def test_refresh_and_revocation_of_the_user_work_as_elsewhere(world: World) -> None:
    service = await world.add_service("rfc6749", secure_tokens=True)
    client = await world.add_application(service)
    first = await granted(world, service, client)

    second = (await world.refresh(service, client, first["refresh_token"])).result
    before = await listed(world, service)
    await revoke_user(world, service, client)

    assert len(before) == 2
    assert await listed(world, service) == []
    assert not await world.is_alive(service, second["access_token"])


async def test_tokens_from_before_the_switch_are_listed_as_they_were(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    plain = await granted(world, service, client)

    await world.set_policy(service, secure_tokens=True)
    await granted(world, service, client)
    shown = await world.call("fetchUserApplications", names(service, client, user_context="user"))

    tokens = shown.result[0]["access_tokens"]
    assert len(tokens) == 2
    assert plain["access_token"] in tokens
    assert [token for token in tokens if token.startswith("sha256:")]
