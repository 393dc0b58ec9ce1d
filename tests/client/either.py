"""Both clients behind one surface, so that a test is written once: the one for threads runs in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from mashery_oauth.client import AsyncClient, BackendError, Call, Client, Cloud, Credentials, Local
from mashery_oauth.dialects import CLOUD, LOCAL_V2, Dialect
from tests.world import World

T = TypeVar("T")

KINDS: tuple[type[AsyncClient | Client], ...] = (AsyncClient, Client)


class Either:
    """A client of either kind, asked with ``await``; each of its methods is found by name."""

    def __init__(self, client: AsyncClient | Client) -> None:
        self.client = client

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        method = getattr(self.client, name)

        async def call(*args: Any, **named: Any) -> Any:
            return await self._done(method, *args, **named)

        return call

    async def send(self, call: Call[T]) -> T:
        """Sends a call."""
        result: T = await self._done(self.client.send, call)
        return result

    async def batch(self, calls: Sequence[Call[Any]]) -> list[Any]:
        """Sends a batch."""
        return list(await self._done(self.client.batch, calls))

    async def failure(self, call: Call[Any]) -> BackendError:
        """How a call fails."""
        try:
            result = await self.send(call)
        except BackendError as error:
            return error
        raise AssertionError(f"It did not fail: {result}")

    async def close(self) -> None:
        """Closes it."""
        await self._done(self.client.close)

    async def _done(self, method: Callable[..., Any], *args: Any, **named: Any) -> Any:
        if isinstance(self.client, AsyncClient):
            return await method(*args, **named)
        return await asyncio.to_thread(method, *args, **named)


def credentials(world: World, dialect: Dialect) -> Credentials:
    """The world's caller, in a dialect."""
    if dialect is CLOUD:
        return Cloud(world.site.id, world.caller.apikey, world.apikey_secret)
    return Local(world.caller.user, world.password, version=2 if dialect is LOCAL_V2 else 3)


def url(world: World) -> str:
    """Where the world's backend is."""
    return str(world.http.make_url("")).rstrip("/")


async def caught(call: Awaitable[Any]) -> BackendError | None:
    """What a call fails with, if it does."""
    try:
        await call
    except BackendError as error:
        return error
    return None
