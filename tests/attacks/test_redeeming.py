"""A code is redeemed once, by whom it was made for, however many try at the same moment."""

from __future__ import annotations

import random

from tests.effort import times
from tests.flows.calls import listed, messages, successes

from .arena import MANY, Front, kinds, new_user, tokens_of

INVALID = "Invalid authorization code"


async def test_one_of_many_redeems_a_code_and_the_others_end_its_grant(front: Front) -> None:
    service, client = front.arena.service, front.arena.client
    for _ in range(times(3)):
        user = new_user()
        code = await front.code(service, client, user)

        answers = await front.at_once(front.redeem(service, client, code) for _ in range(MANY))

        made = successes(answers)
        assert len(made) == 1, kinds(answers)
        assert messages(answers) == {INVALID}, kinds(answers)
        assert await front.alive(service, tokens_of(made)) == set()
        later = await front.refresh(service, client, made[0]["refresh_token"])
        assert later.error["message"] == "Invalid refresh token"
        assert await listed(front, service, user) == []


async def test_many_codes_redeemed_by_several_each_yield_one_token(front: Front) -> None:
    service, client, users = front.arena.service, front.arena.client, [new_user() for _ in range(MANY // 4)]
    codes = await front.at_once(front.code(service, client, user) for user in users)
    asked = codes * 4
    random.shuffle(asked)

    answers = await front.at_once(front.redeem(service, client, code) for code in asked)

    winners = [code for code, answer in zip(asked, answers, strict=True) if "result" in answer.json]
    assert sorted(winners) == sorted(codes), kinds(answers)
    assert messages(answers) == {INVALID}, kinds(answers)
    assert await front.alive(service, tokens_of(successes(answers))) == set()


async def test_many_who_have_no_right_to_a_code_neither_use_it_nor_end_its_grant(front: Front) -> None:
    service, client, other = front.arena.service, front.arena.client, front.arena.other
    for _ in range(times(2)):
        code = await front.code(service, client, new_user())
        calls = [front.redeem(service, client, code)]
        calls += [front.redeem(service, other, code) for _ in range(MANY // 3)]
        calls += [front.redeem(front.arena.graceless, client, code) for _ in range(MANY // 3)]
        calls += [front.redeem(service, client, code, code_verifier="v" * 43) for _ in range(MANY // 3)]
        random.shuffle(calls)

        answers = await front.at_once(calls)

        (made,) = successes(answers)
        assert messages(answers) == {INVALID, "Invalid code verifier"}, kinds(answers)
        assert await front.alive(service, [made["access_token"]]) == {made["access_token"]}
        assert (await front.refresh(service, client, made["refresh_token"])).result
