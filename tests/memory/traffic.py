"""Everything that makes, changes and ends tokens, in rounds, with short lifetimes and many users."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from mashery_oauth.models import Caller
from mashery_oauth.pkce import s256
from mashery_oauth.store.texts import random_letters
from tests.world import World

from . import batches
from .arguments import Asking
from .batches import Call

VERIFIER = "v" * 43
LIMIT = 3  # calls that the throttled caller may make in a second

# Services: their preset, and what sets each apart.
SERVICES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("mashery", {}),
    ("mashery", {"secure_tokens": True}),
    ("mashery", {"token_type": "mac", "revocation": "token"}),
    ("mashery", {"allow_multiple_tokens": False}),
    ("mashery", {"token_cap": 2}),
    ("rfc6749", {"refresh_rotation": False}),
)


@dataclass
class Person:
    """A user of a round, and the texts that came back for it, oldest first."""

    name: str
    codes: list[str] = field(default_factory=list)
    access: list[str] = field(default_factory=list)
    refresh: list[str] = field(default_factory=list)


@dataclass
class Traffic:
    """Rounds of calls; what came of them, by step and outcome."""

    world: World
    askings: list[Asking]
    throttled: Caller
    users: int  # in one round
    rounds: int = 0
    made: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def until(self, tokens: int, watch: Callable[[], None] = lambda: None) -> None:
        """Rounds until so many more tokens were made; looks at the store after each."""
        goal = self.made + tokens
        while self.made < goal:
            await self._round(self.askings[self.rounds % len(self.askings)])
            self.rounds += 1
            watch()

    async def _round(self, asking: Asking) -> None:
        """Half of the users are new in each round, half come back in each."""
        people = [Person(f"new-{self.rounds}-{n}" if n % 2 else f"regular-{n}") for n in range(self.users)]
        await self._make(asking, people)
        await self._use_twice(asking, people)
        await self._change(asking, people)
        await self._fail(asking, people)
        await self._end(asking, people)
        await self._call_too_often()

    async def _make(self, asking: Asking, people: list[Person]) -> None:
        challenge = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}
        await self._ask("code", ((one, asking.code(one.name, **challenge)) for one in people))
        await self._ask("unused code", ((one, asking.code(one.name)) for one in people[::2]))
        await self._ask("nobody's code", ((one, asking.code(None)) for one in people[::4]))
        redeemed = [(one, asking.redeem(one.codes[0], code_verifier=VERIFIER)) for one in people]
        await self._ask("redeem", redeemed)
        await self._ask("password", ((one, asking.token("password", one.name)) for one in people))
        await self._ask("implicit", ((one, asking.token("implicit", one.name)) for one in people))
        await self._ask("client_credentials", ((one, asking.token("client_credentials")) for one in people))

    async def _use_twice(self, asking: Asking, people: list[Person]) -> None:
        """Refreshes; retries of the same refresh; refresh tokens two generations old; codes once more."""
        some = [one for one in people if one.refresh]
        first = {one.name: one.refresh[0] for one in some}
        await self._ask("refresh", ((one, asking.refresh(first[one.name])) for one in some))
        await self._ask("retry", ((one, asking.refresh(first[one.name])) for one in some[::2]))
        await self._ask("next refresh", ((one, asking.refresh(one.refresh[-1])) for one in some))
        await self._ask("reuse", ((one, asking.refresh(first[one.name])) for one in some[::4]))
        replayed = ((one, asking.redeem(one.codes[0], code_verifier=VERIFIER)) for one in people[1::4])
        await self._ask("replay", replayed)

    async def _change(self, asking: Asking, people: list[Person]) -> None:
        life = asking.service.policy.access_ttl
        some = [one for one in people if one.access]
        await self._ask("prolong", ((one, asking.update(one.access[-1], expires_in=life)) for one in some[::3]))
        moved = ((one, asking.update(one.access[-1], user_context=f"{one.name}-else")) for one in some[::2])
        await self._ask("move", moved)

    async def _fail(self, asking: Asking, people: list[Person]) -> None:
        attempts = (
            asking.token("password", "user", secret="wrong"),
            asking.redeem(random_letters(44)),
            asking.refresh(random_letters(60)),
        )
        await self._ask("fail", ((one, call) for one in people[::4] for call in attempts))

    async def _end(self, asking: Asking, people: list[Person]) -> None:
        await self._ask("list", ((one, asking.tokens_of(one.name)) for one in people))
        await self._ask("fetch", ((one, asking.fetch(one.access)) for one in people))
        gone = chain(
            ((one, asking.revoke(one.access[0])) for one in people[::5] if one.access),
            ((one, asking.revoke(one.refresh[-1])) for one in people[1::5] if one.refresh),
        )
        await self._ask("revoke", gone)
        ended = chain(people[2::5], (replace(one, name=f"{one.name}-else") for one in people[:4]))
        await self._ask("revoke user", ((one, asking.revoke_user(one.name)) for one in ended))

    async def _ask(self, step: str, asked: Iterable[tuple[Person, Call]]) -> None:
        """Takes what the answers bring to the users whose they are."""
        pairs = list(asked)
        answers = await batches.ask(self.world, [call for _, call in pairs])
        for (one, _), answer in zip(pairs, answers, strict=True):
            self.outcomes[step, answer["error"]["message"] if "error" in answer else "ok"] += 1
            if isinstance(answer.get("result"), dict):
                self._take(one, answer["result"])

    def _take(self, one: Person, result: dict[str, Any]) -> None:
        if "code" in result:
            one.codes.append(result["code"])
        if "access_token" in result and result["access_token"] not in one.access:
            one.access.append(result["access_token"])
            self.made += 1
        if "refresh_token" in result and result["refresh_token"] not in one.refresh:
            one.refresh.append(result["refresh_token"])

    async def _call_too_often(self) -> None:
        given = base64.b64encode(f"{self.throttled.user}:{self.world.password}".encode()).decode()
        for _ in range(3 * LIMIT):
            answer = await self.world.post(b"[]", headers={"Authorization": f"Basic {given}"})
            self.outcomes["throttled", str(answer.status)] += 1


async def start(world: World, life: int, users: int) -> Traffic:
    """Services and clients of a world, and a caller with a limit.

    :param life: seconds that an access token lives; all else ends soon after.
    :param users: how many a round has.
    """
    lives: dict[str, Any] = {
        "access_ttl": life,
        "code_ttl": life,
        "refresh_idle_ttl": 2 * life,
        "refresh_absolute_ttl": 4 * life,
        "refresh_grace": 1,
        "inactive_retention": life,
    }
    services = [await world.add_service(preset, **lives, **own) for preset, own in SERVICES]
    clients = [await world.add_application(*services) for _ in range(3)]
    apikey = random_letters(24)
    throttled = replace(world.caller, apikey=apikey, secret="", user=f"user-{apikey}", calls_per_second=LIMIT)
    await world.write(throttled)
    return Traffic(world, [Asking(service, client) for service in services for client in clients], throttled, users)
