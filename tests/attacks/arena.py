"""Where the attacks take place: services with every rule that is attacked, there before the processes start.

Each attack brings users of its own, so that attacks share an arena without meeting in it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from mashery_oauth.dialects import LOCAL_V3, Dialect
from mashery_oauth.models import Application, Caller, Service, Site
from mashery_oauth.store import Store
from mashery_oauth.store.texts import random_letters
from tests.effort import tally
from tests.world import Answer, World

from .crowd import Crowd

MANY = 200  # calls at once
CAP = 5
MAX_CONFIG_AGE = 0.2  # seconds

T = TypeVar("T")
Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Arena:
    """One site. Every client is on every service."""

    site: Site
    caller: Caller
    apikey_secret: str
    password: str
    service: Service
    graceless: Service  # no retry of a refresh is forgiven
    single: Service  # one token of a user
    capped: Service
    toggled: Service
    client: Application
    other: Application


@dataclass(kw_only=True)
class Front(World):
    """A world whose door is that of other processes."""

    http: Any = None
    arena: Arena
    crowd: Crowd

    async def post(self, body: bytes, *, dialect: Dialect = LOCAL_V3, headers: dict[str, str] | None = None) -> Answer:
        """See :class:`World`."""
        return await self.crowd.post(self.url(dialect), self.basic() | (headers or {}), body)

    async def at_once(self, calls: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
        """Calls that start together, each on a connection that is open already."""
        ready = list(calls)
        await self.crowd.gathered(len(ready))
        tally("parallel calls and chains of calls", len(ready))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in ready]
        return [task.result() for task in tasks]

    async def alive(self, service: Service, tokens: Iterable[str]) -> set[str]:
        """Which of these access tokens work."""
        found: set[str] = set()
        asked = list(tokens)
        for start in range(0, len(asked), 1000):
            answer = await self.fetch(service, asked[start : start + 1000])
            found |= {token["access_token"] for token in answer.result}
        return found


async def prepared(store: Store) -> Arena:
    """Writes a site of its own."""
    site = Site(secrets.randbelow(2**31), "Arena")
    apikey, secret, password = random_letters(24), random_letters(12), random_letters(16)
    hashed = store.ring.hash(password)
    sealed = store.ring.seal(secret.encode(), f"caller:{apikey}")
    caller = Caller(apikey, site.id, "provider", secret=sealed, user=f"user-{apikey}", password=hashed)
    nobody: Any = None  # there is no door yet
    world = World(store, nobody, site, caller, secret, password)
    await world.write(site, caller)
    services = []
    for members in ({}, {"refresh_grace": 0}, {"allow_multiple_tokens": False}, {"token_cap": CAP}, {}):
        world.numbers += 1  # each has a name of its own, without which no operator may change it
        services.append(await world.add_service("rfc6749", **members))
    client, other = [await world.add_application(*services) for _ in range(2)]
    service, graceless, single, capped, toggled = services
    return Arena(site, caller, secret, password, service, graceless, single, capped, toggled, client, other)


def new_user() -> str:
    """A user whom no other attack knows."""
    return f"user-{random_letters(12)}"


def tokens_of(results: Iterable[Members]) -> list[str]:
    """The access tokens in createAccessToken's results."""
    return [result["access_token"] for result in results]


def kinds(answers: Sequence[Answer]) -> dict[str, int]:
    """What was answered, and how often: successes by their text, refusals by their sentence."""
    counts: dict[str, int] = {}
    for answer in answers:
        error = answer.json.get("error")
        kind = f"{answer.status} {orjson.dumps(answer.result).decode() if error is None else error['message']}"
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def front_of(store: Store, arena: Arena, crowd: Crowd) -> Front:
    """The arena's site, asked through a crowd's connections."""
    return Front(
        store=store,
        site=arena.site,
        caller=arena.caller,
        apikey_secret=arena.apikey_secret,
        password=arena.password,
        arena=arena,
        crowd=crowd,
    )
