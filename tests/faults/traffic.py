"""Callers that go on while something happens to the store, and hold it to everything that they were told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mashery_oauth.models import Application, Service
from tests.effort import tally
from tests.flows.calls import listed, revoke
from tests.store.trouble import until
from tests.wire.test_store_trouble import check_retryable
from tests.world import Answer, World

PATIENCE = 20.0  # seconds that a caller tries again
PAUSE = 0.02  # seconds between two attempts


@dataclass
class Traffic:
    """Grants that are made, refreshed and revoked; what is said of each must stay true."""

    world: World
    service: Service
    client: Application
    living: dict[str, str] = field(default_factory=dict)  # user: the one token that lives
    ended: set[str] = field(default_factory=set)  # users of whom nothing lives
    told_again: int = 0  # answers that said: try again
    finished: int = 0  # stories that were told to the end
    lost: int = 0  # stories that a fail-over may have taken something from
    falls: int = 0
    stopping: bool = False

    async def _steadily(self, call: Callable[[], Awaitable[Answer]]) -> tuple[Answer, bool]:
        """An answer other than to try again, and whether that one came first: its outcome is unknown."""
        deadline, unknown = time.monotonic() + PATIENCE, False
        while True:
            answer = await call()
            if answer.status != 503:
                return answer, unknown
            check_retryable(answer)
            self.told_again += 1
            unknown = True
            if time.monotonic() > deadline:
                raise TimeoutError("the service does not recover")
            await asyncio.sleep(PAUSE)

    async def _result(self, call: Callable[[], Awaitable[Answer]]) -> Any:
        return (await self._steadily(call))[0].result

    async def story(self, user: str, *, revoked: bool) -> None:
        """A code, its grant, a refresh, and perhaps the end; all of it for one user."""
        world, service, client = self.world, self.service, self.client
        consent = {"service_key": service.key, "client": {"client_id": client.client_id}, "user_context": user}
        made = await self._result(
            lambda: world.call(
                "createAuthorizationCode", {**consent, "uri": {"redirect_uri": "https://client.example.com/cb"}}
            )
        )
        exchanged, unknown = await self._steadily(lambda: world.redeem(service, client, made["code"]))
        if "error" in exchanged.json:  # its first answer was lost: a second redemption ends the grant
            assert unknown, exchanged.body
            assert exchanged.error["message"] == "Invalid authorization code"
            self.ended.add(user)
            return
        refresh_token = exchanged.result["refresh_token"]
        following = await self._result(lambda: world.refresh(service, client, refresh_token))
        token = following["access_token"]
        (shown,) = await self._result(lambda: world.fetch(service, [token]))
        assert shown["user_context"] == user
        if not revoked:
            self.living[user] = token
            return
        assert await self._result(lambda: revoke(world, service, client, token)) is True
        assert await self._result(lambda: world.fetch(service, [token])) == []
        self.ended.add(user)

    async def _labour(self, number: int) -> None:
        turn = 0
        while not self.stopping:
            turn += 1
            falls = self.falls
            try:
                await self.story(f"user {number}.{turn}", revoked=turn % 2 == 0)
            except AssertionError:
                if falls == self.falls:
                    raise
                self.lost += 1
            self.finished += 1

    def fall(self) -> None:
        """A node falls now that may not have passed on all it acknowledged."""
        self.falls += 1

    @asynccontextmanager
    async def running(self, callers: int) -> AsyncIterator[None]:
        """The callers are at work, and some stories have been told; afterwards some more have."""
        tasks = [asyncio.ensure_future(self._labour(number)) for number in range(callers)]
        try:
            await self.more(callers * 2, tasks)
            yield
            await self.more(callers * 2, tasks)
        finally:
            self.stopping = True
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if end is not None:
                raise end
        tally("stories told while something happened to the store", self.finished)

    async def more(self, count: int, tasks: Sequence[asyncio.Future[None]]) -> None:
        """Waits until so many more stories have been told."""
        wanted = self.finished + count

        async def told() -> bool:
            return self.finished >= wanted or any(task.done() for task in tasks)

        await until(told, PATIENCE)

    async def check(self) -> None:
        """Everything that was told is still true."""
        world, service = self.world, self.service
        assert self.living
        assert self.ended
        for user, token in self.living.items():
            assert token in await listed(world, service, user), user
            assert await world.is_alive(service, token), user
        for user in self.ended:
            assert await listed(world, service, user) == [], user


async def traffic(world: World) -> Traffic:
    """Traffic at a service of its own."""
    service = await world.add_service("rfc6749")
    return Traffic(world, service, await world.add_application(service))
