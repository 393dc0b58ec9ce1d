"""A command that was given up, sent again and answered arrives after all, when what it made has been used already."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from mashery_oauth.store import lifetimes
from tests.effort import tally, times
from tests.flows.calls import listed, revoke, update
from tests.world import Answer, World

from .calls import Call, Given, check_all_dead, check_one_grant
from .creating import CREATING
from .injected import CUT_AFTER, LATE
from .stage import Lane, held_up, lanes, tried

pytestmark = pytest.mark.asyncio(loop_scope="module")
BY_NAME: dict[str, Call] = {call.name: call for call in CREATING}
CODE, EXCHANGE, REFRESH, CLIENT, PASSWORD = (
    BY_NAME[name]
    for name in (
        "createAuthorizationCode",
        "createAccessToken: authorization_code",
        "createAccessToken: refresh_token",
        "createAccessToken: client_credentials",
        "createAccessToken: password",
    )
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lane(single_url: str) -> AsyncIterator[Lane]:
    """A worker that waits less than a second for its store."""
    async with lanes(single_url, 1, 0.7, promised=1.4) as made:
        yield made[0]


async def late(lane: Lane, given: Given, act: Callable[[World, Given], Awaitable[Answer]], at: int) -> Any:
    """The result of a call whose last command was sent again because the first one did not arrive; it still will."""
    found = await held_up(lane, lambda world: act(world, given), LATE, at)
    assert lane.plan.hits
    tally("commands that arrived after their repetition had been used")
    return found.result


@pytest.mark.parametrize("turn", range(times(1)))
async def test_a_code_that_was_used_stays_used(lane: Lane, turn: int) -> None:
    """Found by this test: the late command made the code anew, and it could be redeemed once more."""
    given = await CODE.given(lane)
    code = (await late(lane, given, CODE.act, CODE.commands))["code"]
    made = (await lane.maker.redeem(given.service, given.client, code)).result

    await lane.plan.let_go()

    again = await lane.maker.redeem(given.service, given.client, code)
    assert again.error["message"] == "Invalid authorization code"
    await check_all_dead(lane.maker, given, made)


@pytest.mark.parametrize("turn", range(times(1)))
@pytest.mark.parametrize("call", [CLIENT, PASSWORD, EXCHANGE, REFRESH], ids=lambda call: call.name)
async def test_a_token_that_was_revoked_stays_revoked(lane: Lane, call: Call, turn: int) -> None:
    """Found by this test: the late command wrote a token without a user over its own revocation."""
    given = await call.given(lane)
    token = (await late(lane, given, call.act, call.commands))["access_token"]
    assert (await revoke(lane.maker, given.service, given.client, token)).result is True

    await lane.plan.let_go()

    assert not await lane.maker.is_alive(given.service, token)
    assert await listed(lane.maker, given.service) == []


@pytest.mark.parametrize("turn", range(times(1)))
async def test_a_code_that_comes_twice_late_leaves_its_grant_alone(lane: Lane, turn: int) -> None:
    given = await EXCHANGE.given(lane)
    made = await late(lane, given, EXCHANGE.act, EXCHANGE.commands)

    await lane.plan.let_go()

    await check_one_grant(lane.maker, given, made)


@pytest.mark.parametrize("turn", range(times(1)))
async def test_a_refresh_token_whose_successor_was_used_is_no_stolen_one(lane: Lane, turn: int) -> None:
    given = await REFRESH.given(lane)
    following = await late(lane, given, REFRESH.act, REFRESH.commands)
    last = (await lane.maker.refresh(given.service, given.client, following["refresh_token"])).result

    await lane.plan.let_go()

    assert await lane.maker.is_alive(given.service, last["access_token"])
    assert (await lane.maker.refresh(given.service, given.client, last["refresh_token"])).result


@pytest.mark.parametrize("turn", range(times(1)))
async def test_a_change_does_not_undo_the_next_one(lane: Lane, turn: int) -> None:
    """Found by this test: what had been changed there and back again was changed once more."""
    given = await REFRESH.given(lane)
    token = given.texts["access_token"]

    async def narrow(world: World, given: Given) -> Answer:
        return await update(world, given.service, given.client, token, scope="read")

    assert (await late(lane, given, narrow, 5))["scope"] == "read"
    assert (await update(lane.maker, given.service, given.client, token, scope="read write")).result

    await lane.plan.let_go()

    assert (await lane.maker.fetch(given.service, token)).result["scope"] == "read write"


@pytest.mark.parametrize("turn", range(times(1)))
@pytest.mark.parametrize("call", [EXCHANGE, REFRESH], ids=lambda call: call.name)
async def test_a_repetition_is_answered_though_its_token_has_ended_meanwhile(lane: Lane, call: Call, turn: int) -> None:
    given = await call.given(lane)
    ended: list[str | None] = []

    async def end_what_is_listed() -> None:
        before = given.texts.get("access_token")
        (token,) = [token for token in await listed(lane.maker, given.service) if token != before]
        ended.append(await lifetimes.end(lane.maker.store, token))

    lane.plan.between = end_what_is_listed
    found = await tried(lane, lambda world: call.act(world, given), CUT_AFTER, call.commands)

    assert ended == [lifetimes.ACCESS]
    assert not found.succeeded or not await lane.maker.is_alive(given.service, found.result["access_token"])
    assert found.succeeded or found.answer.error["error"]["error"] == "invalid_grant", found.answer.body


@pytest.mark.parametrize("turn", range(times(1)))
@pytest.mark.parametrize("revocation", ["token", "grant"])
@pytest.mark.parametrize("call", [EXCHANGE, REFRESH], ids=lambda call: call.name)
async def test_a_repetition_is_answered_though_its_token_was_revoked_meanwhile(
    lane: Lane, call: Call, revocation: str, turn: int
) -> None:
    """Found by this test: it was told as a fault of ours, as a dead record does not say what the answer needs."""
    given = await replace(call, policy={"revocation": revocation}).given(lane)
    revoked: list[bool] = []

    async def revoke_what_is_listed() -> None:
        before = given.texts.get("access_token")
        (token,) = [token for token in await listed(lane.maker, given.service) if token != before]
        revoked.append((await revoke(lane.maker, given.service, given.client, token)).result)

    lane.plan.between = revoke_what_is_listed
    found = await tried(lane, lambda world: call.act(world, given), CUT_AFTER, call.commands)

    assert revoked == [True]
    assert not found.succeeded or not await lane.maker.is_alive(given.service, found.result["access_token"])
    assert found.succeeded or found.answer.error["error"]["error"] == "invalid_grant", found.answer.body
