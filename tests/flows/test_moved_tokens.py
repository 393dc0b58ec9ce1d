"""A token that updateAccessToken gave to another user: whose it is, who may end it, what becomes of its grant."""

from __future__ import annotations

from typing import Any

from mashery_oauth.models import Application, Service
from tests.waiting import token_expired
from tests.world import World

from .calls import are_alive, at_once, granted, listed, revoke, revoke_user, successes, update

OLD, NEW, NEXT = "old-user", "new-user", "next-user"


async def moved(
    world: World, service: Service, client: Application, user: str | None = OLD, to: str = NEW
) -> dict[str, Any]:
    """A grant of one user whose token was given to another."""
    made = await granted(world, service, client, user, scope="read")
    assert (await update(world, service, client, made["access_token"], user_context=to)).result["user_context"] == to
    return made


async def test_is_listed_under_its_new_user_alone(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await moved(world, service, client)

    old, new = await listed(world, service, OLD), await listed(world, service, NEW)

    assert (old, new) == ([], [made["access_token"]])
    assert (await world.fetch(service, made["access_token"])).result["user_context"] == NEW


async def test_can_be_given_to_a_user_where_it_had_none(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await moved(world, service, client, None)

    before = await listed(world, service, NEW)
    await revoke_user(world, service, client, NEW)

    assert before == [made["access_token"]]
    assert not await world.is_alive(service, made["access_token"])


async def test_is_revoked_by_its_new_user_and_not_by_the_old(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await moved(world, service, client)

    await revoke_user(world, service, client, OLD)
    after_old = await world.is_alive(service, made["access_token"])
    await revoke_user(world, service, client, NEW)
    after_new = await world.is_alive(service, made["access_token"])

    assert (after_old, after_new) == (True, False)
    assert (await world.refresh(service, client, made["refresh_token"])).oauth["error"] == "invalid_grant"
    assert await listed(world, service, NEW) == []


async def test_another_client_of_the_new_user_does_not_end_it(world: World) -> None:
    service = await world.add_service("rfc6749")
    client, other = await world.add_application(service), await world.add_application(service)
    made = await moved(world, service, client)

    await revoke_user(world, service, other, NEW)

    assert await world.is_alive(service, made["access_token"])


async def test_keeps_its_new_user_through_a_refresh(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await moved(world, service, client)

    second = (await world.refresh(service, client, first["refresh_token"])).result
    tokens = [first["access_token"], second["access_token"]]

    assert second["user_context"] == NEW
    assert (await world.fetch(service, second["access_token"])).result["user_context"] == NEW
    assert sorted(await listed(world, service, NEW)) == sorted(tokens)
    assert await listed(world, service, OLD) == []
    await revoke_user(world, service, client, NEW)
    assert await are_alive(world, service, tokens) == [False, False]
    assert (await world.refresh(service, client, second["refresh_token"])).oauth["error"] == "invalid_grant"


async def test_keeps_its_new_scope_through_a_refresh(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, scope="read write")

    await update(world, service, client, first["access_token"], scope="read")
    second = (await world.refresh(service, client, first["refresh_token"])).result

    assert second["scope"] == "read"


async def test_belongs_to_the_last_user_that_it_was_given_to(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await moved(world, service, client)
    await update(world, service, client, made["access_token"], user_context=NEXT)

    lists = [await listed(world, service, user) for user in (OLD, NEW, NEXT)]
    await revoke_user(world, service, client, NEW)
    after_middle = await world.is_alive(service, made["access_token"])
    await revoke_user(world, service, client, NEXT)
    after_last = await world.is_alive(service, made["access_token"])

    assert lists == [[], [], [made["access_token"]]]
    assert (after_middle, after_last) == (True, False)


async def test_can_be_given_back(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await moved(world, service, client)
    await update(world, service, client, made["access_token"], user_context=OLD)

    lists = [await listed(world, service, user) for user in (OLD, NEW)]
    await revoke_user(world, service, client, NEW)
    after_new = await world.is_alive(service, made["access_token"])
    await revoke_user(world, service, client, OLD)
    after_old = await world.is_alive(service, made["access_token"])

    assert lists == [[made["access_token"]], []]
    assert (after_new, after_old) == (True, False)
    assert (await world.refresh(service, client, made["refresh_token"])).oauth["error"] == "invalid_grant"


async def test_its_refresh_token_dies_with_the_new_users_revocation_when_it_has_expired_itself(world: World) -> None:
    service = await world.add_service("rfc6749", access_ttl=1, inactive_retention=0)
    client = await world.add_application(service)
    made = await moved(world, service, client)
    await token_expired(world.store, made["access_token"])

    await revoke_user(world, service, client, NEW)
    refreshed = await world.refresh(service, client, made["refresh_token"])

    assert refreshed.oauth["error"] == "invalid_grant"


async def test_its_refresh_token_dies_with_the_new_users_revocation_when_it_was_revoked_alone(world: World) -> None:
    service = await world.add_service("rfc6749", revocation="token")
    client = await world.add_application(service)
    made = await moved(world, service, client)
    await revoke(world, service, client, made["access_token"])

    await revoke_user(world, service, client, NEW)
    refreshed = await world.refresh(service, client, made["refresh_token"])

    assert refreshed.oauth["error"] == "invalid_grant"


async def test_is_still_ended_by_its_new_user_after_its_lifetime_was_extended(world: World) -> None:
    service = await world.add_service("rfc6749", access_ttl=1, inactive_retention=0)
    client = await world.add_application(service)
    made, short = await moved(world, service, client), await granted(world, service, client, OLD)
    await update(world, service, client, made["access_token"], expires_in=3600)
    await token_expired(world.store, short["access_token"])

    before = await listed(world, service, NEW)
    await revoke_user(world, service, client, NEW)

    assert before == [made["access_token"]]
    assert not await world.is_alive(service, made["access_token"])


async def test_its_refresh_token_survives_the_old_users_revocation(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await moved(world, service, client)

    await revoke_user(world, service, client, OLD)
    refreshed = await world.refresh(service, client, made["refresh_token"])

    assert await world.is_alive(service, refreshed.result["access_token"])


async def test_can_be_refreshed_as_often_as_any_other(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    token = (await moved(world, service, client))["refresh_token"]

    for _ in range(120):
        token = (await world.refresh(service, client, token)).result["refresh_token"]

    assert len(await listed(world, service, NEW)) == 121


async def test_many_refreshes_at_once_leave_one_successor_with_its_new_user(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await moved(world, service, client)

    answers = await at_once(lambda: world.refresh(service, client, first["refresh_token"]))
    found = successes(answers)

    assert len(found) == len(answers)
    assert all(each == found[0] for each in found)
    assert sorted(await listed(world, service, NEW)) == sorted([first["access_token"], found[0]["access_token"]])


async def test_is_refused_to_an_update_by_who_it_no_longer_concerns(world: World) -> None:
    service = await world.add_service("rfc6749")
    client, other = await world.add_application(service), await world.add_application(service)
    made = await moved(world, service, client)

    refused = await update(world, service, other, made["access_token"], user_context=NEXT)

    assert refused.error["message"] == "Unable to update token"
    assert await listed(world, service, NEXT) == []


async def test_an_update_of_another_token_of_the_grant_leaves_the_grant_with_its_new_user(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    first = (await world.token(service, client, {"grant_type": "password"}, user_context="alice")).result
    second = (await world.refresh(service, client, first["refresh_token"])).result
    key, credentials = service.key, {"client_id": client.client_id}

    await world.call("updateAccessToken", [key, credentials, second["access_token"], None, None, "bob"])
    await world.call("updateAccessToken", [key, credentials, first["access_token"], "read"])
    third = (await world.refresh(service, client, second["refresh_token"])).result

    assert third["user_context"] == "bob"
    assert third["scope"] == "read"
