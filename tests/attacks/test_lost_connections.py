"""Connections that break at any moment: what is answered on the others belongs to what was asked there."""

from __future__ import annotations

from tests.effort import tally, times

from .arena import MANY, Front
from .callers import call_and_hang_up, refresh_and_hang_up

STEPS = 3


async def test_every_answer_belongs_to_its_question_while_connections_break(front: Front) -> None:
    callers = await call_and_hang_up(front, MANY, times(6))

    tally("answers that belonged to their questions", sum(caller.answered for caller in callers))
    tally("connections that broke under way", sum(caller.given_up for caller in callers))
    assert [mistake for caller in callers for mistake in caller.mistaken] == []
    assert sum(caller.given_up for caller in callers) > MANY
    assert min(caller.answered for caller in callers) >= 3


async def test_a_refresh_that_nobody_heard_is_answered_when_it_is_asked_for_again(front: Front) -> None:
    for _ in range(times(1)):
        given_up = await front.at_once(refresh_and_hang_up(front, STEPS) for _ in range(MANY))

        tally("connections that broke under way", sum(given_up))
        assert sum(given_up) > MANY
