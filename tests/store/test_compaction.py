"""A user's marks stay small however many grants are revoked, and what was revoked stays so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mashery_oauth.models import Application, Service
from mashery_oauth.store import compaction, keys
from tests.effort import tally, times
from tests.flows.calls import Members, granted, listed, messages, names, revoke, revoke_user
from tests.world import World

from .burying import ENTRY, MANY, REST, TOGETHER, buried, bury, end, grants, in_batches, living, marks, raw_marks

GRANTS = 150  # each way, on each store
Way = Callable[[World, Service, Application, Members], Awaitable[list[Members]]]


async def by_access_token(world: World, service: Service, client: Application, grant: Members) -> list[Members]:
    await revoke(world, service, client, grant["access_token"])
    return [grant]


async def by_refresh_token(world: World, service: Service, client: Application, grant: Members) -> list[Members]:
    following = (await world.refresh(service, client, grant["refresh_token"])).result
    await revoke(world, service, client, following["refresh_token"])
    return [grant, following]


async def by_reuse(world: World, service: Service, client: Application, grant: Members) -> list[Members]:
    following = (await world.refresh(service, client, grant["refresh_token"])).result
    assert messages([await world.refresh(service, client, grant["refresh_token"])]) == {"Invalid refresh token"}
    return [grant, following]


async def by_replay(world: World, service: Service, client: Application, grant: Members) -> list[Members]:
    assert messages([await world.redeem(service, client, grant["code"])]) == {"Invalid authorization code"}
    return [grant]


async def with_code(world: World, service: Service, client: Application) -> Members:
    """A grant with the code that it was made of."""
    code = await world.code(service, client)
    return {**(await world.redeem(service, client, code)).result, "code": code}


def tag_of(world: World, service: Service) -> str:
    return world.store.texts.tag_of_user(service.id, "user")


def shown(world: World, made: list[Members], policy: dict[str, Any]) -> set[str]:
    """How a list shows tokens: their texts, or handles where texts are not derived."""
    places = {each["access_token"]: world.store.texts.locate(each["access_token"]) for each in made}
    return {world.store.texts.handle(place) if policy else text for text, place in places.items() if place}


@pytest.mark.parametrize("way", [by_access_token, by_refresh_token, by_reuse, by_replay], ids=lambda way: way.__name__)
async def test_hundreds_of_ended_grants_leave_small_marks_and_no_living_token(world: World, way: Way) -> None:
    await check_small_and_dead(world, way)


async def test_the_same_where_texts_are_not_derived(one_world: World) -> None:
    await check_small_and_dead(one_world, by_access_token, secure_tokens=True)


async def check_small_and_dead(world: World, way: Way, **policy: Any) -> None:
    """Many grants come and go one way; nothing of them works, and those that stay do."""
    service = await world.add_service("rfc6749", refresh_grace=0, inactive_retention=60, **policy)
    client = await world.add_application(service)
    kept = await grants(world, service, client, 5)
    sizes: list[int] = []

    async def come_and_go(_: int) -> list[Members]:
        ended = await way(world, service, client, await with_code(world, service, client))
        sizes.append(len(await raw_marks(world, tag_of(world, service))))
        return ended

    ended = [each for made in await in_batches(come_and_go, range(times(GRANTS))) for each in made]

    tally("grants that were ended one after the other", len(sizes))
    assert max(sizes) <= REST + ENTRY * (MANY + 3 * TOGETHER)
    assert await living(world, service, [each["access_token"] for each in [*kept, *ended]]) == {
        each["access_token"] for each in kept
    }
    refused = await in_batches(lambda each: world.refresh(service, client, each["refresh_token"]), ended)
    assert messages(refused) == {"Invalid refresh token"}
    assert all("error" in answer.json for answer in refused)
    assert set(await listed(world, service)) == shown(world, kept, policy)
    assert set(await listed(world, service, status="inactive")) == shown(world, ended, policy)
    refreshed = await in_batches(lambda each: world.refresh(service, client, each["refresh_token"]), kept)
    assert all("result" in answer.json for answer in refreshed)


async def test_one_after_the_other_never_more_are_named_than_the_bound(one_world: World) -> None:
    service = await one_world.add_service("rfc6749")
    client = await one_world.add_application(service)
    counts = []

    for _ in range(2 * MANY + 2):
        await end(one_world, service, client, [await granted(one_world, service, client)])
        counts.append(len(await buried(one_world, service)))

    assert max(counts) == MANY
    assert counts[MANY] == counts[2 * MANY + 1] == 0
    assert (await marks(one_world, service)).keys() == {"s"}


async def test_a_grant_of_very_many_tokens_is_ended_by_several_scripts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "TOKENS", 7)
    monkeypatch.setattr(compaction, "GRANTS", 5)
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    kept, *made = await grants(world, service, client, MANY + 2)
    chain = [made[MANY // 2]]
    for _ in range(30):
        chain.append((await world.refresh(service, client, chain[-1]["refresh_token"])).result)
    made[MANY // 2] = chain[-1]

    await end(world, service, client, made)

    assert await buried(world, service) == set()
    every = [kept["access_token"], *(each["access_token"] for each in [*made, *chain])]
    assert await living(world, service, every) == {kept["access_token"]}


async def test_a_code_that_comes_again_when_its_grant_is_named_no_longer_is_refused(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = [await with_code(world, service, client) for _ in range(3)]
    await end(world, service, client, made)
    await bury(world, service, client)

    again = [await world.redeem(service, client, each["code"]) for each in made * 2]
    await bury(world, service, client)

    assert messages(again) == {"Invalid authorization code"}
    assert all("error" in answer.json for answer in again)
    assert await living(world, service, [each["access_token"] for each in made]) == set()
    assert len(await buried(world, service)) <= MANY + TOGETHER


async def test_a_retry_within_the_grace_window_is_refused_when_its_grant_is_named_no_longer(world: World) -> None:
    service = await world.add_service("rfc6749", refresh_grace=300)
    client = await world.add_application(service)
    code = await with_code(world, service, client)
    following = (await world.refresh(service, client, code["refresh_token"])).result
    await world.redeem(service, client, code["code"])  # a replay, which leaves the answer of the refresh where it is

    await bury(world, service, client)
    retried = await world.refresh(service, client, code["refresh_token"])

    assert messages([retried]) == {"Invalid refresh token"}
    assert await living(world, service, [code["access_token"], following["access_token"]]) == set()


async def test_a_call_that_is_repeated_with_its_key_gets_its_old_answer_and_no_living_token(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    params = names(service, client, token_data={"grant_type": "password"}, user_context="user")
    headers = {"Idempotency-Key": "key"}
    made = (await world.call("createAccessToken", params, headers=headers)).result
    await end(world, service, client, [made])

    before = (await world.call("createAccessToken", params, headers=headers)).result
    await bury(world, service, client)
    after = (await world.call("createAccessToken", params, headers=headers)).result

    assert before == after == made
    assert await living(world, service, [made["access_token"]]) == set()
    assert messages([await world.refresh(service, client, made["refresh_token"])]) == {"Invalid refresh token"}


async def test_what_was_ended_is_still_dead_to_its_client_and_is_ended_again_without_a_mark(world: World) -> None:
    service = await world.add_service("rfc6749")
    client, other = await world.add_application(service), await world.add_application(service)
    made = (await bury(world, service, client))[0]
    named = await buried(world, service)

    again = [await revoke(world, service, client, made[name]) for name in ("access_token", "refresh_token")]
    foreign = [await revoke(world, service, other, made[name]) for name in ("access_token", "refresh_token")]
    update = await world.call("updateAccessToken", names(service, client, access_token=made["access_token"], scope="a"))

    assert [answer.result for answer in again] == [True, True]
    assert [answer.result for answer in foreign] == [False, False]
    assert update.error["message"] == "Unable to update token"
    assert await buried(world, service) == named


async def test_tokens_of_a_counted_client_without_a_user_are_ended_in_the_same_way(world: World) -> None:
    service = await world.add_service("rfc6749", token_cap=1000)
    client = await world.add_application(service)
    kept = await granted(world, service, client, None)

    made = await bury(world, service, client, user=None)

    tag = world.store.texts.tag_of_client(service.id, client.id)
    assert len(await raw_marks(world, tag)) <= REST + ENTRY * (MANY + 3 * TOGETHER)
    assert await living(world, service, [each["access_token"] for each in [kept, *made]]) == {kept["access_token"]}


async def test_grants_of_nobody_have_marks_of_their_own(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)

    made = await bury(world, service, client, user=None)

    places = [world.store.texts.locate(each["access_token"]) for each in made]
    sizes = [len(await raw_marks(world, place.tag)) for place in places if place]
    assert len(sizes) == len(made)
    assert max(sizes) <= REST + ENTRY
    assert await living(world, service, [each["access_token"] for each in made]) == set()


async def test_other_marks_of_the_user_are_kept_and_for_as_long_as_before(world: World) -> None:
    service = await world.add_service("rfc6749")
    client, other = await world.add_application(service), await world.add_application(service)
    before = await granted(world, service, other)
    await revoke_user(world, service, other)
    key = keys.marks(tag_of(world, service))
    life = await world.store.link.run(key, "PTTL", key)

    await bury(world, service, client)

    assert len(await buried(world, service)) <= TOGETHER
    assert (await marks(world, service))["a"]
    assert await world.store.link.run(key, "PTTL", key) > life - 60_000
    assert await living(world, service, [before["access_token"]]) == set()
