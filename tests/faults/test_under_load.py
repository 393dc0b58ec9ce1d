"""The store is killed, stands still or forgets its scripts while calls run: every answer that was given stays true."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.effort import tally, times
from tests.servers import Kept, kept_node
from tests.store.trouble import process_of, stalled
from tests.waiting import until
from tests.wire.conftest import world_at
from tests.world import World

from .traffic import Traffic, traffic

CALLERS = 5
QUICK = 0.3  # seconds for one exchange


async def it_is_killed(server: Kept, load: Traffic) -> None:
    server.kill()
    await outage(load)
    server.start()


async def it_stands_still(server: Kept, load: Traffic) -> None:
    """What was sent meanwhile is carried out when it goes on, after those who asked were told to try again."""
    with stalled(process_of(server.url)):
        await outage(load)


async def outage(load: Traffic) -> None:
    """Returns when every caller has been told to try again."""
    wanted = load.told_again + CALLERS

    async def told() -> bool:
        return load.told_again >= wanted

    await until(told)


@pytest.mark.parametrize("happens", [it_is_killed, it_stands_still])
async def test_nothing_that_was_answered_is_untrue_afterwards(
    happens: Callable[[Kept, Traffic], Awaitable[None]],
) -> None:
    with kept_node() as server:
        async with world_at(server.url, patience=QUICK) as world:
            load = await traffic(world)

            async with load.running(CALLERS):
                for _ in range(times(2)):
                    await happens(server, load)
                    tally("outages of a store under load")

            assert load.lost == 0
            await load.check()


@pytest.mark.parametrize("turn", range(times(1)))
async def test_nobody_notices_that_the_store_forgets_its_scripts(world: World, turn: int) -> None:
    load = await traffic(world)

    async with load.running(CALLERS):
        for _ in range(30):
            await world.store.link.everywhere("SCRIPT", "FLUSH", "SYNC")
            tally("times that a store forgot its scripts under load")
            await asyncio.sleep(0.01)  # the pace of the harm, not a wait for anything

    assert load.told_again == 0
    await load.check()
