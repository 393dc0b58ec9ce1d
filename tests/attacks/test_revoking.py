"""Nothing from before outlives an acknowledged revocation, whatever is refreshed and redeemed at the same moment."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from tests.effort import times
from tests.flows.calls import granted, listed, messages, password, revoke, revoke_user, successes
from tests.world import Answer

from .arena import MANY, Front, Members, kinds, new_user, tokens_of

GRANTS = MANY // 5
USERS = MANY // 9


@dataclass
class Fight:
    """What was made before a revocation and beside it, and what was found alive when it was acknowledged."""

    seen: list[Members]
    codes: list[str] = field(default_factory=list)
    alive_then: set[str] = field(default_factory=set)
    after: list[Members] = field(default_factory=list)  # asked for when it was acknowledged
    refused: set[str] = field(default_factory=set)
    revoked: Answer | None = None

    def note(self, answers: list[Answer]) -> None:
        """What came of calls beside the revocation."""
        self.seen += successes(answers)
        self.refused |= messages(answers)


async def look(front: Front, fight: Fight) -> None:
    """Looks at the tokens while they still live: whoever remembers what he saw will be found out."""
    await front.alive(front.arena.service, tokens_of(fight.seen))


async def revoke_grant(front: Front) -> Fight:
    """One of a grant's texts is revoked while its newest refresh token is used."""
    service, client = front.arena.service, front.arena.client
    fight = Fight([await granted(front, service, client, new_user())])
    for _ in range(random.randrange(3)):
        fight.note([await front.refresh(service, client, fight.seen[-1]["refresh_token"])])
    newest = fight.seen[-1]
    text = random.choice([fight.seen[0]["access_token"], newest["access_token"], newest["refresh_token"]])

    async def revoking() -> None:
        fight.revoked = await revoke(front, service, client, text)
        fight.alive_then = await front.alive(service, tokens_of(fight.seen))

    async def refreshing() -> None:
        fight.note([await front.refresh(service, client, newest["refresh_token"])])

    calls = [refreshing() for _ in range(4)] + [look(front, fight) for _ in range(2)]
    random.shuffle(calls)
    calls.insert(random.randrange(7), revoking())
    await asyncio.gather(*calls)
    return fight


async def test_no_token_of_a_grant_outlives_a_revocation_that_races_refreshes(front: Front) -> None:
    service, client = front.arena.service, front.arena.client
    for _ in range(times(2)):
        fights = await front.at_once(revoke_grant(front) for _ in range(GRANTS))

        assert [fight.revoked and fight.revoked.result for fight in fights] == [True] * GRANTS
        assert [fight.alive_then for fight in fights] == [set()] * GRANTS
        assert set().union(*(fight.refused for fight in fights)) <= {"Invalid refresh token"}
        everything = [result for fight in fights for result in fight.seen]
        assert await front.alive(service, tokens_of(everything)) == set()
        later = await front.at_once(front.refresh(service, client, each["refresh_token"]) for each in everything)
        assert kinds(later) == {"200 Invalid refresh token": len(everything)}


async def revoke_one_user(front: Front, user: str) -> Fight:
    """All that a client has of a user is revoked while grants are refreshed and codes redeemed."""
    service, client = front.arena.service, front.arena.client
    grants = [await granted(front, service, client, user) for _ in range(3)]
    fight = Fight(grants.copy(), [await front.code(service, client, user) for _ in range(2)])

    async def revoking() -> None:
        fight.revoked = await revoke_user(front, service, client, user)
        fight.alive_then = await front.alive(service, tokens_of(fight.seen))
        fight.after = successes([await password(front, service, client, user)])

    async def refreshing(grant: Members) -> None:
        fight.note([await front.refresh(service, client, grant["refresh_token"])])

    async def redeeming(code: str) -> None:
        fight.note([await front.redeem(service, client, code)])

    calls = [refreshing(grant) for grant in grants * 2] + [redeeming(code) for code in fight.codes]
    calls += [look(front, fight) for _ in range(2)]
    random.shuffle(calls)
    calls.insert(random.randrange(11), revoking())
    await asyncio.gather(*calls)
    return fight


async def test_nothing_of_a_user_outlives_a_revocation_that_races_refreshes_and_redemptions(front: Front) -> None:
    service, client, other = front.arena.service, front.arena.client, front.arena.other
    for _ in range(times(2)):
        users = [new_user() for _ in range(USERS)]
        spared = [(await password(front, service, other, user)).result["access_token"] for user in users]

        fights = await front.at_once(revoke_one_user(front, user) for user in users)

        assert [fight.revoked and fight.revoked.result for fight in fights] == [True] * USERS
        assert [fight.alive_then for fight in fights] == [set()] * USERS
        assert set().union(*(fight.refused for fight in fights)) <= {
            "Invalid refresh token",
            "Invalid authorization code",
        }
        await nothing_is_left(front, fights)
        for user, fight, token in zip(users, fights, spared, strict=True):
            (after,) = tokens_of(fight.after)
            assert await front.alive(service, [after, token]) == {after, token}
            assert sorted(await listed(front, service, user)) == sorted([after, token])
            assert (await front.refresh(service, client, fight.after[0]["refresh_token"])).result


async def nothing_is_left(front: Front, fights: list[Fight]) -> None:
    """Of what was made before a user's revocation or beside it nothing works, and no code can be redeemed."""
    service, client = front.arena.service, front.arena.client
    seen = [result for fight in fights for result in fight.seen]
    assert await front.alive(service, tokens_of(seen)) == set()
    refreshed = await front.at_once(front.refresh(service, client, each["refresh_token"]) for each in seen)
    assert kinds(refreshed) == {"200 Invalid refresh token": len(seen)}
    codes = [code for fight in fights for code in fight.codes]
    redeemed = await front.at_once(front.redeem(service, client, code) for code in codes)
    assert kinds(redeemed) == {"200 Invalid authorization code": len(codes)}
