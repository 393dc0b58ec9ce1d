"""oauth2.fetchUserApplications: the applications that have tokens of a user."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mashery_oauth.dialects import CLOUD
from mashery_oauth.models import Application, Service
from tests.world import World


async def made(world: World, service: Service, client: Application, user: str = "anna") -> str:
    """A token of a user."""
    answer = await world.token(service, client, {"grant_type": "password"}, user_context=user)
    return str(answer.result["access_token"])


async def test_lists_an_application_with_its_tokens(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service, name="OAuth 2.0 Test App")
    token = await made(world, service, client)

    answer = await world.call("fetchUserApplications", [service.key, "anna"], dialect=CLOUD, version="1.0")

    assert (
        answer.body
        == (
            f'{{"result":[{{"id":{client.id},"name":"OAuth 2.0 Test App","client_id":"{client.client_id}",'
            f'"access_tokens":["{token}"]}}],"error":null,"id":1}}'
        ).encode()
    )


async def test_lists_each_application_once(world: World) -> None:
    service, other = await world.add_service(), await world.add_service()
    clients = [await world.add_application(service, other) for _ in range(2)]
    tokens = [[await made(world, service, client) for _ in range(3)] for client in clients]
    await made(world, other, clients[0])
    await made(world, service, clients[0], "bertha")

    answer = await world.call("fetchUserApplications", {"service_key": service.key, "user_context": "anna"})

    assert [found["id"] for found in answer.result] == [client.id for client in clients]
    assert [set(found["access_tokens"]) for found in answer.result] == [set(texts) for texts in tokens]


@pytest.mark.parametrize("status", ["active", "inactive", "all", None, ""])
async def test_there_is_nothing_of_an_unknown_user(one_world: World, status: str | None) -> None:
    service = await one_world.add_service()

    answer = await one_world.call("fetchUserApplications", [service.key, "nobody", status])

    assert answer.result == []


async def test_revoked_tokens_are_inactive(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    live, dead = await made(world, service, client), await made(world, service, client)
    await world.call("revokeAccessToken", [service.key, {"client_id": client.client_id}, dead])

    found = {
        status: (await world.call("fetchUserApplications", [service.key, "anna", status])).result
        for status in ("active", "inactive", "all", None)
    }

    texts = {status: {text for each in listed for text in each["access_tokens"]} for status, listed in found.items()}
    assert texts == {"active": {live}, "inactive": {dead}, "all": {live, dead}, None: {live, dead}}


async def test_an_application_without_such_tokens_is_left_out(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    await made(world, service, client)

    answer = await world.call("fetchUserApplications", [service.key, "anna", "inactive"])

    assert answer.result == []


async def test_tokens_of_a_disabled_application_are_inactive(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    token = await made(world, service, client)
    await world.write(replace(client, active=False))

    active = await world.call("fetchUserApplications", [service.key, "anna", "active"])
    inactive = await world.call("fetchUserApplications", [service.key, "anna", "inactive"])

    assert active.result == []
    assert [found["access_tokens"] for found in inactive.result] == [[token]]


async def test_a_token_without_a_user_is_in_nobodys_list(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    await world.token(service, client, {"grant_type": "client_credentials"})

    answer = await world.call("fetchUserApplications", [service.key, "null"])

    assert answer.result == []


async def test_secure_tokens_are_listed_by_handles_that_can_be_revoked(world: World) -> None:
    service = await world.add_service(secure_tokens=True)
    client = await world.add_application(service)
    token = await made(world, service, client)
    listed = await world.call("fetchUserApplications", [service.key, "anna"])
    (handle,) = listed.result[0]["access_tokens"]

    revoked = await world.call("revokeAccessToken", [service.key, {"client_id": client.client_id}, handle])

    assert handle.startswith("sha256:")
    assert revoked.result is True
    assert not await world.is_alive(service, token)


async def test_tokens_of_every_flow_with_a_user_are_listed(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    by_code = await world.redeem(service, client, await world.code(service, client, "anna"))
    refreshed = await world.refresh(service, client, by_code.result["refresh_token"])
    others = [
        await world.token(service, client, token_data, user_context="anna")
        for token_data in ({"grant_type": "implicit"}, {"grant_type": "password"}, {"grant_type": "client_credentials"})
    ]

    answer = await world.call("fetchUserApplications", [service.key, "anna", "active"])

    expected = {found.result["access_token"] for found in (by_code, refreshed, *others)}
    assert set(answer.result[0]["access_tokens"]) == expected


async def test_an_unknown_service_has_no_users(one_world: World) -> None:
    answer = await one_world.call("fetchUserApplications", ["none", "anna"])

    assert answer.error["message"] == "Unknown service key"
