"""What can be kept for a token, one kind at a time: how many of each are made, and what is then in the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Service
from mashery_oauth.presets import preset
from mashery_oauth.store.counters import Counters
from mashery_oauth.store.texts import random_letters
from tests.world import World

from .arguments import Asking
from .batches import results
from .nodes import Nodes

SCOPE = "payments:read"
TOGETHER = 25  # tokens of one user, where a user has several


def user(number: int) -> str:
    """A user_context of twelve characters."""
    return f"user-{number:07}"


@dataclass(frozen=True, slots=True)
class Making:
    """Makes things at a service, in a store that has nothing else."""

    world: World
    nodes: Nodes
    asking: Asking

    async def tokens(self, many: int, grant_type: str = "password", each: int = 1) -> list[dict[str, Any]]:
        """So many tokens; ``each`` of them of the same user."""
        calls = [self.asking.token(grant_type, user(number // each), scope=SCOPE) for number in range(many)]
        return await results(self.world, calls)

    async def codes(self, many: int) -> list[str]:
        """A code of each of so many users."""
        calls = [self.asking.code(user(number), scope=SCOPE) for number in range(many)]
        return [made["code"] for made in await results(self.world, calls)]


async def without_user(making: Making, many: int) -> None:
    calls = [making.asking.token("client_credentials", scope=SCOPE)] * many
    await results(making.world, calls)


async def with_user(making: Making, many: int) -> None:
    await making.tokens(many)


async def together(making: Making, many: int) -> None:
    await making.tokens(many, each=TOGETHER)


async def ended(making: Making, many: int) -> None:
    await making.tokens(many, each=TOGETHER)
    making.nodes.delete("t")


async def moved(making: Making, many: int) -> None:
    made = await making.tokens(many)
    calls = [
        making.asking.update(token["access_token"], user_context=user(many + number))
        for number, token in enumerate(made)
    ]
    await results(making.world, calls)


async def revoked(making: Making, many: int) -> None:
    made = await making.tokens(many)
    await results(making.world, [making.asking.revoke(token["access_token"]) for token in made])


async def users_revoked(making: Making, many: int) -> None:
    await making.tokens(many)
    await results(making.world, [making.asking.revoke_user(user(number)) for number in range(many)])


async def refreshed(making: Making, many: int) -> None:
    made = await making.tokens(many)
    await results(making.world, [making.asking.refresh(token["refresh_token"]) for token in made])


async def unused(making: Making, many: int) -> None:
    await making.codes(many)


async def redeemed(making: Making, many: int) -> None:
    codes = await making.codes(many)
    await results(making.world, [making.asking.redeem(code) for code in codes])


async def counted(making: Making, many: int) -> None:
    counters = Counters(making.world.store.link)
    for number in range(many):
        await counters.incr(f"wrong/apikey/client-{number:07}", 300)


async def repeatable(making: Making, many: int) -> None:
    call = making.asking.token("client_credentials", scope=SCOPE)
    for number in range(many):
        answer = await making.world.call(call.method, call.params, headers={"Idempotency-Key": f"key-{number:07}"})
        assert answer.result


@dataclass(frozen=True, slots=True)
class Kind:
    """What is made, and the policy of the service where."""

    make: Callable[[Making, int], Awaitable[None]]
    policy: dict[str, Any]
    off: frozenset[str] = frozenset({"refresh_token"})  # flows


REFRESHING: frozenset[str] = frozenset()
SECURE, MAC = {"secure_tokens": True}, {"token_type": "mac"}

# By the words that docs/memory.rst has for them.
KINDS: dict[str, Kind] = {
    "token without a user": Kind(without_user, {}),
    "MAC token without a user": Kind(without_user, MAC),
    "token of a user": Kind(with_user, {}),
    "token of a user, with a refresh token": Kind(with_user, {}, REFRESHING),
    "grant that was refreshed once, within the grace window": Kind(refreshed, {}, REFRESHING),
    "grant by a code, which stays as used": Kind(redeemed, {}, REFRESHING),
    "code, not yet used": Kind(unused, {}),
    "token of a user who has 25": Kind(together, {}),
    "token of a user who has 25, ``secure_tokens``": Kind(together, SECURE),
    "ended token that is still listed, of a user who has 25": Kind(ended, {}),
    "ended token that is still listed, of a user who has 25, ``secure_tokens``": Kind(ended, SECURE),
    "token that was moved to another user": Kind(moved, {}),
    "token that was moved to another user, ``secure_tokens``": Kind(moved, SECURE),
    "token that was revoked, and its refresh token": Kind(revoked, {}, REFRESHING),
    "token whose user was revoked": Kind(users_revoked, {}),
    "client that sent a wrong secret, or caller with a limit who called": Kind(counted, {}),
    "token without a user that was asked for with an ``Idempotency-Key``": Kind(repeatable, {}),
}

# What docs/memory.rst says of single keys: of which kind, and the letter of the key.
RECORDS: dict[str, tuple[str, str]] = {
    "access token without a user": ("token without a user", "t"),
    "MAC access token without a user": ("MAC token without a user", "t"),
    "access token of a user": ("token of a user", "t"),
    "access token of a refreshable grant": ("token of a user, with a refresh token", "t"),
    "access token that was revoked": ("token that was revoked, and its refresh token", "t"),
    "refresh family": ("token of a user, with a refresh token", "f"),
    "refresh family after a refresh": ("grant that was refreshed once, within the grace window", "f"),
    "answer kept for the grace window": ("grant that was refreshed once, within the grace window", "g"),
    "code": ("code, not yet used", "c"),
    "code that was used": ("grant by a code, which stays as used", "c"),
    "marks of a user of whom nothing was revoked": ("token of a user", "m"),
    "marks with one grant revoked": ("token that was revoked, and its refresh token", "m"),
    "marks with one application revoked": ("token whose user was revoked", "m"),
    "list of one token": ("token of a user", "x"),
    "list of 25 tokens": ("token of a user who has 25", "x"),
    "list of 25 tokens, ``secure_tokens``": ("token of a user who has 25, ``secure_tokens``", "x"),
    "list of one moved token": ("token that was moved to another user", "x"),
    "list of one moved token, ``secure_tokens``": ("token that was moved to another user, ``secure_tokens``", "x"),
    "counter of wrong secrets, or of calls": (
        "client that sent a wrong secret, or caller with a limit who called",
        "q",
    ),
    "claim of an ``Idempotency-Key``": ("token without a user that was asked for with an ``Idempotency-Key``", "j"),
    "answer kept for an ``Idempotency-Key``": (
        "token without a user that was asked for with an ``Idempotency-Key``",
        "i",
    ),
}

_numbers = count(46_656)  # in base 36 four characters, as a service among many has


async def making_of(world: World, nodes: Nodes, kind: Kind) -> Making:
    """A service and a client for a kind; the records' lengths are the same in each run."""
    policy = replace(preset("rfc6749"), flows=frozenset(FLOWS) - kind.off, refresh_grace=300, **kind.policy)
    service = Service(random_letters(24), next(_numbers), world.site.id, "service", policy)
    await world.write(service)
    return Making(world, nodes, Asking(service, await world.add_application(service)))
