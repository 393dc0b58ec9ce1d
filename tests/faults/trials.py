"""One call with one fault, and everything that must hold of it afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence

from mashery_oauth.store.texts import random_letters
from tests.effort import tally
from tests.waiting import until
from tests.wire.test_store_trouble import check_retryable
from tests.world import World

from .calls import Call
from .creating import CREATING
from .proxy import Fault
from .stage import Lane, Trial, tried
from .using import USING

CALLS = (*CREATING, *USING)
SLACK = 3.0  # seconds; the machine has other things to do

Work = Callable[[Lane], Awaitable[None]]


async def on_each(free: Sequence[Lane], work: Iterable[Work]) -> None:
    """Does all of the work, one piece at a time on each lane."""
    queue = iter(list(work))

    async def labour(lane: Lane) -> None:
        for piece in queue:
            await piece(lane)

    ends = await asyncio.gather(*(labour(lane) for lane in free), return_exceptions=True)
    for end in ends:
        if end is not None:
            raise end


def trial(call: Call, fault: Fault, at: int, *, lasting: bool) -> Work:
    """One call with one fault, and everything that must hold."""

    async def run(lane: Lane) -> None:
        given = await call.given(lane)
        found = await tried(lane, lambda world: call.act(world, given), fault, at, lasting=lasting)
        try:
            assert lane.plan.hits
            out_of_time = lane.witness is lane.maker and found.took >= lane.promise.seconds  # the second time by chance
            sent_again = not lasting and fault in lane.promise.sent_again
            check_honest(found, sent_again=sent_again and (found.succeeded or not out_of_time))
            assert found.most <= lane.promise.deliveries
            assert found.took < lane.promise.seconds + SLACK
            await call.check(lane.witness, given, found)
            await until(lambda: recovers(lane.world))
        except Exception as error:
            error.add_note(f"{call.name}, command {at} {fault.name}{', and all that follow' if lasting else ''}")
            raise
        tally("faults injected into a call's commands", len(lane.plan.hits))

    return run


async def recovers(world: World) -> bool:
    """Whether the worker reaches its store again, by itself."""
    answer = await world.call("fetchUserApplications", [random_letters(24), "user"])
    return answer.status != 503


def check_honest(found: Trial, *, sent_again: bool) -> None:
    """A command that is lost once is sent again, and nobody notices; else the caller is told to try again."""
    if sent_again:
        assert found.succeeded, found.answer.body
    else:
        check_retryable(found.answer)
