"""What was revoked, used or replaced stays so: through a killed store, a fail-over and a clock that was set back."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from mashery_oauth.models import Application, Service
from mashery_oauth.routes import application
from mashery_oauth.settings import Settings
from mashery_oauth.store import open_store
from mashery_oauth.store.embedded import EmbeddedStore
from tests.conftest import KEYS, new_world
from tests.servers import sentinel, stepped_node
from tests.store.test_sentinel import master_of
from tests.store.trouble import node, until
from tests.tools import time_library
from tests.world import World

from .calls import CHALLENGE, VERIFIER, Members, client_of, is_refreshable, living, oauth_error

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Past:
    """Grants that were ended, each in another way, and one that lives."""

    service: Service
    client: Application
    ended: tuple[Members, ...]
    used: str
    kept: Members

    async def check(self, world: World) -> None:
        """All that was ended is dead, what was used cannot be used again, and the rest lives."""
        await self.check_access(world)
        again = await world.redeem(self.service, self.client, self.used, code_verifier=VERIFIER)
        assert oauth_error(again) == "invalid_grant"
        for each in self.ended:
            assert not await is_refreshable(world, self.service, self.client, each["refresh_token"])
        assert await is_refreshable(world, self.service, self.client, self.kept["refresh_token"])

    async def check_access(self, world: World) -> None:
        """Only the access token of the grant that was not ended works."""
        texts = [each["access_token"] for each in (*self.ended, self.kept)]
        assert await living(world, self.service, texts) == [False] * len(self.ended) + [True]


async def granted(world: World, service: Service, client: Application, user: str) -> tuple[str, Members]:
    """A code that was used, and what it gave."""
    code = await world.code(service, client, user, **CHALLENGE)
    return code, dict((await world.redeem(service, client, code, code_verifier=VERIFIER)).result)


async def live(world: World) -> Past:
    """Ends grants by access token, by refresh token, by user, by a code used twice and by a refresh token reused."""
    service = await world.add_service("rfc6749", refresh_grace=0)
    client = await world.add_application(service)
    made = [await granted(world, service, client, f"user-{number}") for number in range(6)]
    by_access, by_refresh, by_user, by_code, by_reuse, kept = [grant for _, grant in made]
    names = {"service_key": service.key, "client": client_of(client)}

    await world.call("revokeAccessToken", names | {"access_token": by_access["access_token"]})
    await world.call("revokeAccessToken", names | {"access_token": by_refresh["refresh_token"]})
    await world.call("revokeUserApplication", names | {"user_context": "user-2"})
    await world.redeem(service, client, made[3][0], code_verifier=VERIFIER)
    await world.refresh(service, client, by_reuse["refresh_token"])
    await world.refresh(service, client, by_reuse["refresh_token"])
    return Past(service, client, (by_access, by_refresh, by_user, by_code, by_reuse), made[3][0], kept)


@asynccontextmanager
async def opened(url: str, before: World | None = None) -> AsyncIterator[World]:
    """A service on a store: a new site, or the one from before."""
    store = await open_store(url, KEYS, timeout=3, max_config_age=1)
    async with TestClient(TestServer(application(store, Settings()))) as client:

        async def existing(_: Any) -> TestClient[Any, Any]:
            return client

        if before is None:
            yield await new_world(store, cast(Any, existing))
        else:
            yield replace(before, store=store, http=client)
    await store.close()


def kill(url: str) -> None:
    """Ends the server without a word."""
    with node(url) as client:
        process = int(client.info("server")["process_id"])
    os.kill(process, signal.SIGKILL)


def clock_of(url: str) -> int:
    """Seconds since the epoch, as the server has it."""
    with node(url) as client:
        return int(client.time()[0])


@pytest.mark.keeps("CVE-2026-9802", "CVE-2026-68079", "CVE-2026-73311")
@pytest.mark.parametrize("is_killed", [False, True], ids=["stopped", "killed"])
async def test_ended_stays_ended_when_service_and_store_start_again(tmp_path: Path, *, is_killed: bool) -> None:
    first = EmbeddedStore.start(tmp_path, fsync="always")
    async with opened(first.url) as world:
        past = await live(world)

    if is_killed:
        os.kill(int((tmp_path / "valkey.lock").read_text()), signal.SIGKILL)
    first.stop()
    second = EmbeddedStore.start(tmp_path, fsync="always")

    async with opened(second.url, world) as again:
        await past.check(again)
    second.stop()


@pytest.fixture
def watched() -> Iterator[str]:
    """A master with a replica and a sentinel."""
    with sentinel() as url:
        yield url


@pytest.mark.keeps("CVE-2026-9802")
async def test_ended_stays_ended_when_a_replica_takes_over(watched: str) -> None:
    async with opened(watched) as world:
        past = await live(world)
        host, port = master_of(watched)
        with node(f"redis://{host}:{port}") as master:
            assert master.wait(1, 5000) == 1

        kill(f"redis://{host}:{port}")

        async def is_back() -> bool:
            return (await world.fetch(past.service, past.kept["access_token"])).status == 200

        await until(is_back, 20)
        assert master_of(watched) != (host, port)
        await past.check(world)


@pytest.mark.keeps("CVE-2026-9802")
@pytest.mark.parametrize("step", [-HOUR, HOUR], ids=["back", "ahead"])
async def test_ended_stays_ended_when_the_services_clock_is_set(
    world: World, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    past = await live(world)
    right = time.time

    monkeypatch.setattr(time, "time", lambda: right() + step)

    await past.check(world)


@pytest.mark.keeps("CVE-2026-9802")
@pytest.mark.parametrize("steps", [[-24 * HOUR], [HOUR // 2], [HOUR // 2, -HOUR, 0]], ids=["back", "ahead", "both"])
async def test_ended_stays_ended_when_the_stores_clock_is_set(steps: list[int]) -> None:
    with stepped_node(time_library()) as (url, clock):
        async with opened(url) as world, opened(url, world) as told:
            past = await live(world)

            for step in steps:
                clock.step(step)
                assert clock_of(url) == pytest.approx(time.time() + step, abs=60)
                async with opened(url, world) as again:
                    await past.check_access(again)

            await past.check(told)
