"""As many tokens as a service allows one user, and no more, however many are asked for at once."""

from __future__ import annotations

import random
from dataclasses import dataclass

from mashery_oauth.models import Service
from tests.effort import times
from tests.flows.calls import granted, listed, messages, password, revoke, successes
from tests.world import Answer

from .arena import CAP, MANY, Front, Members, kinds, new_user, tokens_of

FULL = {"Token limit reached"}


async def asked(front: Front, service: Service, user: str | None) -> Answer:
    """A token for a user, or for the client itself."""
    if user is None:
        return await front.token(service, front.arena.client, {"grant_type": "client_credentials"})
    return await password(front, service, front.arena.client, user)


async def hold_the_cap(front: Front, user: str | None) -> None:
    """Asks for many; for many while some are revoked; and for many once more."""
    service, client = front.arena.capped, front.arena.client
    first = await front.at_once(asked(front, service, user) for _ in range(MANY))
    made = tokens_of(successes(first))
    assert len(made) == CAP, kinds(first)
    assert messages(first) == FULL, kinds(first)
    assert await front.alive(service, made) == set(made)

    calls = [revoke(front, service, client, token) for token in made]
    calls += [asked(front, service, user) for _ in range(MANY)]
    random.shuffle(calls)
    second = await front.at_once(calls)
    made += [answer.result["access_token"] for answer in second if isinstance(answer.json.get("result"), dict)]
    assert [answer.json.get("result") for answer in second].count(True) == CAP, kinds(second)
    assert messages(second) <= FULL, kinds(second)
    assert len(await front.alive(service, made)) <= CAP

    third = await front.at_once(asked(front, service, user) for _ in range(MANY))
    made += tokens_of(successes(third))
    alive = await front.alive(service, made)
    assert messages(third) == FULL, kinds(third)
    assert len(alive) == CAP, kinds(third)
    if user is not None:
        assert set(await listed(front, service, user)) == alive
    assert kinds(await front.at_once(revoke(front, service, client, token) for token in alive)) == {"200 true": CAP}


async def test_a_user_never_has_more_tokens_than_the_cap(front: Front) -> None:
    for _ in range(times(3)):
        await hold_the_cap(front, new_user())


async def test_a_client_never_has_more_tokens_for_itself_than_the_cap(front: Front) -> None:
    for _ in range(times(2)):
        await hold_the_cap(front, None)


async def test_codes_that_meet_the_cap_stay_unused(front: Front) -> None:
    service, client, user = front.arena.capped, front.arena.client, new_user()
    codes = await front.at_once(front.code(service, client, user) for _ in range(MANY))

    answers = await front.at_once(front.redeem(service, client, code) for code in codes)
    made = tokens_of(successes(answers))
    left = [code for code, answer in zip(codes, answers, strict=True) if answer.json.get("error")]
    await front.at_once(revoke(front, service, client, token) for token in made)
    again = await front.at_once(front.redeem(service, client, code) for code in left)

    assert (len(made), messages(answers)) == (CAP, FULL), kinds(answers)
    assert (len(successes(again)), messages(again)) == (CAP, FULL), kinds(again)
    assert await front.alive(service, [*made, *tokens_of(successes(again))]) == set(tokens_of(successes(again)))


@dataclass(frozen=True, slots=True)
class Mix:
    """How many tokens are made in which way, all at once."""

    created: int = 0
    redeemed: int = 0
    refreshed: int = 0


MIXES = (
    Mix(created=MANY),
    Mix(redeemed=MANY),
    Mix(refreshed=MANY),
    Mix(created=MANY // 2, redeemed=MANY // 4, refreshed=MANY // 4),
    Mix(redeemed=MANY // 2, refreshed=MANY // 2),
)


async def test_of_tokens_made_refreshed_and_redeemed_at_once_exactly_one_is_alive(front: Front) -> None:
    service, client = front.arena.single, front.arena.client
    for mix in MIXES * times(1):
        user = new_user()
        codes = await front.at_once(front.code(service, client, user) for _ in range(mix.redeemed))
        first = await granted(front, service, client, user)
        calls = [password(front, service, client, user) for _ in range(mix.created)]
        calls += [front.refresh(service, client, first["refresh_token"]) for _ in range(mix.refreshed)]
        calls += [front.redeem(service, client, code) for code in codes]
        random.shuffle(calls)

        answers = await front.at_once(calls)

        made = {result["access_token"]: result for result in [first, *successes(answers)]}
        alive = await front.alive(service, made)
        assert messages(answers) <= {"Invalid refresh token"}, (mix, kinds(answers))
        assert len(alive) == 1, (mix, kinds(answers))
        assert await listed(front, service, user) == list(alive)
        await check_one_can_be_refreshed(front, made, alive)


async def check_one_can_be_refreshed(front: Front, made: dict[str, Members], alive: set[str]) -> None:
    """What has been replaced is so whole: of all the refresh tokens only that of the token alive works."""
    service, client = front.arena.single, front.arena.client
    dead = [made[token] for token in made if token not in alive]
    later = await front.at_once(front.refresh(service, client, each["refresh_token"]) for each in dead)
    again = {result["refresh_token"] for result in successes(later)}
    (survivor,) = (made[token]["refresh_token"] for token in alive)
    assert again <= {survivor}, kinds(later)  # the one before it is answered as it was, while its grace lasts
    assert (await front.refresh(service, client, survivor)).result
