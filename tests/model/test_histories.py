"""What many clients do at the same moment ends as if they had done it one after another, in some order.

Codes, refresh tokens, access tokens and revocations of the same users, through two workers on one store; some of the
clients go away before they are answered, so that what they asked for may have happened or not.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from mashery_oauth.routes import application
from mashery_oauth.settings import Settings
from tests.conftest import opened
from tests.effort import tally, times
from tests.world import World

from .history import Object
from .linearizability import explain, stuck
from .specification import Specification, State

HISTORIES, AT_ONCE = 128, 8


@pytest.fixture
async def workers(world: World, store_url: str) -> AsyncIterator[list[World]]:
    """Two workers on one store, each with a door of its own."""
    async for store in opened(store_url):
        http: TestClient[Any, Any] = TestClient(TestServer(application(store, Settings())))
        async with http:
            yield [world, replace(world, store=store, http=http)]


async def objects(workers: list[World], *, giving: bool) -> list[Object]:
    """Histories to be, of services of every policy that matters here."""
    world, made = workers[0], []
    policies = [Specification(*switches) for switches in product((True, False), repeat=3)]
    services = [
        await world.add_service(
            "rfc6749",
            refresh_grace=30 if policy.grace else 0,
            allow_multiple_tokens=not policy.single,
            revocation="grant" if policy.whole else "token",
        )
        for policy in policies
    ]
    client = await world.add_application(*services)
    for worker in workers:
        await worker.store.configuration.fresh()
    for number in range(times(HISTORIES)):
        at = number % len(policies)
        users = (f"user {number}", f"other user {number}")
        seed = random.randrange(2**32)
        made.append(Object(workers, services[at], client, policies[at], users, giving, random.Random(seed)))
    return made


async def attack(found: list[Object]) -> None:
    """Plays histories, several at once, and checks each."""
    for at in range(0, len(found), AT_ONCE):
        await asyncio.gather(*(each.attacked() for each in found[at : at + AT_ONCE]))
    for each in found:
        tally("histories of calls at the same moment")
        tally("calls in those histories", len(each.history))
        order = stuck(each.history, State(), each.specification.step)
        assert order is None, f"{each.specification}\n{explain(each.history, order)}"


async def test_calls_at_the_same_moment_are_as_calls_in_some_order(workers: list[World]) -> None:
    found = await objects(workers, giving=False)

    await attack(found)


async def test_so_are_calls_that_give_tokens_to_another_user(workers: list[World]) -> None:
    found = await objects(workers, giving=True)

    await attack(found)
