"""Receipts tell the truth: what a dry run counts is what the revocation says died, and what has died then.

The plain model goes beside it, and says the same of each token, grant and code.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from mashery_oauth.operation import Receipt
from mashery_oauth.operations import revocation, tokens
from mashery_oauth.operations.revocation import Reach
from mashery_oauth.store.census import Counts
from tests.effort import tally, times
from tests.world import World

from .things import Client, Grant, Service, Token
from .twins import FLOWS, Living, Twins

AGE = 1.0  # seconds, as the worlds' stores have it
USERS = ("ann", "bob", "cyd")
Revoke = Callable[[bool], Awaitable[Receipt]]  # dry run or not
Ending = tuple[Revoke, Callable[[], Any]]  # by an operator, and in the model


def of_user(twins: Twins, user: str, services: Sequence[Service] = (), client: Client | None = None) -> Ending:
    """A user's end, at all services or some, with all clients or one."""
    keys = tuple(twins.services[service].key for service in services)
    reach = Reach(
        services=keys,
        site=None if keys else str(twins.world.site.id),
        application=None if client is None else twins.clients[client].client_id,
    )

    def foretell() -> None:
        for service in services or twins.services:
            twins.model.revoke_user(service, user, client)

    return lambda dry: revocation.user(twins.world.store, user, reach, dry_run=dry), foretell


def of_client(twins: Twins, client: Client) -> Ending:
    """The end of all that an application has."""
    word = twins.clients[client].client_id
    return lambda dry: revocation.application(twins.world.store, word, AGE, dry_run=dry), lambda: cut(twins, client)


def of_service(twins: Twins, service: Service) -> Ending:
    """The end of all that a service has issued."""
    key = twins.services[service].key
    return lambda dry: revocation.service(twins.world.store, key, AGE, dry_run=dry), lambda: cut(twins, service)


def of_site(twins: Twins) -> Ending:
    """The end of all that there is."""
    word = str(twins.world.site.id)
    return lambda dry: revocation.site(twins.world.store, word, AGE, dry_run=dry), lambda: cut(twins, None)


def of_token(twins: Twins, token: Token) -> Ending:
    """A token's end, by its text."""
    grant = token.grant
    return by_text(twins, token.text), lambda: twins.model.revoke(grant.service, grant.client, token)


def of_grant(twins: Twins, grant: Grant) -> Ending:
    """A grant's end, by its refresh token."""
    newest = len(grant.texts) - 1
    return (
        by_text(twins, grant.texts[-1]),
        lambda: twins.model.revoke_refresh(grant.service, grant.client, grant, newest),
    )


def by_text(twins: Twins, text: str) -> Revoke:
    async def revoke(dry: bool) -> Receipt:  # noqa: FBT001  as the others
        return (await tokens.revoke(twins.world.store, text, dry_run=dry))[1]

    return revoke


def cut(twins: Twins, whose: Service | Client | None) -> None:
    """What was issued until now is dead."""
    twins.model.moment += 1
    if whose is None:
        twins.model.site_cut = twins.model.moment
    else:
        whose.cut = twins.model.moment


def difference(before: Living, after: Living) -> Counts:
    """What has died."""
    assert after.tokens <= before.tokens
    return Counts(len(before.tokens - after.tokens), len(before.grants - after.grants), len(before.codes - after.codes))


async def check_ending(twins: Twins, ending: Ending) -> Counts:
    """Revokes, dry and in earnest: both say what has died, and again there is nothing left to die."""
    revoke, foretell = ending
    before = await twins.check_living()
    dry = await revoke(True)
    assert await twins.check_living() == before
    done = await revoke(False)
    foretell()
    died = difference(before, await twins.check_living())
    assert (dry.died, done.died) == (died, died)
    assert (dry.dead_since, done.dead_since is None) == (None, False)
    assert (await revoke(True)).died == Counts()
    tally("revocations whose receipts were compared with what died")
    return died


async def stage(world: World, **policy: Any) -> Twins:
    """Two services, of which one is as given, and two clients."""
    twins = Twins(world)
    await twins.add_service(**policy)
    await twins.add_service()
    for _ in range(2):
        await twins.add_client()
    return twins


async def wander(twins: Twins, chance: random.Random) -> None:
    """One step of a history: anything that makes, moves or ends something."""
    model, user = twins.model, chance.choice(USERS)
    service, client = chance.choice((*twins.services, next(iter(twins.services)))), chance.choice(list(twins.clients))
    moment = chance.random()
    if moment < 0.3 or not model.tokens:
        flows = sorted(service.flows - {"authorization_code", "refresh_token"})
        flow = chance.choice(flows)
        await twins.issue(flow, service, client, None if flow == "client_credentials" else user)
    elif moment < 0.4:
        await twins.code(service, client, chance.choice((*USERS, None)))
    elif moment < 0.5 and model.codes:
        await twins.redeem(chance.choice(model.codes))
    elif moment < 0.65:
        grants = [grant for grant in model.grants if grant.texts]
        if grants:
            grant = chance.choice(grants)
            await twins.refresh(grant, stolen=len(grant.texts) > 2 and chance.random() < 0.2)
    elif moment < 0.9:
        await twins.move(chance.choice(model.tokens), user)
    elif moment < 0.95:
        await twins.revoke(chance.choice(model.tokens))
    else:
        await twins.revoke_user(service, client, user)


def some_ending(twins: Twins, chance: random.Random) -> Ending:
    """Any revocation that an operator may order."""
    service, client = chance.choice(list(twins.services)), chance.choice(list(twins.clients))
    user, token = chance.choice(USERS), chance.choice(twins.model.tokens)
    endings = [of_user(twins, user), of_user(twins, user, (service,)), of_user(twins, user, (), client)] * 3
    endings += [of_client(twins, client), of_service(twins, service), of_site(twins), of_token(twins, token)]
    if token.grant.texts:
        endings.append(of_grant(twins, token.grant))
    return chance.choice(endings)


POLICIES: tuple[dict[str, Any], ...] = (
    {},
    {"revocation": "token"},
    {"allow_multiple_tokens": False},
    {"secure_tokens": True},
    {"flows": FLOWS - {"refresh_token"}},
)
HISTORIES, ROUNDS, STEPS = 2, 4, 8


@pytest.mark.parametrize("number", range(times(HISTORIES)))
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: "+".join(policy) or "plain")
async def test_after_any_history_a_receipt_says_what_died(world: World, policy: dict[str, Any], number: int) -> None:
    twins, chance = await stage(world, **policy), random.Random(f"{sorted(policy)} {number}")

    for _ in range(ROUNDS):
        for _ in range(STEPS):
            await wander(twins, chance)
        await check_ending(twins, some_ending(twins, chance))

    await twins.check_codes()
    tally("histories before revocations")


# Short histories, each step a letter: r refreshes the grant, x ends its youngest token alone; the others give a token
# to a user, as a capital the youngest and else the oldest one: to ann (who had it first), bob or cyd.
LETTERS = "rxaBbC"
TAKERS = {"a": USERS[0], "b": USERS[1], "c": USERS[2]}
LONGEST = min(1 + times(1), 3)
SHORT = ["".join(word) for length in range(LONGEST + 1) for word in itertools.product(LETTERS, repeat=length)]
PACKED = 45  # fewer than a user may be given


async def go_through(twins: Twins, token: Token, letters: str) -> None:
    """A grant's short history."""
    grant = token.grant
    for letter in letters:
        if letter == "r":
            if grant.texts:
                await twins.refresh(grant)
        elif letter == "x":
            await twins.revoke(grant.tokens[-1])
        else:
            await twins.move(grant.tokens[-1 if letter.isupper() else 0], TAKERS[letter.lower()])


async def two_grants(twins: Twins, service: Service, client: Client, letters: str) -> None:
    """The same history for a grant of ann and for one of the client itself."""
    of_ann = await twins.redeem(await twins.code(service, client, "ann"))
    of_nobody = await twins.issue("client_credentials", service, client, None)
    assert of_ann is not None
    await go_through(twins, of_ann, letters)
    await go_through(twins, of_nobody, letters)


ENDINGS: dict[str, Callable[[Twins, Service, Client], Ending]] = {
    "the first user": lambda twins, *_: of_user(twins, "ann"),
    "who was given": lambda twins, *_: of_user(twins, "bob"),
    "who was given at last": lambda twins, service, _: of_user(twins, "cyd", (service,)),
    "who was given, with a client": lambda twins, service, client: of_user(twins, "bob", (service,), client),
    "the client": lambda twins, _, client: of_client(twins, client),
    "the service": lambda twins, service, _: of_service(twins, service),
    "the site": lambda twins, *_: of_site(twins),
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
async def test_after_every_short_history_a_receipt_says_what_died(
    world: World, monkeypatch: pytest.MonkeyPatch, ending: Callable[[Twins, Service, Client], Ending]
) -> None:
    monkeypatch.setattr("mashery_oauth.store.tokens.POINTERS", 10_000)  # many histories share the users
    twins = await stage(world, revocation="token")
    (service, _), (client, _) = twins.services, twins.clients

    for first in range(0, len(SHORT), PACKED):
        pack = SHORT[first : first + PACKED]
        await asyncio.gather(*(two_grants(twins, service, client, letters) for letters in pack))
        died = await check_ending(twins, ending(twins, service, client))
        assert died.access_tokens > 0
        twins.forget()
        tally("short histories of moved tokens before revocations", 2 * len(pack))
