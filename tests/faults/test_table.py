"""The documentation's table of faults, row by row: what every method answers, how soon, and whether it is ready."""

from __future__ import annotations

import asyncio
import csv
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mashery_oauth.methods import METHODS
from tests.effort import tally
from tests.flows.calls import password
from tests.servers import kept_node
from tests.waiting import until
from tests.wire.conftest import world_at
from tests.wire.test_store_trouble import check_retryable
from tests.world import Answer, World

from .calls import Call, Given
from .proxy import Plan, proxy_to
from .stage import LONG, Lane, Promise, world_behind
from .trials import CALLS, SLACK
from .troubles import TROUBLES, Store, Trouble

TABLE = Path(__file__).parents[2] / "docs" / "faults.csv"
with TABLE.open() as file:
    HEADER, *LINES = list(csv.reader(file))
ROWS: dict[str, dict[str, str]] = {line[0]: dict(zip(HEADER[1:], line[1:], strict=True)) for line in LINES}
IN_TIME = {"at once": 0, "once": 1, "twice": 2}  # times the store's time-out
READY_IN_TIME = 2.5  # seconds, whatever the time-out


@asynccontextmanager
async def lane(trouble: Trouble) -> AsyncIterator[tuple[Lane, Store]]:
    """A worker with a store to itself."""
    with kept_node() as server:
        plan = Plan()
        async with (
            proxy_to(server.url, plan) as proxy,
            world_at(server.url, max_config_age=LONG) as maker,
            world_behind(maker, proxy.url, trouble.timeout, trouble.max_config_age) as world,
        ):
            yield Lane(world, maker, world, plan, Promise(frozenset(), 2, 0)), Store(server, plan)


async def known(lane: Lane, call: Call) -> Given:
    """What a call needs, at a service and a client that the worker knows already."""
    given = await call.given(lane)
    made = await password(lane.world, given.service, given.client, "somebody else")
    assert (await lane.world.fetch(given.service, made.result["access_token"])).result
    return given


async def timed(call: Call, world: World, given: Given) -> tuple[Answer, float]:
    """An answer, and the seconds that it took."""
    started = time.monotonic()
    answer = await call.act(world, given)
    return answer, time.monotonic() - started


async def readiness(world: World) -> tuple[str, float]:
    """Whether the worker says that it is ready, and the seconds that it took to say so."""
    started = time.monotonic()
    async with world.http.get("/readyz") as response:
        return {200: "yes", 503: "no"}[response.status], time.monotonic() - started


async def refused_for_age(world: World, call: Call, given: Given) -> None:
    """Returns when what the worker knows of the configuration is too old."""

    async def is_refused() -> bool:
        return (await call.act(world, given)).status == 503

    await until(is_refused)


def check(answer: Answer, said: str) -> None:
    """An answer is the one that the table says."""
    if said == "answers":
        assert answer.result is not None
    else:
        assert said == "503"
        check_retryable(answer)


def test_the_table_has_a_column_for_every_method_and_a_row_for_every_trouble() -> None:
    wanted = [name.removeprefix("oauth2.") for name in METHODS if name.startswith("oauth2.")]

    assert HEADER[1:-2] == wanted
    assert list(ROWS) == list(TROUBLES)
    assert {call.name.partition(":")[0].partition(" ")[0] for call in CALLS} == set(wanted)


@pytest.mark.parametrize("name", ROWS)
async def test_answers_as_the_table_says_and_recovers_by_itself(name: str) -> None:
    trouble, row = TROUBLES[name], ROWS[name]
    look = next(call for call in CALLS if call.name == "fetchApplication")
    async with lane(trouble) as (worker, store):
        world = worker.world
        given = {call.name: await known(worker, call) for call in CALLS}
        async with trouble.make(store):
            if trouble.known_too_old:
                await refused_for_age(world, look, given[look.name])

            found: list[Any] = await asyncio.gather(*(timed(call, world, given[call.name]) for call in CALLS))
            ready, ready_took = await readiness(world)

            for call, (answer, took) in zip(CALLS, found, strict=True):
                check(answer, row[call.name.partition(":")[0].partition(" ")[0]])
                assert took < IN_TIME[row["Within"]] * trouble.timeout + SLACK, call.name
            assert ready == row["Ready"]
            assert ready_took < READY_IN_TIME + SLACK
            tally("calls made while the store was in trouble", len(CALLS))

        after = await known(worker, look)
        assert (await readiness(world))[0] == "yes"
        assert (await look.act(world, after)).result
