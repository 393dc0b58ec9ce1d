"""A refresh token has one successor, however many ask; a retry gets the same answer, a stolen text kills the family."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.models import Application, Service
from tests.waiting import family_expired, grace_expired
from tests.world import World

from .calls import are_alive, at_once, granted, messages, revoke, revoke_user, successes


async def refreshed(world: World, service: Service, client: Application, refresh_token: str) -> dict[str, Any]:
    """A refresh that succeeds."""
    return dict((await world.refresh(service, client, refresh_token)).result)


async def is_refused(world: World, service: Service, client: Application, refresh_token: str) -> bool:
    """Whether a refresh token no longer works."""
    answer = await world.refresh(service, client, refresh_token)
    return answer.json.get("error") is not None and answer.oauth["error"] == "invalid_grant"


async def test_replaces_both_tokens_and_lets_the_old_access_token_live(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, scope="read")

    second = await refreshed(world, service, client, first["refresh_token"])

    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert (second["scope"], second["user_context"]) == ("read", "user")
    assert await are_alive(world, service, [first["access_token"], second["access_token"]]) == [True, True]


async def test_says_the_grants_first_flow_after_a_refresh_too(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await granted(world, service, client)

    token = (await refreshed(world, service, client, made["refresh_token"]))["access_token"]

    assert (await world.fetch(service, token)).result["grant_type"] == "authorization_code"


async def test_gives_one_successor_to_many_at_once(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client)

    answers = await at_once(lambda: world.refresh(service, client, first["refresh_token"]))

    found = successes(answers)
    assert len(found) == len(answers)
    assert all(each == found[0] for each in found)
    assert await world.is_alive(service, found[0]["access_token"])
    assert await refreshed(world, service, client, found[0]["refresh_token"])


async def test_gives_a_retry_the_same_answer_whatever_else_it_asks(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, scope="read write")

    second = await world.refresh(service, client, first["refresh_token"], scope="read")
    again = await world.refresh(service, client, first["refresh_token"])

    assert again.result == second.result


async def test_kills_the_family_of_a_token_two_generations_old(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = [await granted(world, service, client)]
    for _ in range(2):
        made.append(await refreshed(world, service, client, made[-1]["refresh_token"]))

    refused = await is_refused(world, service, client, made[0]["refresh_token"])

    assert refused
    assert await are_alive(world, service, [each["access_token"] for each in made]) == [False] * 3
    assert [await is_refused(world, service, client, each["refresh_token"]) for each in made[1:]] == [True, True]


async def test_kills_the_family_once_when_many_present_a_stolen_token(world: World) -> None:
    service = await world.add_service("rfc6749", refresh_grace=0)
    client = await world.add_application(service)
    first = await granted(world, service, client)
    second = await refreshed(world, service, client, first["refresh_token"])

    answers = await at_once(lambda: world.refresh(service, client, first["refresh_token"]))

    assert messages(answers) == {"Invalid refresh token"}
    assert successes(answers) == []
    assert not await world.is_alive(service, second["access_token"])
    assert await is_refused(world, service, client, second["refresh_token"])


async def test_a_stolen_token_that_races_its_successor_leaves_nothing_alive(world: World) -> None:
    service = await world.add_service("rfc6749", refresh_grace=0)
    client = await world.add_application(service)
    first = await granted(world, service, client)
    second = await refreshed(world, service, client, first["refresh_token"])

    stolen, right = await asyncio.gather(
        at_once(lambda: world.refresh(service, client, first["refresh_token"])),
        at_once(lambda: world.refresh(service, client, second["refresh_token"]), 1),
    )
    third = successes(right)

    assert successes(stolen) == []
    assert not any(await are_alive(world, service, [each["access_token"] for each in [first, second, *third]]))
    assert all([await is_refused(world, service, client, each["refresh_token"]) for each in [second, *third]])


async def test_kills_the_family_of_a_token_reused_after_its_grace(world: World) -> None:
    service = await world.add_service("rfc6749", refresh_grace=1)
    client = await world.add_application(service)
    first = await granted(world, service, client)
    second = await refreshed(world, service, client, first["refresh_token"])
    in_time = await refreshed(world, service, client, first["refresh_token"])
    await grace_expired(world.store, first["refresh_token"])

    refused = await is_refused(world, service, client, first["refresh_token"])

    assert in_time == second
    assert refused
    assert await are_alive(world, service, [first["access_token"], second["access_token"]]) == [False, False]
    assert await is_refused(world, service, client, second["refresh_token"])


async def test_another_client_or_service_cannot_kill_a_family(world: World) -> None:
    service, elsewhere = await world.add_service("rfc6749"), await world.add_service("rfc6749")
    client, thief = await world.add_application(service, elsewhere), await world.add_application(service)
    first = await granted(world, service, client)
    second = await refreshed(world, service, client, first["refresh_token"])

    refused = [
        await is_refused(world, service, thief, first["refresh_token"]),
        await is_refused(world, elsewhere, client, first["refresh_token"]),
    ]

    assert refused == [True, True]
    assert await world.is_alive(service, second["access_token"])
    assert await refreshed(world, service, client, second["refresh_token"])


async def _by_access_token(world: World, service: Service, client: Application, made: dict[str, Any]) -> None:
    await revoke(world, service, client, made["access_token"])


async def _by_refresh_token(world: World, service: Service, client: Application, made: dict[str, Any]) -> None:
    await revoke(world, service, client, made["refresh_token"])


async def _by_user(world: World, service: Service, client: Application, _: dict[str, Any]) -> None:
    await revoke_user(world, service, client)


async def _by_client(world: World, _: Service, client: Application, __: dict[str, Any]) -> None:
    await world.write(replace(client, revoked_before=world.store.configuration.version + 1))


async def _by_service(world: World, service: Service, _: Application, __: dict[str, Any]) -> None:
    await world.write(replace(service, revoked_before=world.store.configuration.version + 1))


async def _by_site(world: World, _: Service, __: Application, ___: dict[str, Any]) -> None:
    await world.write(replace(world.site, revoked_before=world.store.configuration.version + 1))


@pytest.mark.parametrize("end", [_by_access_token, _by_refresh_token, _by_user, _by_client, _by_service, _by_site])
async def test_grace_revives_nothing_that_was_revoked(world: World, end: Any) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client)
    second = await refreshed(world, service, client, first["refresh_token"])

    await end(world, service, client, second)

    assert await is_refused(world, service, client, first["refresh_token"])
    assert await is_refused(world, service, client, second["refresh_token"])
    assert await are_alive(world, service, [first["access_token"], second["access_token"]]) == [False, False]


async def test_grace_does_not_revive_a_token_revoked_without_its_grant(world: World) -> None:
    service = await world.add_service("rfc6749", revocation="token")
    client = await world.add_application(service)
    first = await granted(world, service, client)
    second = await refreshed(world, service, client, first["refresh_token"])

    await revoke(world, service, client, second["access_token"])
    await world.refresh(service, client, first["refresh_token"])

    assert await are_alive(world, service, [first["access_token"], second["access_token"]]) == [True, False]
    assert await refreshed(world, service, client, second["refresh_token"])


async def test_narrows_one_access_token_and_keeps_the_grant(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, scope="read write")

    wider = await world.refresh(service, client, first["refresh_token"], scope="read admin")
    narrow = await world.refresh(service, client, first["refresh_token"], scope="read")
    whole = await refreshed(world, service, client, narrow.result["refresh_token"])

    assert wider.oauth["error"] == "invalid_scope"
    assert narrow.result["scope"] == "read"
    assert whole["scope"] == "read write"


async def test_keeps_the_refresh_token_where_rotation_is_off(world: World) -> None:
    service = await world.add_service("rfc6749", refresh_rotation=False)
    client = await world.add_application(service)
    first = await granted(world, service, client)

    answers = await at_once(lambda: world.refresh(service, client, first["refresh_token"]))

    found = successes(answers)
    assert {each["refresh_token"] for each in found} == {first["refresh_token"]}
    assert len({each["access_token"] for each in found}) == len(answers)
    assert all(await are_alive(world, service, [each["access_token"] for each in found]))


async def test_ends_when_it_is_idle_for_too_long(world: World) -> None:
    service = await world.add_service("rfc6749", refresh_idle_ttl=1)
    client = await world.add_application(service)
    made = await granted(world, service, client)
    await family_expired(world.store, made["refresh_token"])

    refused = await is_refused(world, service, client, made["refresh_token"])

    assert refused
    assert await world.is_alive(service, made["access_token"])
