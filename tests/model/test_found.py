"""What the model, and thinking about it, has found: each as the shortest way there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.models import Application
from mashery_oauth.store.tokens import Tokens
from tests.flows.calls import are_alive, granted, listed, password, revoke, revoke_user, update
from tests.world import World

from .ageing import let_pass

GIVEN = 20


async def end_all_of(world: World, application: Application) -> None:
    """Raises an application's mark: what it was issued is dead."""
    await world.write(replace(application, revoked_before=world.store.configuration.version + 1))


async def test_a_list_calls_dead_what_an_applications_mark_has_ended(world: World) -> None:
    """Found by the model: the list knew nothing of marks on application, service and site."""
    service = await world.add_service()
    client = await world.add_application(service)
    token = (await password(world, service, client)).result["access_token"]

    await end_all_of(world, client)

    assert not await world.is_alive(service, token)
    assert await listed(world, service) == []
    assert await listed(world, service, status="inactive") == [token]


async def test_an_old_refresh_token_ends_its_grant_when_its_grace_was_switched_off(world: World) -> None:
    """Found by reading: the answer kept for the generation before was still there, and could not be opened."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client)
    second = (await world.refresh(service, client, first["refresh_token"])).result
    await world.set_policy(service, refresh_grace=0)
    third = (await world.refresh(service, client, second["refresh_token"])).result

    again = await world.refresh(service, client, second["refresh_token"])

    assert again.oauth["error"] == "invalid_grant"
    assert not await world.is_alive(service, third["access_token"])


async def test_a_revoked_grant_stays_dead_when_its_refresh_token_had_ended_before(world: World) -> None:
    """Found by reading: the mark lasted as long as the token that was named, and the younger ones lived again."""
    service = await world.add_service("rfc6749", refresh_idle_ttl=100)
    client = await world.add_application(service)
    first = await granted(world, service, client)
    await let_pass(world, [first], 50)
    second = (await world.refresh(service, client, first["refresh_token"])).result
    await let_pass(world, [first, second], 200)
    await revoke(world, service, client, first["access_token"])

    before = await world.is_alive(service, second["access_token"])
    await let_pass(world, [first, second], 3600 - 220)
    another = (await password(world, service, client)).result
    await revoke(world, service, client, another["access_token"])
    after = await world.is_alive(service, second["access_token"])

    assert (before, after) == (False, False)


async def test_a_scope_that_a_token_has_already_becomes_its_grants(world: World) -> None:
    """Found by the model: an update that changed nothing of the token changed nothing of its grant."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, scope="read write")
    second = (await world.refresh(service, client, first["refresh_token"], scope="read")).result

    await update(world, service, client, second["access_token"], scope="read")
    third = (await world.refresh(service, client, second["refresh_token"])).result

    assert third["scope"] == "read"


async def test_a_user_who_has_a_token_already_gets_its_grant(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, "ann")
    second = (await world.refresh(service, client, first["refresh_token"])).result
    await update(world, service, client, second["access_token"], user_context="bob")

    await update(world, service, client, first["access_token"], user_context="ann")
    third = (await world.refresh(service, client, second["refresh_token"])).result
    await revoke_user(world, service, client, "ann")

    assert third["user_context"] == "ann"
    assert not await world.is_alive(service, third["access_token"])


async def test_a_token_extended_while_it_is_given_is_reached_by_its_new_users_revocation(world: World) -> None:
    """Found by reading: who pointed last with a shorter life made the new user's list forget the token too soon."""
    service = await world.add_service(
        "rfc6749", flows=frozenset({"password"}), access_ttl=100, secure_tokens=True, inactive_retention=0
    )
    client = await world.add_application(service)
    made = [(await password(world, service, client, f"user {number}")).result for number in range(GIVEN)]

    await asyncio.gather(
        *(
            update(world, service, client, each["access_token"], user_context="owner", **more)
            for each in made
            for more in ({"expires_in": 3600}, {}, {})
        )
    )
    await let_pass(world, made, 200, (service, "owner"))
    await update(
        world, service, client, (await password(world, service, client)).result["access_token"], user_context="owner"
    )
    alive = await are_alive(world, service, [each["access_token"] for each in made])
    await revoke_user(world, service, client, "owner")

    assert any(alive)
    assert not any(await are_alive(world, service, [each["access_token"] for each in made]))


async def test_a_refresh_that_could_not_be_listed_is_listed_when_it_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by reading: the retry was told the first answer, and the new token stayed out of its user's list."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, "ann")
    await update(world, service, client, first["access_token"], user_context="bob")

    async def lost(*_: Any) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(Tokens, "point", lost)
        refused = await world.refresh(service, client, first["refresh_token"])
    second = (await world.refresh(service, client, first["refresh_token"])).result

    assert refused.status == 503
    assert sorted(await listed(world, service, "bob")) == sorted([first["access_token"], second["access_token"]])


async def test_a_list_tells_of_a_token_that_was_given_to_a_user_who_has_got_another_since(world: World) -> None:
    """Found by the model: where one token is allowed, the list called the given one dead, which works all the same."""
    service = await world.add_service(allow_multiple_tokens=False)
    client = await world.add_application(service)
    given = (await password(world, service, client, "ann")).result["access_token"]
    await update(world, service, client, given, user_context="bob")

    own = (await password(world, service, client, "bob")).result["access_token"]

    assert await are_alive(world, service, [given, own]) == [True, True]
    assert sorted(await listed(world, service, "bob")) == sorted([given, own])


async def test_what_an_applications_mark_has_ended_makes_room_under_the_cap(world: World) -> None:
    service = await world.add_service(token_cap=1)
    client = await world.add_application(service)
    await password(world, service, client)

    await end_all_of(world, client)
    answer = await password(world, service, client)

    assert answer.result["access_token"]


async def test_a_revoked_token_that_was_given_to_a_user_makes_room_under_the_cap(world: World) -> None:
    service = await world.add_service(token_cap=1)
    client = await world.add_application(service)
    token = (await password(world, service, client, "ann")).result["access_token"]
    await update(world, service, client, token, user_context="bob")

    await revoke(world, service, client, token)
    answer = await password(world, service, client, "bob")

    assert answer.result["access_token"]


async def test_a_token_that_went_on_to_another_user_makes_room_under_the_cap(world: World) -> None:
    service = await world.add_service(token_cap=1)
    client = await world.add_application(service)
    token = (await password(world, service, client, "ann")).result["access_token"]
    await update(world, service, client, token, user_context="bob")

    await update(world, service, client, token, user_context="cyd")
    answer = await password(world, service, client, "bob")

    assert answer.result["access_token"]
