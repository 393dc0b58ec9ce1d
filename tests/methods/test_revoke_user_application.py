"""oauth2.revokeUserApplication: the end of everything that an application has of a user."""

from __future__ import annotations

from mashery_oauth.dialects import CLOUD
from mashery_oauth.models import Application, Service
from tests.world import Answer, World


async def revoke(world: World, service: Service, client: Application, user: str = "anna") -> Answer:
    """Revokes all that a client has of a user."""
    return await world.call("revokeUserApplication", [service.key, {"client_id": client.client_id}, user])


async def test_answers_true_also_where_there_is_nothing(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.call(
        "revokeUserApplication",
        [service.key, {"client_id": client.client_id}, "nobody"],
        dialect=CLOUD,
        version="1.0",
    )

    assert answer.body == b'{"result":true,"error":null,"id":1}'


async def test_kills_access_tokens_refresh_tokens_and_unused_codes(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    made = (await world.redeem(service, client, await world.code(service, client, "anna"))).result
    by_password = (await world.token(service, client, {"grant_type": "password"}, user_context="anna")).result
    code = await world.code(service, client, "anna")

    answer = await world.call(
        "revokeUserApplication",
        {"service_key": service.key, "client": {"client_id": client.client_id}, "user_context": "anna"},
    )

    assert answer.result is True
    assert (await world.fetch(service, [made["access_token"], by_password["access_token"]])).result == []
    assert (await world.refresh(service, client, made["refresh_token"])).oauth["error"] == "invalid_grant"
    assert (await world.refresh(service, client, by_password["refresh_token"])).oauth["error"] == "invalid_grant"
    assert (await world.redeem(service, client, code)).error["message"] == "Invalid authorization code"


async def test_leaves_other_users_clients_and_services_alone(world: World) -> None:
    service, other = await world.add_service(), await world.add_service()
    client, neighbour = await world.add_application(service, other), await world.add_application(service)
    kept = [
        (at, (await world.token(at, whose, {"grant_type": "password"}, user_context=user)).result["access_token"])
        for at, whose, user in ((service, client, "bertha"), (service, neighbour, "anna"), (other, client, "anna"))
    ]

    await revoke(world, service, client)

    assert [await world.is_alive(at, token) for at, token in kept] == [True, True, True]


async def test_what_is_made_afterwards_lives(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    await revoke(world, service, client)

    made = (await world.redeem(service, client, await world.code(service, client, "anna"))).result

    assert await world.is_alive(service, made["access_token"])
    assert (await world.refresh(service, client, made["refresh_token"])).result


async def test_does_it_again(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    tokens = []
    for _ in range(3):
        made = await world.token(service, client, {"grant_type": "password"}, user_context="anna")
        tokens.append(made.result["access_token"])
        await revoke(world, service, client)

    listed = await world.call("fetchUserApplications", [service.key, "anna", "inactive"])

    assert set(listed.result[0]["access_tokens"]) == set(tokens)


async def test_a_token_that_was_given_to_the_user_dies_too(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    made = (await world.token(service, client, {"grant_type": "password"}, user_context="bertha")).result
    credentials = {"client_id": client.client_id}
    params = [service.key, credentials, made["access_token"], None, None, "anna"]
    await world.call("updateAccessToken", params)

    await revoke(world, service, client)

    assert not await world.is_alive(service, made["access_token"])
    assert (await world.refresh(service, client, made["refresh_token"])).oauth["error"] == "invalid_grant"


async def test_an_unknown_client_has_nothing(one_world: World) -> None:
    service = await one_world.add_service()

    answer = await one_world.call("revokeUserApplication", [service.key, {"client_id": "nobody"}, "anna"])

    assert answer.error["message"] == "Invalid client identifier"
