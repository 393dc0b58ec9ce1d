"""oauth2.revokeAccessToken: the end of one token, and of the grant behind it."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD, LOCAL_V2, LOCAL_V3, Dialect
from mashery_oauth.models import Application, Service
from tests.waiting import token_expired
from tests.world import SECRET, Answer, World


async def revoke(world: World, service: Service, client: Application, token: str) -> Answer:
    """Revokes with the identifier alone."""
    return await world.call("revokeAccessToken", [service.key, {"client_id": client.client_id}, token])


async def by_code(world: World, service: Service, client: Application) -> Any:
    """A token and a refresh token of a user."""
    return (await world.redeem(service, client, await world.code(service, client, "anna"))).result


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (CLOUD, b'{"jsonrpc":"2.0","result":true,"id":1}'),
        (LOCAL_V2, b'{"jsonrpc":"2.0","id":1,"result":true}'),
        (LOCAL_V3, b'{"jsonrpc":"2.0","id":1,"result":true}'),
    ],
)
async def test_answers_true(one_world: World, dialect: Dialect, expected: bytes) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    token = (await by_code(one_world, service, client))["access_token"]
    named = {"service_key": service.key, "client": {"client_id": client.client_id}, "access_token": token}

    answer = await one_world.call("revokeAccessToken", named, dialect=dialect)

    assert answer.body == expected
    assert not await one_world.is_alive(service, token)


async def test_answers_true_again(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    token = (await by_code(world, service, client))["access_token"]

    answers = [await revoke(world, service, client, token) for _ in range(3)]

    assert [answer.result for answer in answers] == [True, True, True]


@pytest.mark.parametrize("token", ["x", "a" * 44, "a" * 60, "sha256:" + "a" * 34])
async def test_an_unknown_token_is_not_dead_but_was_never_there(one_world: World, token: str) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await revoke(one_world, service, client, token)

    assert answer.result is False


async def test_a_token_of_another_client_or_service_stays(world: World) -> None:
    service, other = await world.add_service(), await world.add_service()
    owner, thief = await world.add_application(service, other), await world.add_application(service, other)
    made = await by_code(world, service, owner)
    token, refresh = made["access_token"], made["refresh_token"]

    answers = [
        await revoke(world, service, thief, token),
        await revoke(world, other, owner, token),
        await revoke(world, service, thief, refresh),
        await revoke(world, other, owner, refresh),
    ]

    assert [answer.result for answer in answers] == [False] * 4
    assert await world.is_alive(service, token)
    assert (await world.refresh(service, owner, refresh)).result


async def test_kills_the_refresh_token_too(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    made = await by_code(world, service, client)

    await revoke(world, service, client, made["access_token"])
    refreshed = await world.refresh(service, client, made["refresh_token"])

    assert refreshed.error["message"] == "Invalid refresh token"


async def test_kills_what_a_refresh_made_of_the_same_grant(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    first = await by_code(world, service, client)
    second = (await world.refresh(service, client, first["refresh_token"])).result

    await revoke(world, service, client, second["access_token"])

    assert not await world.is_alive(service, first["access_token"])


async def test_leaves_other_grants_alone(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    one, other = await by_code(world, service, client), await by_code(world, service, client)

    await revoke(world, service, client, one["access_token"])

    assert await world.is_alive(service, other["access_token"])
    assert (await world.refresh(service, client, other["refresh_token"])).result


async def test_leaves_the_refresh_token_where_the_service_says_so(world: World) -> None:
    service = await world.add_service(revocation="token")
    client = await world.add_application(service)
    made = await by_code(world, service, client)

    answer = await revoke(world, service, client, made["access_token"])
    refreshed = await world.refresh(service, client, made["refresh_token"])

    assert answer.result is True
    assert not await world.is_alive(service, made["access_token"])
    assert refreshed.result["access_token"]


@pytest.mark.parametrize("revocation", ["grant", "token"])
async def test_a_refresh_token_takes_its_grant_with_it(world: World, revocation: str) -> None:
    service = await world.add_service(revocation=revocation)
    client = await world.add_application(service)
    made = await by_code(world, service, client)

    first = await revoke(world, service, client, made["refresh_token"])
    again = await revoke(world, service, client, made["refresh_token"])
    refreshed = await world.refresh(service, client, made["refresh_token"])

    assert (first.result, again.result) == (True, True)
    assert not await world.is_alive(service, made["access_token"])
    assert refreshed.error["message"] == "Invalid refresh token"


async def test_an_expired_token_is_not_there_any_more(world: World) -> None:
    service = await world.add_service(access_ttl=1, flows=frozenset({"client_credentials"}))
    client = await world.add_application(service)
    token = (await world.token(service, client, {"grant_type": "client_credentials"})).result["access_token"]
    await token_expired(world.store, token)

    answer = await revoke(world, service, client, token)

    assert answer.result is False


@pytest.mark.parametrize(
    ("credentials", "message"),
    [
        ({}, "Client identifier is required"),
        ({"client_id": "nobody"}, "Invalid client identifier"),
        ({"client_secret": "wrong"}, "Invalid client credentials"),
    ],
)
async def test_a_client_that_is_not_who_it_says_revokes_nothing(
    world: World, credentials: dict[str, str], message: str
) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    token = (await by_code(world, service, client))["access_token"]
    claimed = {"client_id": client.client_id} | credentials if credentials else {}

    answer = await world.call("revokeAccessToken", [service.key, claimed, token])

    assert answer.error["message"] == message
    assert await world.is_alive(service, token)


async def test_a_right_secret_does_no_harm(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    token = (await by_code(one_world, service, client))["access_token"]
    credentials = {"client_id": client.client_id, "client_secret": SECRET}

    answer = await one_world.call("revokeAccessToken", [service.key, credentials, token])

    assert answer.result is True
