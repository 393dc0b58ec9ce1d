"""Grants of one user are ended while others are made, refreshed and given away, and while the marks are made small."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from mashery_oauth.models import Application, Service
from mashery_oauth.store.compaction import Compaction
from tests.effort import tally, times
from tests.flows.calls import Members, messages, revoke, successes, update
from tests.waiting import until
from tests.world import Answer, World

from .burying import buried, grants, in_batches, living, texts

FIGHTS = 70
LOW, HIGH = 40, 10_000  # tokens that a list holds


@dataclass
class Fight:
    """A grant that is ended: what was made of it, and what was found alive when that was acknowledged."""

    seen: list[Members] = field(default_factory=list)
    alive_then: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    ends: list[Answer] = field(default_factory=list)


async def fought(world: World, service: Service, client: Application, number: int) -> Fight:
    """A grant is ended in one of four ways while it is refreshed, and in some fights given away."""
    fight = Fight()
    code = await world.code(service, client)
    redeemed = await world.redeem(service, client, code)
    if "error" in redeemed.json:  # the list was full of what lives
        return fight
    fight.seen.append(redeemed.result)
    newest = random.choice([await world.refresh(service, client, fight.seen[0]["refresh_token"]), redeemed]).result
    fight.seen.append(newest)

    async def ending() -> None:
        if number % 4 == 0:
            fight.ends.append(await world.redeem(service, client, code))
        elif number % 4 == 1 and newest is not redeemed.result:
            fight.ends.append(await world.refresh(service, client, fight.seen[0]["refresh_token"]))
        else:
            kind = random.choice(["access_token", "refresh_token"])
            fight.ends.append(await revoke(world, service, client, newest[kind]))
        fight.alive_then = await living(world, service, texts(fight.seen))

    async def refreshing() -> None:
        answer = await world.refresh(service, client, newest["refresh_token"])
        fight.seen += successes([answer])
        fight.refused |= messages([answer])

    async def giving() -> None:
        await update(world, service, client, newest["access_token"], user_context=f"new-user-{number % 7}")

    others = [refreshing(), refreshing(), *([giving()] if number % 5 == 0 else [])]
    random.shuffle(others)
    await asyncio.gather(*others[:1], ending(), *others[1:])
    return fight


@asynccontextmanager
async def pressed(world: World, service: Service) -> AsyncIterator[list[int]]:
    """All the while the marks are made small, whether many grants are named there or few."""
    compaction = Compaction(world.store.link, world.store.texts, world.store.ring)
    tag, rounds = world.store.texts.tag_of_user(service.id, "user"), [0]

    async def press() -> None:
        while True:
            named = await buried(world, service)
            await compaction.end(tag, [family.encode() for family in named])
            rounds[0] += bool(named)
            await asyncio.sleep(0)

    pressing = asyncio.create_task(press())
    try:
        yield rounds
    finally:
        pressing.cancel()
        with suppress(asyncio.CancelledError):
            await pressing


@pytest.mark.parametrize("rail", [LOW, HIGH], ids=["a full list", "a list with room"])
async def test_no_ended_grant_lives_and_every_other_one_does(
    world: World, rail: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mashery_oauth.store.issuing.RAIL", rail)
    service = await world.add_service("rfc6749", refresh_grace=0)
    client = await world.add_application(service)
    kept = await grants(world, service, client, 8)

    async with pressed(world, service) as rounds:
        fights = await in_batches(lambda number: fought(world, service, client, number), range(times(FIGHTS)))
    refreshed = await in_batches(lambda each: world.refresh(service, client, each["refresh_token"]), kept)

    tally("rounds in which marks were made small beside other calls", rounds[0])
    seen = [each for fight in fights for each in fight.seen]
    assert rounds[0] > 0
    assert len(seen) > times(FIGHTS)
    assert [fight.alive_then for fight in fights if fight.alive_then] == []
    assert {str(answer.json.get("result")) for fight in fights for answer in fight.ends} <= {"True", "None"}
    assert set().union(*(fight.refused for fight in fights)) <= {"Invalid refresh token"}
    following = successes(refreshed)
    assert len(following) == len(kept)
    assert await living(world, service, texts([*seen, *kept, *following])) == set(texts([*kept, *following]))
    again = await in_batches(lambda each: world.refresh(service, client, each["refresh_token"]), seen)
    assert successes(again) == []
    await check_stays_so(world, service, texts(seen))


async def check_stays_so(world: World, service: Service, tokens: list[str]) -> None:
    """Whatever is done to the marks afterwards, nothing comes back."""
    async with pressed(world, service) as rounds:

        async def pressed_twice() -> bool:
            return rounds[0] > 1 or not await buried(world, service)

        await until(pressed_twice)
    assert await living(world, service, tokens) == set()
