"""A refresh token has one successor, however many ask for it, and whatever ends its grant meanwhile."""

from __future__ import annotations

import asyncio
import random

from tests.effort import times
from tests.flows.calls import granted, listed, messages, successes
from tests.world import Answer

from .arena import MANY, Front, Members, kinds, new_user, tokens_of

INVALID = "Invalid refresh token"
GRANTS = MANY // 5


async def test_many_who_refresh_one_token_get_one_and_the_same_successor(front: Front) -> None:
    service, client, user = front.arena.service, front.arena.client, new_user()
    seen = [await granted(front, service, client, user)]
    for generation in range(times(3)):
        newest = seen[-1]["refresh_token"]

        answers = await front.at_once(front.refresh(service, client, newest) for _ in range(MANY))

        assert len(kinds(answers)) == 1, f"generation {generation}: {kinds(answers)}"
        assert len(successes(answers)) == MANY, f"generation {generation}: {kinds(answers)}"
        seen.append(answers[0].result)
    again = await front.refresh(service, client, seen[-2]["refresh_token"])

    assert len({result["refresh_token"] for result in seen}) == len(seen)
    assert await front.alive(service, tokens_of(seen)) == set(tokens_of(seen))
    assert sorted(await listed(front, service, user)) == sorted(tokens_of(seen))
    assert again.result == seen[-1]


async def test_without_grace_one_of_many_refreshes_and_the_others_end_the_grant(front: Front) -> None:
    service, client = front.arena.graceless, front.arena.client
    for _ in range(times(2)):
        user = new_user()
        first = await granted(front, service, client, user)

        answers = await front.at_once(front.refresh(service, client, first["refresh_token"]) for _ in range(MANY))

        made = successes(answers)
        assert len(made) == 1, kinds(answers)
        assert messages(answers) == {INVALID}, kinds(answers)
        assert await front.alive(service, tokens_of([first, *made])) == set()
        later = [await front.refresh(service, client, each["refresh_token"]) for each in [first, *made]]
        assert successes(later) == []
        assert await listed(front, service, user) == []


async def test_one_stolen_token_among_many_honest_retries_ends_the_family(front: Front) -> None:
    service, client = front.arena.service, front.arena.client
    for _ in range(times(2)):
        stolen = await granted(front, service, client, new_user())
        second = (await front.refresh(service, client, stolen["refresh_token"])).result
        third = (await front.refresh(service, client, second["refresh_token"])).result
        honest = [front.refresh(service, client, third["refresh_token"]) for _ in range(MANY - 1)]
        calls = [front.refresh(service, client, stolen["refresh_token"]), *honest]
        random.shuffle(calls)

        answers = await front.at_once(calls)

        made = successes(answers)
        assert messages(answers) == {INVALID}, kinds(answers)
        assert len({result["refresh_token"] for result in made}) <= 1, kinds(answers)
        everything = [stolen, second, third, *made]
        assert await front.alive(service, tokens_of(everything)) == set()
        later = [await front.refresh(service, client, each["refresh_token"]) for each in everything]
        assert successes(later) == []


async def test_a_code_used_twice_ends_a_grant_that_is_refreshed_meanwhile(front: Front) -> None:
    service, client = front.arena.service, front.arena.client

    async def fight(code: str, grant: Members) -> tuple[Answer, list[Answer]]:
        calls = [front.refresh(service, client, grant["refresh_token"]) for _ in range(4)]
        replay, *answers = await asyncio.gather(front.redeem(service, client, code), *calls)
        return replay, answers

    for _ in range(times(2)):
        codes = await front.at_once(front.code(service, client, new_user()) for _ in range(GRANTS))
        first = successes(await front.at_once(front.redeem(service, client, code) for code in codes))
        await front.crowd.gathered(MANY)

        fights = await front.at_once(fight(code, grant) for code, grant in zip(codes, first, strict=True))

        later = [result for _, answers in fights for result in successes(answers)]
        assert kinds([replay for replay, _ in fights]) == {"200 Invalid authorization code": GRANTS}
        assert await front.alive(service, tokens_of([*first, *later])) == set()
        asked = [front.refresh(service, client, each["refresh_token"]) for each in [*first, *later]]
        assert kinds(await front.at_once(asked)) == {f"200 {INVALID}": len(asked)}
