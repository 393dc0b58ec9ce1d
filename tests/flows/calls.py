"""Calls that tests of flows make beside createAccessToken, and many calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from mashery_oauth.models import Application, Service
from tests.world import SECRET, Answer, World

MANY = 200

Members = dict[str, Any]


def names(service: Service, client: Application, **more: Any) -> Members:
    """The arguments that name service and client, and more."""
    identity = {"client_id": client.client_id, "client_secret": SECRET}
    return {"service_key": service.key, "client": identity, **more}


async def password(
    world: World, service: Service, client: Application, user: str | None = "user", **data: Any
) -> Answer:
    """A token by the password flow."""
    return await world.token(service, client, {"grant_type": "password", **data}, user_context=user)


async def granted(
    world: World, service: Service, client: Application, user: str | None = "user", **more: Any
) -> Members:
    """A grant by a code: createAccessToken's result."""
    code = await world.code(service, client, user, **more)
    return dict((await world.redeem(service, client, code)).result)


async def update(world: World, service: Service, client: Application, access_token: str, **changes: Any) -> Answer:
    """updateAccessToken."""
    return await world.call("updateAccessToken", names(service, client, access_token=access_token, **changes))


async def revoke(world: World, service: Service, client: Application, token: str) -> Answer:
    """revokeAccessToken."""
    return await world.call("revokeAccessToken", names(service, client, access_token=token))


async def revoke_user(world: World, service: Service, client: Application, user: str = "user") -> Answer:
    """revokeUserApplication."""
    return await world.call("revokeUserApplication", names(service, client, user_context=user))


async def listed(world: World, service: Service, user: str = "user", status: str = "active") -> list[str]:
    """All tokens that fetchUserApplications shows."""
    params = {"service_key": service.key, "user_context": user, "token_status": status}
    found = (await world.call("fetchUserApplications", params)).result
    return [token for application in found for token in application["access_tokens"]]


async def at_once(call: Callable[[], Coroutine[Any, Any, Answer]], times: int = MANY) -> list[Answer]:
    """The same call many times at once."""
    return list(await asyncio.gather(*(call() for _ in range(times))))


def successes(answers: list[Answer]) -> list[Members]:
    """The results of those that succeeded."""
    return [answer.result for answer in answers if "result" in answer.json]


def messages(answers: list[Answer]) -> set[str]:
    """What those that failed said."""
    return {answer.error["message"] for answer in answers if "error" in answer.json}


async def are_alive(world: World, service: Service, tokens: list[str]) -> list[bool]:
    """Which access tokens work."""
    return list(await asyncio.gather(*(world.is_alive(service, token) for token in tokens)))
