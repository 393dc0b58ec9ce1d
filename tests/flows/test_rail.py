"""The rail: how many tokens of one user at one service are listed, and what makes room under it."""

from __future__ import annotations

import pytest

from tests.world import World

from .calls import are_alive, granted, listed, messages, password, revoke, revoke_user, successes, update

RAIL = 10


@pytest.fixture(autouse=True)
def low_rail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user has a low number of tokens at most, so that a test can make them."""
    monkeypatch.setattr("mashery_oauth.store.issuing.RAIL", RAIL)


async def test_what_a_revocation_killed_makes_room_under_the_rail(world: World) -> None:
    """Found by a test: a user who had revoked 10,000 tokens got no new one until they would have ended."""
    service = await world.add_service("rfc6749")
    client, other = await world.add_application(service), await world.add_application(service)
    kept = (await password(world, service, other)).result["access_token"]
    made = [await password(world, service, client) for _ in range(RAIL)]
    await revoke_user(world, service, client)

    again = [await password(world, service, client) for _ in range(RAIL)]

    assert messages(made) == messages(again) == {"Token limit reached"}
    assert len(successes(made)) == len(successes(again)) == RAIL - 1
    assert sorted(await listed(world, service)) == sorted([kept, *(made["access_token"] for made in successes(again))])


async def test_what_died_with_its_grant_makes_room_under_the_rail(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    grant = await granted(world, service, client)
    for _ in range(RAIL - 1):
        grant = (await world.refresh(service, client, grant["refresh_token"])).result
    full = await password(world, service, client)
    await revoke(world, service, client, grant["access_token"])

    made = await password(world, service, client)

    assert full.error["message"] == "Token limit reached"
    assert await listed(world, service) == [made.result["access_token"]]


async def test_a_given_token_is_still_followed_after_the_list_was_swept(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    given = (await password(world, service, client, "giver")).result["access_token"]
    await update(world, service, client, given, user_context="user")
    for _ in range(RAIL - 1):
        await password(world, service, client)
    grants = [await granted(world, service, client, "giver") for _ in range(2)]
    await update(world, service, client, grants[0]["access_token"], user_context="user")
    await revoke_user(world, service, client, "giver")
    before = await are_alive(world, service, [given, grants[0]["access_token"], grants[1]["access_token"]])

    await revoke_user(world, service, client)
    made = await password(world, service, client)

    assert before == [True, True, False]
    assert await are_alive(world, service, [given, grants[0]["access_token"]]) == [False, False]
    assert made.result["access_token"]


async def test_a_refresh_is_never_refused_and_lists_no_more_than_the_rail(world: World) -> None:
    """Found by a test: refreshing never looked at the rail, so that a list could grow without bound."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    grants = [await granted(world, service, client)]

    for _ in range(2 * RAIL):
        grants.append((await world.refresh(service, client, grants[-1]["refresh_token"])).result)

    tokens = [grant["access_token"] for grant in grants]
    found = await listed(world, service)
    assert len(found) == RAIL
    assert set(found) <= set(tokens)  # the youngest, but for those that were made within one millisecond
    assert all(await are_alive(world, service, tokens))
    await revoke_user(world, service, client)
    assert not any(await are_alive(world, service, tokens))
