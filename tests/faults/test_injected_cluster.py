"""The same on a cluster, where a command is sent again until it finds its node or a bound is reached."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mashery_oauth.store import cluster
from tests.effort import EFFORT
from tests.servers import three_masters

from .calls import Call
from .injected import CUT_AFTER, CUT_BEFORE, ERRORS, FAST, TRYAGAIN
from .stage import Lane, cluster_lane
from .trials import CALLS, on_each, trial

PATIENT = 10.0  # seconds for one exchange
IMPATIENT = 0.2  # seconds that redirections are followed

pytestmark = pytest.mark.asyncio(loop_scope="module")
calls = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name.replace(" ", "-"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lane() -> AsyncIterator[Lane]:
    """A worker that follows redirections for a fifth of a second, at lines to three masters."""
    with pytest.MonkeyPatch.context() as patch, three_masters() as url:
        patch.setattr(cluster, "PATIENCE", IMPATIENT)
        async with cluster_lane(url, PATIENT) as made:
            yield made


@calls
async def test_a_command_that_is_lost_once_is_sent_again(lane: Lane, call: Call) -> None:
    chosen = [
        (at, fault)
        for at in range(1, call.commands + 1)
        for number, fault in enumerate(FAST)
        if EFFORT > 1 or fault is CUT_AFTER or number == at % len(FAST)
    ]

    await on_each([lane], (trial(call, fault, at, lasting=False) for at, fault in chosen))


@calls
async def test_an_error_of_a_node_is_followed_or_an_outage(lane: Lane, call: Call) -> None:
    start = CALLS.index(call)
    chosen = [
        (at, error)
        for at in range(1, call.commands + 1)
        for number, error in enumerate(ERRORS)
        if EFFORT > 1 or number == (at + start) % len(ERRORS)
    ]

    await on_each([lane], (trial(call, error, at, lasting=False) for at, error in chosen))


@calls
async def test_a_cluster_that_stays_away_is_an_outage(lane: Lane, call: Call) -> None:
    faults = (CUT_BEFORE, CUT_AFTER, TRYAGAIN) if EFFORT > 1 else ((CUT_AFTER, TRYAGAIN)[CALLS.index(call) % 2],)
    places = range(1, call.commands + 1) if EFFORT > 1 else (call.commands,)

    await on_each([lane], (trial(call, fault, at, lasting=True) for at in places for fault in faults))
