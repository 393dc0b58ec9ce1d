"""A revoked token never comes back, whatever updates it meanwhile; one that changed hands is its new owner's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from tests.effort import times
from tests.flows.calls import listed, messages, password, revoke, revoke_user, successes, update
from tests.world import Answer

from .arena import MANY, Front, Members, kinds, new_user, tokens_of

TOKENS = MANY // 5
OWNERS = MANY // 20
DEAD = "Unable to update token"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fight:
    """A token and what was answered when it was revoked and updated at once."""

    user: str
    heir: str
    made: Members
    revoked: Answer
    updated: list[Answer]


def revoking(front: Front, user: str, token: str, *, whole: bool) -> Coroutine[Any, Any, Answer]:
    """The revocation of a token, or of the whole user."""
    service, client = front.arena.service, front.arena.client
    return revoke_user(front, service, client, user) if whole else revoke(front, service, client, token)


async def fought(front: Front, changes: list[Members], *, whole: bool) -> Fight:
    """A new token that is updated four times and revoked, all at once."""
    service, client, user, heir = front.arena.service, front.arena.client, new_user(), new_user()
    made = (await password(front, service, client, user)).result
    token = made["access_token"]
    chosen = [{name: heir if value == "heir" else value for name, value in change.items()} for change in changes]
    calls = [update(front, service, client, token, **change) for change in random.choices(chosen, k=4)]
    at = random.randrange(5)
    calls.insert(at, revoking(front, user, token, whole=whole))
    answers = list(await asyncio.gather(*calls))
    return Fight(user, heir, made, answers.pop(at), answers)


async def check_all_dead(front: Front, fights: list[Fight]) -> None:
    """Each was revoked, and no update before, beside or after it changes that."""
    service, client, made = front.arena.service, front.arena.client, [fight.made for fight in fights]
    assert kinds([fight.revoked for fight in fights]) == {"200 true": len(fights)}
    updated = [answer for fight in fights for answer in fight.updated]
    assert messages(updated) <= {DEAD}, kinds(updated)
    assert await front.alive(service, tokens_of(made)) == set()
    later = [update(front, service, client, token, expires_in=7200) for token in tokens_of(made)]
    assert kinds(await front.at_once(later)) == {f"200 {DEAD}": len(made)}
    refreshed = [front.refresh(service, client, each["refresh_token"]) for each in made]
    assert kinds(await front.at_once(refreshed)) == {"200 Invalid refresh token": len(made)}
    assert await shown_of(front, [user for fight in fights for user in (fight.user, fight.heir)]) == []


async def shown_of(front: Front, users: list[str]) -> list[str]:
    """The tokens that are listed as users' own."""
    return all_of(await front.at_once(listed(front, front.arena.service, user) for user in users))


def all_of(parts: Iterable[Iterable[T]]) -> list[T]:
    """One list of many."""
    return list(chain.from_iterable(parts))


async def test_no_update_revives_a_token_that_is_revoked_meanwhile(front: Front) -> None:
    changes: list[Members] = [{"expires_in": 7200}, {"scope": "read"}, {"user_context": "heir"}]
    for _ in range(times(3)):
        fights = await front.at_once(fought(front, changes, whole=False) for _ in range(TOKENS))

        await check_all_dead(front, fights)


async def test_no_update_revives_the_token_of_a_user_who_is_revoked_meanwhile(front: Front) -> None:
    changes: list[Members] = [{"expires_in": 7200}, {"scope": "read"}, {"expires_in": 60, "scope": "write"}]
    for _ in range(times(3)):
        fights = await front.at_once(fought(front, changes, whole=True) for _ in range(TOKENS))

        await check_all_dead(front, fights)


async def give_and_revoke(front: Front, user: str, heir: str, tokens: list[str]) -> list[Answer]:
    """Gives a user's tokens to another one, and revokes the user meanwhile."""
    service, client = front.arena.service, front.arena.client
    calls = [update(front, service, client, token, user_context=heir) for token in tokens]
    at = random.randrange(len(calls))
    answers = list(await asyncio.gather(*calls[:at], revoke_user(front, service, client, user), *calls[at:]))
    assert answers.pop(at).result is True
    return answers


async def test_a_grant_lives_if_it_was_given_away_before_its_users_revocation_and_only_then(front: Front) -> None:
    service = front.arena.service
    for _ in range(times(2)):
        users, heirs = [new_user() for _ in range(OWNERS)], [new_user() for _ in range(OWNERS)]
        made = [await made_for(front, user, 19) for user in users]
        grants = all_of(made)
        fights = [
            partial(give_and_revoke, front, *fight) for fight in zip(users, heirs, map(tokens_of, made), strict=True)
        ]
        await front.crowd.gathered(MANY)

        answers = all_of(await front.at_once(fight() for fight in fights))

        assert messages(answers) <= {DEAD}, kinds(answers)
        given = all_of(grants[at : at + 1] for at, answer in enumerate(answers) if answer.json.get("result"))
        assert await front.alive(service, tokens_of(grants)) == set(tokens_of(given))
        assert await shown_of(front, users) == []
        assert set(await shown_of(front, heirs)) == set(tokens_of(given))
        await check_only_these_can_be_refreshed(front, given, grants)
        await front.at_once(revoke_user(front, service, front.arena.client, heir) for heir in heirs)
        assert await front.alive(service, tokens_of(grants)) == set()
        await check_only_these_can_be_refreshed(front, [], grants)


async def check_only_these_can_be_refreshed(front: Front, given: list[Members], grants: list[Members]) -> None:
    """Of the grants those that were given away, and no others."""
    service, client = front.arena.service, front.arena.client
    answers = await front.at_once(front.refresh(service, client, each["refresh_token"]) for each in grants)
    refreshed = [grant for grant, answer in zip(grants, answers, strict=True) if answer.json.get("result")]
    assert refreshed == given, kinds(answers)


async def made_for(front: Front, user: str, count: int) -> list[Members]:
    """Grants of one user."""
    return successes(
        await front.at_once(password(front, front.arena.service, front.arena.client, user) for _ in range(count))
    )


async def test_a_new_owners_revocation_reaches_every_token_that_was_given_before_it(front: Front) -> None:
    service, client = front.arena.service, front.arena.client

    async def fight(owner: str, tokens: list[str]) -> tuple[list[str], set[str]]:
        giving = {
            asyncio.create_task(update(front, service, client, token, user_context=owner)): token for token in tokens
        }
        await asyncio.wait(giving, return_when=asyncio.FIRST_COMPLETED)
        before = [token for task, token in giving.items() if task.done() and task.result().result]
        assert (await revoke_user(front, service, client, owner)).result is True
        left = await front.alive(service, before)
        await asyncio.gather(*giving)
        return before, left

    for _ in range(times(2)):
        made = all_of(await front.at_once(made_for(front, new_user(), 19) for _ in range(OWNERS)))
        tokens, owners = tokens_of(made), [new_user() for _ in range(OWNERS)]
        await front.crowd.gathered(MANY)

        fights = await front.at_once(fight(owner, tokens[at::OWNERS]) for at, owner in enumerate(owners))

        before = [token for given, _ in fights for token in given]
        alive = await front.alive(service, tokens)
        assert [left for _, left in fights] == [set()] * OWNERS
        assert not alive & set(before)
        assert set(await shown_of(front, owners)) == alive
        await front.at_once(revoke_user(front, service, client, owner) for owner in owners)
        assert await front.alive(service, tokens) == set()
