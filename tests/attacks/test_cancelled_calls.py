"""Calls that are cancelled inside the service, while they wait for the store: nobody gets somebody else's answer.

What happened to redis-py as CVE-2023-28858: a cancelled caller left its answer in the connection for the next one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from mashery_oauth.connections import Handler
from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.routes import application
from mashery_oauth.rpc.door import DOORS
from mashery_oauth.rpc.protocol import Runner
from mashery_oauth.settings import Settings
from mashery_oauth.store import Store
from mashery_oauth.store.connection import connect
from tests.effort import tally, times

from .arena import MANY, Front, front_of, prepared
from .callers import Marked, call_and_hang_up, marked, refresh_and_hang_up
from .crowd import HOST, Crowd

WAVES = 12
STEPS = 2


class Cancelled:
    """Counts the calls that were cancelled on their way."""

    def __init__(self) -> None:
        self.count = 0

    def watching(self, handler: Handler) -> Handler:
        """The same handler, watched."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except asyncio.CancelledError:
                self.count += 1
                raise

        return handle


@asynccontextmanager
async def serving(store: Store, cancelled: Cancelled) -> AsyncIterator[Front]:
    """The service in this process, where a caller's end cancels the call."""
    arena = await prepared(store)
    app = application(store, Settings())
    app[DOORS].update({path: cancelled.watching(door) for path, door in app[DOORS].items()})
    runner = Runner(app, shutdown_timeout=1)
    runner._kwargs["handler_cancellation"] = True
    await runner.setup()
    site = web.TCPSite(runner, HOST, 0)
    await site.start()
    crowd = Crowd(runner.addresses[0][1])
    await crowd.gathered(MANY)
    yield front_of(store, arena, crowd)
    await crowd.close()
    await runner.cleanup()


@pytest.fixture
def cancelled() -> Cancelled:
    return Cancelled()


@pytest.fixture
async def here(store: Store, cancelled: Cancelled) -> AsyncIterator[Front]:
    async with serving(store, cancelled) as front:
        yield front


async def test_every_answer_belongs_to_its_question_while_calls_are_cancelled(
    here: Front, cancelled: Cancelled
) -> None:
    callers = await call_and_hang_up(here, MANY, times(6))

    tally("calls that were cancelled while they waited for the store", cancelled.count)
    tally("answers that belonged to their questions", sum(caller.answered for caller in callers))
    assert [mistake for caller in callers for mistake in caller.mistaken] == []
    assert cancelled.count > MANY


async def test_a_refresh_that_was_cancelled_is_answered_when_it_is_asked_for_again(
    here: Front, cancelled: Cancelled
) -> None:
    for _ in range(times(2)):
        await here.at_once(refresh_and_hang_up(here, STEPS) for _ in range(MANY // 2))

    tally("calls that were cancelled while they waited for the store", cancelled.count)
    assert cancelled.count > MANY / 10


async def asked(front: Front, tokens: list[Marked]) -> bool:
    """Whether one, two or three tokens, read at once, are what they should be."""
    chosen = random.sample(tokens, random.randrange(1, 4))
    found = await front.store.tokens.fetch(front.arena.service, 0, [token.text for token in chosen])
    members = [live and (live.application.client_id, live.stored.scope, live.stored.user_context) for live in found]
    return members == [(token.client_id, token.scope, token.user) for token in chosen]


async def wave(front: Front, tokens: list[Marked]) -> list[Any]:
    """Many reads at once, most of them under a tight time limit or cancelled at some moment; what came of each."""
    limits = [random.uniform(0, 0.005) for _ in range(MANY // 2)]
    tasks = [asyncio.create_task(asyncio.wait_for(asked(front, tokens), limit)) for limit in limits]
    tasks += [asyncio.create_task(asked(front, tokens)) for _ in range(MANY // 2)]
    random.shuffle(tasks)
    for task in tasks[: MANY // 4]:
        await asyncio.sleep(0)  # so that each is cancelled at another point of its way
        task.cancel()
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_store_call_that_is_cancelled_leaves_every_other_its_own_answer(here: Front) -> None:
    tokens = await here.at_once(marked(here, number) for number in range(MANY))
    outcomes: list[Any] = []
    for _ in range(times(WAVES)):
        outcomes += await wave(here, tokens)

    given_up = sum(isinstance(outcome, asyncio.CancelledError | TimeoutError) for outcome in outcomes)
    tally("reads that were cancelled while they waited for the store", given_up)
    tally("answers that belonged to their questions", outcomes.count(True))
    assert outcomes.count(False) == 0
    assert given_up + outcomes.count(True) == len(outcomes)
    assert min(given_up, outcomes.count(True)) > len(outcomes) / 10
    assert all(await here.at_once(asked(here, tokens) for _ in range(MANY)))


async def test_a_connection_that_is_lost_while_calls_are_cancelled_shifts_no_answer(
    here: Front, store_url: str
) -> None:
    tokens = await here.at_once(marked(here, number) for number in range(MANY))
    killer = connect(store_url, 5)
    outcomes: list[Any] = []
    for _ in range(times(WAVES)):
        beside = asyncio.create_task(wave(here, tokens))
        await killer.everywhere("CLIENT", "KILL", "TYPE", "normal")
        outcomes += await beside
    await killer.close()

    allowed = asyncio.CancelledError | TimeoutError | StoreUnavailable
    given_up = sum(isinstance(outcome, allowed) for outcome in outcomes)
    tally("answers that belonged to their questions", outcomes.count(True))
    assert outcomes.count(False) == 0
    assert given_up + outcomes.count(True) == len(outcomes)
    assert outcomes.count(True) > len(outcomes) / 10
    assert all(await here.at_once(asked(here, tokens) for _ in range(MANY)))
