"""What a service, a client or a site issued before it was marked is dead a second later, whoever is served then."""

from __future__ import annotations

from tests.effort import tally, times
from tests.flows.calls import password

from .arena import MANY, Front, kinds, new_user
from .conftest import Rivals
from .load import Call, Change, Load, operator

MARKS = ("mark service", "mark application", "mark site")


async def check_reached(front: Front, calls: list[Call], change: Change) -> None:
    """What was answered before the mark was asked for is dead; what was asked for when it was in force lives."""
    service, client = front.arena.toggled, front.arena.client
    before = [call.answer.result for call in calls if call.ended < change.asked]
    after = {call.answer.result["access_token"] for call in calls if call.began >= change.in_force}
    assert len(before) >= MANY
    assert len(after) >= MANY
    assert await front.alive(service, (result["access_token"] for result in before)) == set(), change
    assert await front.alive(service, after) == after, change
    latest = before[-MANY // 2 :]
    refreshed = await front.at_once(front.refresh(service, client, each["refresh_token"]) for each in latest)
    assert kinds(refreshed) == {"200 Invalid refresh token": len(latest)}, change


async def test_no_token_outlives_the_mark_of_its_service_its_client_or_its_site(rivals: Rivals, front: Front) -> None:
    service, client = front.arena.toggled, front.arena.client
    async with operator(rivals) as change:
        for line in MARKS * times(1):
            load = Load(lambda: password(front, service, client, new_user()))
            async with load.going_on(60):
                await load.begun()
                marked = await change(line)
                await load.settled(marked)

            tally("tokens made while their service, client or site was marked", len(load.calls))
            await check_reached(front, load.calls, marked)
