"""Nobody ever gets another's answer: not when callers hang up, nor when the store answers too late."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
import pytest_asyncio
from aiohttp import ClientError

from mashery_oauth.models import Service
from tests.effort import tally, times
from tests.wire.conftest import Connected, world_at
from tests.wire.outage import Line
from tests.world import Answer, World

from .calls import outcome

TOKENS, ROUNDS, STALLS, CROWD = 50, 5, 2, 120
UNAVAILABLE = "Service temporarily unavailable"
REDIS_PY = pytest.mark.keeps("CVE-2023-28858", "CVE-2023-28859")

together = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True, slots=True)
class Known:
    """Tokens, and whose each is."""

    service: Service
    owners: dict[str, str]

    def check(self, token: str, answer: Answer) -> None:
        """An answer about a token is about that token."""
        assert answer.result["user_context"] == self.owners[token]


async def known(world: World) -> Known:
    """Many tokens, each of another user."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    owners = {}
    for number in range(TOKENS):
        made = await world.token(service, client, {"grant_type": "password"}, user_context=f"user-{number}")
        owners[str(made.result["access_token"])] = f"user-{number}"
    return Known(service, owners)


async def fetched(world: World, found: Known, token: str, patience: float | None) -> int:
    """Asks about a token, and perhaps hangs up meanwhile; how often the answer was heard."""
    with suppress(TimeoutError, ClientError):
        async with asyncio.timeout(patience):
            answer = await world.fetch(found.service, token)
        if outcome(answer) == UNAVAILABLE:
            return 0
        found.check(token, answer)
        return 1
    return 0


@together
@REDIS_PY
async def test_callers_that_hang_up_shift_no_answer(town: World) -> None:
    found, luck = await known(town), random.Random(0)
    tokens = list(found.owners)
    started = time.monotonic()
    await asyncio.gather(*(fetched(town, found, luck.choice(tokens), None) for _ in range(CROWD)))
    whole = time.monotonic() - started  # so that callers hang up at every moment of a call
    heard = asked = 0

    for _ in range(times(ROUNDS)):
        crowd = [(luck.choice(tokens), luck.choice([None, luck.uniform(0, whole)])) for _ in range(CROWD)]
        heard += sum(await asyncio.gather(*(fetched(town, found, token, patience) for token, patience in crowd)))
        asked += len(crowd)
    afterwards = [await fetched(town, found, token, None) for token in tokens]

    tally("fetches, many of which were given up", asked)
    assert asked / 4 < heard < asked
    assert afterwards == [1] * TOKENS


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def slow(single_url: str) -> AsyncIterator[Connected]:
    """A store behind a line, with little patience and much trust in what it knows."""
    line = Line(single_url)
    await line.open()
    async with world_at(line.url, patience=1, max_config_age=600) as world:
        yield Connected(world, line)
    await line.close()


@together
@REDIS_PY
async def test_an_answer_that_comes_too_late_is_nobodys(slow: Connected) -> None:
    found, luck = await known(slow.world), random.Random(1)
    tokens = list(found.owners)
    late = 0

    for _ in range(times(STALLS)):
        slow.line.hold()
        given_up = await asyncio.gather(*(fetched(slow.world, found, luck.choice(tokens), None) for _ in range(10)))
        slow.line.let_go()
        late += given_up.count(0)
        await asyncio.gather(*(fetched(slow.world, found, luck.choice(tokens), None) for _ in range(CROWD)))
    afterwards = [await fetched(slow.world, found, token, None) for token in tokens]

    tally("answers of the store that came too late", late)
    assert late == times(STALLS) * 10
    assert afterwards == [1] * TOKENS


@together
@REDIS_PY
async def test_a_line_that_breaks_in_the_middle_of_a_crowd_mixes_nothing(slow: Connected) -> None:
    found, luck = await known(slow.world), random.Random(2)
    tokens = list(found.owners)

    for _ in range(times(ROUNDS)):
        crowd = [
            asyncio.create_task(fetched(slow.world, found, luck.choice(tokens), luck.choice([None, 0.001])))
            for _ in range(CROWD)
        ]
        await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
        slow.line.cut()
        slow.line.mend()
        await asyncio.gather(*crowd)
    afterwards = [await fetched(slow.world, found, token, None) for token in tokens]

    tally("fetches while the line broke", times(ROUNDS) * CROWD)
    assert afterwards == [1] * TOKENS
