"""The store fails while a user's marks are made small: the revocation is done, and told so."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mashery_oauth.models import Application, Service
from tests.effort import EFFORT, tally
from tests.flows.calls import Members, granted, listed, messages, revoke
from tests.store.burying import MANY, TOGETHER, buried, bury, living, texts
from tests.world import World

from .injected import CUT_AFTER, ERRORS, FAST, LATE, LOST, SENT_AGAIN
from .proxy import Fault
from .stage import Lane, held_up, lanes, tried

pytestmark = pytest.mark.asyncio(loop_scope="module")
QUICK = 0.5  # seconds
LISTING, ENDING = 2, 3  # the commands that follow the revocation's own
NOTICED = FAST + ERRORS if EFFORT > 1 else (CUT_AFTER, ERRORS[4])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lane(single_url: str) -> AsyncIterator[Lane]:
    """A worker at the end of a line that can be cut."""
    async with lanes(single_url, 1, 5, promised=10) as made:
        yield made[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quick(single_url: str) -> AsyncIterator[Lane]:
    """The same, but it waits half a second at most."""
    async with lanes(single_url, 1, QUICK, promised=2 * QUICK) as made:
        yield made[0]


async def on_the_brink(lane: Lane) -> tuple[Service, Application, list[Members], list[Members]]:
    """A user of whom as many grants were ended as are left in peace; those, and two that live."""
    service = await lane.maker.add_service("rfc6749")
    client = await lane.maker.add_application(service)
    kept = [await granted(lane.maker, service, client) for _ in range(2)]
    ended = await bury(lane.maker, service, client, MANY)
    assert messages([await lane.world.refresh(service, client, "a" * 60)]) == {"Invalid refresh token"}
    return service, client, ended, kept


async def check(world: World, service: Service, ended: list[Members], kept: list[Members]) -> None:
    """What was ended is dead, what was not lives."""
    assert await living(world, service, texts([*ended, *kept])) == set(texts(kept))
    assert set(await listed(world, service)) == set(texts(kept))


@pytest.mark.parametrize("at", [LISTING, ENDING], ids=["listing", "ending"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
async def test_a_revocation_is_done_and_told_so_whatever_befalls_what_follows_it(
    lane: Lane, at: int, *, lasting: bool
) -> None:
    for fault in NOTICED:
        await check_done(lane, fault, at, lasting=lasting)
        tally("revocations whose marks could not be made small")


async def check_done(lane: Lane, fault: Fault, at: int, *, lasting: bool) -> None:
    """A revocation after which the marks would be made small, with one fault; and what becomes of the marks then."""
    service, client, ended, (last, *kept) = await on_the_brink(lane)

    found = await tried(
        lane, lambda world: revoke(world, service, client, last["refresh_token"]), fault, at, lasting=lasting
    )

    assert lane.plan.hits, fault
    assert found.answer.json["result"] is True, fault
    await check(lane.maker, service, [*ended, last], kept)
    assert len(await buried(lane.maker, service)) == (0 if is_carried_out(fault, at, lasting=lasting) else MANY + 1)
    ended += await bury(lane.maker, service, client, MANY + 2)
    assert len(await buried(lane.maker, service)) <= TOGETHER
    await check(lane.maker, service, [*ended, last], kept)


def is_carried_out(fault: Fault, at: int, *, lasting: bool) -> bool:
    """Whether nothing is left undone: the worker sends the command again, or the store has it already."""
    return (not lasting and fault in SENT_AGAIN) or (at == ENDING and fault.arrives)


async def test_a_store_that_does_not_answer_holds_a_revocation_up_no_longer_than_any_call(quick: Lane) -> None:
    service, client, ended, (last, *kept) = await on_the_brink(quick)

    found = await tried(
        quick, lambda world: revoke(world, service, client, last["refresh_token"]), LOST, LISTING, lasting=True
    )

    assert found.answer.json["result"] is True
    assert found.took < quick.promise.seconds + 3
    await check(quick.maker, service, [*ended, last], kept)


async def test_what_ends_tokens_and_arrives_late_does_no_harm(quick: Lane) -> None:
    service, client, ended, (last, moved, *kept) = await on_the_brink_with_three(quick)
    code = await quick.maker.code(service, client)
    replayed = (await quick.maker.redeem(service, client, code)).result

    found = await held_up(quick, lambda world: revoke(world, service, client, last["refresh_token"]), LATE, ENDING)
    following = (await quick.maker.refresh(service, client, moved["refresh_token"])).result
    await quick.maker.redeem(service, client, code)
    await quick.plan.let_go()

    assert found.answer.json["result"] is True
    await check(quick.maker, service, [*ended, last, replayed], [moved, following, *kept])


async def on_the_brink_with_three(lane: Lane) -> tuple[Service, Application, list[Members], list[Members]]:
    """The same with three that live."""
    service, client, ended, kept = await on_the_brink(lane)
    return service, client, ended, [*kept, await granted(lane.maker, service, client)]
