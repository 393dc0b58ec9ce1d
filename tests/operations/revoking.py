"""Grants of two services, two clients and two users, and what ends some of them, level by level."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mashery_oauth.models import Application, Service
from mashery_oauth.operations import revocation, tokens
from mashery_oauth.operations.revocation import Reach

from ..world import World

PASSWORD = {"grant_type": "password"}
USERS = ("alice", "bob")
AGE = 1.0  # seconds, as the worlds' stores have it


@dataclass(frozen=True, eq=False)
class Held:
    """A grant: whose it is, and its texts."""

    service: Service
    client: Application
    user: str
    access: str
    refresh: str


@dataclass
class Scene:
    """Two services, two clients, two users: a grant of each."""

    world: World
    services: list[Service]
    clients: list[Application]
    held: list[Held]

    async def grant(self, service: Service, client: Application, user: str) -> Held:
        made = (await self.world.token(service, client, PASSWORD, user_context=user)).result
        return Held(service, client, user, made["access_token"], made["refresh_token"])

    async def living(self) -> set[Held]:
        """The grants that work: their access token is served. Their refresh token is then tried, where asked."""
        alive = await asyncio.gather(*(self.world.is_alive(held.service, held.access) for held in self.held))
        return {held for held, lives in zip(self.held, alive, strict=True) if lives}

    async def refreshable(self) -> set[Held]:
        answers = await asyncio.gather(
            *(self.world.refresh(held.service, held.client, held.refresh) for held in self.held)
        )
        return {held for held, answer in zip(self.held, answers, strict=True) if "result" in answer.json}


Level = tuple[Callable[[Scene], Awaitable[Any]], Callable[[Scene, Held], bool]]


async def by_token(scene: Scene) -> Any:
    await scene.world.set_policy(scene.services[0], revocation="token")
    return await tokens.revoke(scene.world.store, scene.held[0].access)


async def by_grant(scene: Scene) -> Any:
    return await tokens.revoke(scene.world.store, scene.held[0].refresh)


async def by_user_and_application(scene: Scene) -> Any:
    reach = Reach(services=(scene.services[0].key,), application=scene.clients[0].client_id)
    return await revocation.user(scene.world.store, "alice", reach)


async def by_user(scene: Scene) -> Any:
    return await revocation.user(scene.world.store, "alice", Reach(site=str(scene.world.site.id)))


async def by_application(scene: Scene) -> Any:
    return await revocation.application(scene.world.store, scene.clients[0].client_id, AGE)


async def by_service(scene: Scene) -> Any:
    return await revocation.service(scene.world.store, scene.services[0].key, AGE)


async def by_site(scene: Scene) -> Any:
    return await revocation.site(scene.world.store, str(scene.world.site.id), AGE)


def is_first(scene: Scene, held: Held) -> bool:
    return held == scene.held[0]


LEVELS: dict[str, Level] = {
    "token": (by_token, is_first),
    "grant": (by_grant, is_first),
    "user and application": (
        by_user_and_application,
        lambda scene, held: (
            (held.service.key, held.client.client_id, held.user)
            == (scene.services[0].key, scene.clients[0].client_id, "alice")
        ),
    ),
    "user": (by_user, lambda _, held: held.user == "alice"),
    "application": (by_application, lambda scene, held: held.client == scene.clients[0]),
    "service": (by_service, lambda scene, held: held.service == scene.services[0]),
    "site": (by_site, lambda *_: True),
}


def reached(scene: Scene, levels: tuple[str, ...]) -> set[Held]:
    return {held for held in scene.held if any(LEVELS[level][1](scene, held) for level in levels)}
