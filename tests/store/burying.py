"""Many grants of one user, ended in each way that there is; and what is left of them in the user's marks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import orjson

from mashery_oauth.models import Application, Service
from mashery_oauth.store import keys
from tests.flows.calls import Members, granted, revoke, update
from tests.world import World

MANY = 64  # grants that are left in peace
TOGETHER = 20  # calls that are under way at once
AT_ONCE = 500  # tokens that are fetched by one call
ENTRY, REST = 33, 120  # bytes of one grant in the marks, and of everything else there

Given = TypeVar("Given")
Made = TypeVar("Made")


async def in_batches(work: Callable[[Given], Awaitable[Made]], given: Sequence[Given]) -> list[Made]:
    """The same work for each, some of them at once."""
    made: list[Made] = []
    for at in range(0, len(given), TOGETHER):
        made += await asyncio.gather(*map(work, given[at : at + TOGETHER]))
    return made


async def grants(world: World, service: Service, client: Application, count: int, **more: Any) -> list[Members]:
    """Grants of a user."""

    async def make(_: int) -> Members:
        return await granted(world, service, client, **more)

    return await in_batches(make, range(count))


async def end(world: World, service: Service, client: Application, made: Sequence[Members]) -> None:
    """Revokes grants by their refresh tokens, or by what they have."""

    async def revoked(grant: Members) -> None:
        answer = await revoke(world, service, client, grant.get("refresh_token") or grant["access_token"])
        assert answer.result is True

    await in_batches(revoked, made)


async def bury(
    world: World, service: Service, client: Application, count: int = MANY + 1, **more: Any
) -> list[Members]:
    """So many grants that come and go, that all marks of grants are looked through once at least."""
    made = await grants(world, service, client, count, **more)
    await end(world, service, client, made)
    return made


async def raw_marks(world: World, tag: str) -> bytes:
    """A marks record as it is."""
    raw: bytes | None = await world.store.link.run(keys.marks(tag), "GET", keys.marks(tag))
    return raw or b"{}"


async def marks(world: World, service: Service, user: str = "user") -> Any:
    """A user's marks."""
    return orjson.loads(await raw_marks(world, world.store.texts.tag_of_user(service.id, user)))


async def buried(world: World, service: Service, user: str = "user") -> set[str]:
    """The grants that are named there."""
    return set((await marks(world, service, user)).get("g", ()))


def family_of(world: World, grant: Members) -> str:
    """A grant's name."""
    place = world.store.texts.locate_refresh(grant["refresh_token"])
    assert place is not None
    return place.family


async def living(world: World, service: Service, tokens: Sequence[str]) -> set[str]:
    """Those access tokens that work."""
    found: set[str] = set()
    for at in range(0, len(tokens), AT_ONCE):
        answer = await world.fetch(service, list(tokens[at : at + AT_ONCE]))
        found |= {each["access_token"] for each in answer.result}
    return found


async def client_of(world: World, **policy: Any) -> tuple[Service, Application]:
    """A service and a client of it."""
    service = await world.add_service("rfc6749", **policy)
    return service, await world.add_application(service)


async def chain(world: World, service: Service, client: Application, first: Members, count: int) -> list[Members]:
    """A grant and its refreshes."""
    made = [first]
    for _ in range(count):
        made.append((await world.refresh(service, client, made[-1]["refresh_token"])).result)
    return made


def texts(made: list[Members]) -> list[str]:
    """Their access tokens."""
    return [each["access_token"] for each in made]


async def give(world: World, service: Service, client: Application, grant: Members, user: str = "new-user") -> None:
    """Another user has its token from now on."""
    answer = await update(world, service, client, grant["access_token"], user_context=user)
    assert answer.result["user_context"] == user
