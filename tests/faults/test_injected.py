"""Every command of every call meets every fault: the answer is honest and in time, and nothing is half done."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.effort import EFFORT

from .calls import Call
from .injected import CUT_AFTER, ERRORS, FAST, SLOW
from .proxy import Fault
from .stage import Lane, lanes, tried
from .trials import CALLS, on_each, trial

QUICK, PATIENT = 0.5, 10.0  # seconds for one exchange: where time is to run out, and where it is not

pytestmark = pytest.mark.asyncio(loop_scope="module")
calls = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name.replace(" ", "-"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def patient(single_url: str) -> AsyncIterator[list[Lane]]:
    """A worker that no fault here keeps waiting: it notices them at once."""
    async with lanes(single_url, 1, PATIENT, promised=0) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quick(single_url: str) -> AsyncIterator[list[Lane]]:
    """Workers that wait half a second at most, many of them: waiting can be done together."""
    async with lanes(single_url, 24, QUICK, promised=2 * QUICK) as made:
        yield made


@calls
async def test_sends_as_many_commands_as_the_table_says(patient: list[Lane], call: Call) -> None:
    lane = patient[0]
    given = await call.given(lane)

    found = await tried(lane, lambda world: call.act(world, given), None)

    assert found.succeeded, found.answer.body
    assert lane.plan.sent == call.commands
    await call.check(lane.world, given, found)


@calls
@pytest.mark.parametrize("fault", FAST, ids=lambda fault: fault.name.replace(" ", "-"))
async def test_a_command_that_is_lost_once_is_sent_again(patient: list[Lane], call: Call, fault: Fault) -> None:
    """Found by this test: an answer that is none was told as a fault of ours, though nobody knew the outcome."""
    await on_each(patient, (trial(call, fault, at, lasting=False) for at in places(call, fault)))


@calls
@pytest.mark.parametrize("fault", FAST, ids=lambda fault: fault.name.replace(" ", "-"))
async def test_a_line_that_stays_lost_is_an_outage(patient: list[Lane], call: Call, fault: Fault) -> None:
    """Found by this test: a retry after half of a moved grant's refresh left its owner without the new token."""
    await on_each(patient, (trial(call, fault, at, lasting=True) for at in places(call, fault)))


@calls
async def test_an_error_of_the_store_is_an_outage(patient: list[Lane], call: Call) -> None:
    chosen = [
        (at, error, lasting)
        for at in range(1, call.commands + 1)
        for number, error in enumerate(ERRORS)
        for lasting in (False, True)
        if EFFORT > 1 or (number + at + CALLS.index(call)) % 5 == lasting * 2
    ]

    await on_each(patient, (trial(call, error, at, lasting=lasting) for at, error, lasting in chosen))


async def test_time_that_runs_out_is_an_outage_and_what_comes_late_does_no_harm(quick: list[Lane]) -> None:
    work = [
        trial(call, fault, at, lasting=lasting)
        for call in CALLS
        for at in range(1, call.commands + 1)
        for number, fault in enumerate(SLOW)
        for lasting in (False, True)
        if EFFORT > 1 or at == call.commands or (at + number + lasting) % 4 == 0
    ]

    await on_each(quick, work)


def places(call: Call, fault: Fault) -> list[int]:
    """The commands that meet a fault: at the least effort the last one, which decides, and some before it.

    All of them meet the one fault after which nobody can know what was done.
    """
    every = EFFORT > 1 or fault is CUT_AFTER
    return [at for at in range(1, call.commands) if every or (at + FAST.index(fault)) % 3 == 0] + [call.commands]
