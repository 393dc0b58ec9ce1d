"""What must stay in a user's marks, because tokens live that the user's index does not show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import orjson
import pytest
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.models import Application, Service
from mashery_oauth.store.compaction import Compaction
from tests.flows.calls import granted, messages, password, revoke, update
from tests.model.ageing import let_pass
from tests.world import Answer, World

from .burying import (
    MANY,
    TOGETHER,
    buried,
    bury,
    chain,
    client_of,
    end,
    family_of,
    give,
    grants,
    living,
    raw_marks,
    texts,
)
from .test_rotation import NEW, reopened

RAIL = 10


async def test_a_token_that_a_full_index_has_left_out_stays_dead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    service, client = await client_of(world)
    with monkeypatch.context() as low:
        low.setattr("mashery_oauth.store.issuing.RAIL", RAIL)
        made = await chain(world, service, client, await granted(world, service, client), 2 * RAIL)
    before = await living(world, service, texts(made))

    await end(world, service, client, made[-1:])
    others = await bury(world, service, client)

    assert before == set(texts(made))
    assert family_of(world, made[0]) in await buried(world, service)
    assert await living(world, service, texts([*made, *others])) == set()


async def by_code(world: World, service: Service, client: Application) -> Answer:
    """A token by the authorization_code flow, whatever the answer."""
    return await world.redeem(service, client, await world.code(service, client))


@pytest.mark.parametrize("asked", [password, by_code], ids=["by password", "by code"])
async def test_a_token_that_was_swept_out_of_a_full_index_stays_dead_though_there_was_no_room_for_another(
    world: World, asked: Callable[[World, Service, Application], Awaitable[Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, client = await client_of(world)
    made = await granted(world, service, client)
    for _ in range(RAIL):
        given = await granted(world, service, client, "giver")
        await give(world, service, client, given, "user")
    await revoke(world, service, client, made["refresh_token"])
    with monkeypatch.context() as low:
        low.setattr("mashery_oauth.store.issuing.RAIL", RAIL)
        refused = await asked(world, service, client)

    await bury(world, service, client)

    assert messages([refused]) == {"Token limit reached"}
    assert family_of(world, made) in await buried(world, service)
    assert await living(world, service, texts([made])) == set()


async def test_a_token_that_was_swept_out_to_make_room_stays_dead(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, client = await client_of(world)
    made = await chain(world, service, client, await granted(world, service, client), RAIL - 1)
    await end(world, service, client, made[-1:])
    with monkeypatch.context() as low:
        low.setattr("mashery_oauth.store.issuing.RAIL", RAIL)
        assert "result" in (await password(world, service, client)).json

    await bury(world, service, client)

    assert await living(world, service, texts(made)) == set()


async def test_a_token_that_is_not_in_the_index_and_was_given_a_longer_life_stays_dead(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, client = await client_of(one_world, access_ttl=600)
    with monkeypatch.context() as low:
        low.setattr("mashery_oauth.store.issuing.RAIL", RAIL)
        made = await chain(one_world, service, client, await granted(one_world, service, client), RAIL)
    first = made[0]["access_token"]
    assert "result" in (await update(one_world, service, client, first, expires_in=3600)).json
    await let_pass(one_world, made, 700)
    before = await living(one_world, service, texts(made))

    await end(one_world, service, client, made[-1:])
    await one_world.set_policy(service, access_ttl=3600)
    await bury(one_world, service, client)

    assert before == {first}
    assert await living(one_world, service, [first]) == set()


@pytest.mark.parametrize("by", ["access_token", "refresh_token"])
async def test_a_grant_that_was_given_away_stays_dead_and_does_not_hold_up_the_others(world: World, by: str) -> None:
    service, client = await client_of(world)
    made = [await granted(world, service, client)]
    await give(world, service, client, made[0])
    made = await chain(world, service, client, made[0], 3)
    before = await living(world, service, texts(made))

    assert (await revoke(world, service, client, made[-1][by])).result is True
    await bury(world, service, client)

    assert before == set(texts(made))
    named = await buried(world, service)
    assert family_of(world, made[0]) in named
    assert len(named) <= MANY + TOGETHER
    assert await living(world, service, texts(made)) == set()
    assert messages([await world.refresh(service, client, made[-1]["refresh_token"])]) == {"Invalid refresh token"}


async def test_a_token_that_was_given_away_stays_dead_when_its_grant_came_back_with_another_one(world: World) -> None:
    service, client = await client_of(world)
    first, second = await chain(world, service, client, await granted(world, service, client), 1)
    await give(world, service, client, first)
    assert "result" in (await update(world, service, client, second["access_token"], user_context="user")).json
    made = await chain(world, service, client, second, 1)

    await end(world, service, client, made[-1:])
    await bury(world, service, client)

    assert await living(world, service, texts([first, *made])) == set()


async def test_a_token_that_was_given_back_stays_dead(world: World) -> None:
    service, client = await client_of(world)
    made = await granted(world, service, client)
    await give(world, service, client, made)
    await give(world, service, client, made, "user")

    await end(world, service, client, [made])
    await bury(world, service, client)

    assert len(await buried(world, service)) <= TOGETHER
    assert await living(world, service, texts([made])) == set()


async def test_a_token_that_was_given_away_stays_dead_when_its_grant_has_no_record(world: World) -> None:
    service, client = await client_of(world)
    await world.set_policy(service, flows=service.policy.flows - {"refresh_token"})
    code = await world.code(service, client)
    made = (await world.redeem(service, client, code)).result
    await give(world, service, client, made)
    before = await living(world, service, [made["access_token"]])

    replayed = await world.redeem(service, client, code)
    others = await bury(world, service, client)

    assert "refresh_token" not in made
    assert before == {made["access_token"]}
    assert messages([replayed]) == {"Invalid authorization code"}
    assert await living(world, service, texts([made, *others])) == set()


@pytest.mark.parametrize("then", ["as it is", "refreshed", "given a longer life"])
async def test_a_token_that_was_given_away_stays_dead_when_its_grants_record_ends_before_it(
    world: World, then: str
) -> None:
    idle, life = {"as it is": (600, 3600), "refreshed": (None, 3600), "given a longer life": (600, 300)}[then]
    service, client = await client_of(world, refresh_idle_ttl=idle, access_ttl=life)
    code = await world.code(service, client)
    made = [(await world.redeem(service, client, code)).result]
    await give(world, service, client, made[0])
    if then == "refreshed":
        service = await world.set_policy(service, refresh_idle_ttl=600)
        made = await chain(world, service, client, made[0], 1)
    if then == "given a longer life":
        assert "result" in (await update(world, service, client, made[0]["access_token"], expires_in=3600)).json
    await let_pass(world, made, 700)
    service = await world.set_policy(service, refresh_idle_ttl=3600, access_ttl=3600)
    before = await living(world, service, texts(made))

    replayed = await world.redeem(service, client, code)
    await bury(world, service, client)

    assert before == set(texts(made))
    assert messages([replayed]) == {"Invalid authorization code"}
    assert await living(world, service, texts(made)) == set()


async def test_a_token_whose_text_cannot_be_derived_any_more_stays_dead(
    world: World, store_url: str, aiohttp_client: AiohttpClient
) -> None:
    service, client = await client_of(world)
    made = await grants(world, service, client, MANY + 1)

    async with reopened(world, store_url, (NEW,), aiohttp_client) as after:
        await after.write(replace(world.caller, password=after.store.ring.hash(world.password)))
        public = [service.key, {"client_id": client.client_id}]
        for each in made:
            assert (await after.call("revokeAccessToken", [*public, each["refresh_token"]])).result is True

        assert len(await buried(after, service)) == MANY + 1
        assert await living(after, service, texts(made)) == set()


@pytest.mark.parametrize("off", [set(), {"refresh_token"}], ids=["refreshable", "not refreshable"])
async def test_a_grant_of_nobody_which_is_in_no_list_stays_dead(world: World, off: set[str]) -> None:
    service, client = await client_of(world)
    await world.set_policy(service, flows=service.policy.flows - off)
    code = await world.code(service, client, None)
    made = (await world.redeem(service, client, code)).result
    await world.redeem(service, client, code)
    place = world.store.texts.locate(made["access_token"])
    assert place is not None
    (family,) = orjson.loads(await raw_marks(world, place.tag))["g"]

    await Compaction(world.store.link, world.store.texts, world.store.ring).end(place.tag, [family.encode()])

    assert await living(world, service, texts([made])) == set()
