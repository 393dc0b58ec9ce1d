"""What every call of the service is tried with: what is given, the call itself, and what must hold afterwards."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mashery_oauth.models import Application, Service
from tests.flows.calls import listed, names
from tests.world import Answer, World

from .stage import Lane, Trial

Members = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Given:
    """A service and a client of its own for each trial, so that no worker knows them yet; and what was made before."""

    service: Service
    client: Application
    texts: dict[str, str] = field(default_factory=dict)

    def named(self, **more: Any) -> dict[str, Any]:
        """Arguments that name service and client, and more."""
        return names(self.service, self.client, **more)


@dataclass(frozen=True, slots=True)
class Call:
    """One thing that a provider asks for."""

    name: str
    commands: int  # that it sends, with a configuration that is not known yet
    act: Callable[[World, Given], Awaitable[Answer]]
    check: Callable[[World, Given, Trial], Awaitable[None]]
    prepare: Callable[[World, Given], Awaitable[Members]] | None = None
    policy: Members = field(default_factory=dict)

    async def given(self, lane: Lane) -> Given:
        """What there is before the call."""
        maker = lane.maker
        async with lane.making:
            service = await maker.add_service("rfc6749", **self.policy)
            given = Given(service, await maker.add_application(service))
        if self.prepare is not None:
            given.texts.update(await self.prepare(maker, given))
        return given


async def check_one_grant(world: World, given: Given, made: Members, user: str = "user") -> None:
    """A grant that works: its token is the only one, and its refresh token has one successor."""
    assert await world.is_alive(given.service, made["access_token"])
    assert await listed(world, given.service, user) == [made["access_token"]]
    following = (await world.refresh(given.service, given.client, made["refresh_token"])).result
    again = (await world.refresh(given.service, given.client, made["refresh_token"])).result
    assert following["refresh_token"] == again["refresh_token"] != made["refresh_token"]
    assert following["access_token"] == again["access_token"]
    assert await world.is_alive(given.service, following["access_token"])


async def check_all_dead(world: World, given: Given, made: Members) -> None:
    """A grant of which nothing works."""
    assert not await world.is_alive(given.service, made["access_token"])
    assert await listed(world, given.service) == []
    refused = await world.refresh(given.service, given.client, made["refresh_token"])
    assert refused.error["message"] == "Invalid refresh token"


async def check_whole(world: World, given: Given, made: Members) -> bool:
    """A grant is alive or dead, never one part of it; which of them."""
    alive = await world.is_alive(given.service, made["access_token"])
    if alive:
        await check_one_grant(world, given, made)
    else:
        await check_all_dead(world, given, made)
    return alive
