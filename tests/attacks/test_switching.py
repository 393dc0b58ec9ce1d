"""A flow that is switched while it is used: each answer is by a policy of its time, and soon by the new one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import zip_longest

from tests.effort import tally, times
from tests.world import Answer

from .arena import MANY, Front
from .conftest import Rivals
from .load import Call, Change, Load, operator

FLOW = "client_credentials"
ON, OFF = f"allow {FLOW}", f"forbid {FLOW}"
TOLD = {ON: "made", OFF: f"Flow {FLOW} is not enabled for this service"}


def told(answer: Answer) -> str:
    """A token, or the sentence of a refusal."""
    error = answer.json.get("error")
    return "made" if error is None else str(error["message"])


def allowed(call: Call, changes: Sequence[Change]) -> set[str]:
    """What the call may have been told, by each policy that may have been in force for it."""
    pairs = zip_longest(changes, changes[1:])
    return {
        TOLD[change.word]
        for change, following in pairs
        if change.asked <= call.ended and (following is None or call.began < following.in_force)
    }


async def test_each_answer_is_by_the_policy_before_or_after_a_switch_and_soon_by_the_one_after(
    rivals: Rivals, front: Front
) -> None:
    service, client = front.arena.toggled, front.arena.client
    load = Load(lambda: front.token(service, client, {"grant_type": FLOW}))
    async with operator(rivals) as change:
        changes = [await change(ON)]
        async with load.going_on(60 * times(1)):
            for line in (OFF, ON) * times(1):
                await load.settled(changes[-1])
                changes.append(await change(line))
            await load.settled(changes[-1])

    wrong = [call for call in load.calls if told(call.answer) not in allowed(call, changes)]
    certain = Counter(told(call.answer) for call in load.calls if len(allowed(call, changes)) == 1)
    tally("calls while a flow was switched", len(load.calls))
    assert wrong == [], (len(wrong), len(load.calls), changes)
    assert min(certain[TOLD[ON]], certain[TOLD[OFF]]) >= MANY, certain
    made = {call.answer.result["access_token"] for call in load.calls if told(call.answer) == TOLD[ON]}
    assert await front.alive(service, made) == made
