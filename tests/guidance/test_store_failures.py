"""A revocation that the store did not carry out is never answered as one, whatever the trouble and at any exchange."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import pytest_asyncio
from redis import Redis

from mashery_oauth.models import Application, Service
from tests.effort import tally
from tests.servers import single_node
from tests.store.trouble import ask, node
from tests.waiting import until
from tests.wire.conftest import world_at
from tests.wire.outage import Line
from tests.world import Answer, World

from .calls import Members, client_of, is_refreshable, living, outcome

LONG = 600.0  # seconds that the configuration is believed, so that only the call itself needs the store
MOST = 8  # exchanges that one call may need
UNAVAILABLE = "Service temporarily unavailable"

together = pytest.mark.asyncio(loop_scope="module")


class Snapping(Line):
    """A line that breaks at one exchange: before the store has heard of it, or before anybody hears of the answer."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._left, self._side = 0, ""

    def snap(self, at: int, side: str) -> None:
        """Breaks at an exchange from now on, counted from 1."""
        self._left, self._side = at, side

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_store = writer.get_extra_info("peername")[1] == self._port
        side = "asked" if to_store else "answered"
        while data := await self._heard(reader):
            if self._side == side and self._left:
                self._left -= 1
                if self._left == 0:
                    self.cut()
                    return
            writer.write(data)
        writer.close()

    async def _heard(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.read(65536)
        except OSError:
            return b""


@dataclass(frozen=True, slots=True)
class Fragile:
    """A world at the end of such a line, and its store's own door."""

    world: World
    line: Snapping
    server: Redis


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def remote() -> AsyncIterator[Fragile]:
    """A store of its own, for anything may be done to it."""
    with single_node() as url:
        line = Snapping(url)
        await line.open()
        async with world_at(line.url, max_config_age=LONG) as world:
            with node(url) as server:
                yield Fragile(world, line, server)
        await line.close()


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant, and who has it."""

    service: Service
    client: Application
    made: Members


End = Callable[[World, Granted], Awaitable[Answer]]
Trouble = Callable[[Redis], Callable[[], object]]


def _named(grant: Granted) -> Members:
    return {"service_key": grant.service.key, "client": client_of(grant.client)}


async def _by_access_token(world: World, grant: Granted) -> Answer:
    return await world.call("revokeAccessToken", _named(grant) | {"access_token": grant.made["access_token"]})


async def _by_refresh_token(world: World, grant: Granted) -> Answer:
    return await world.call("revokeAccessToken", _named(grant) | {"access_token": grant.made["refresh_token"]})


async def _by_handle(world: World, grant: Granted) -> Answer:
    place = world.store.texts.locate(grant.made["access_token"])
    assert place is not None
    return await world.call("revokeAccessToken", _named(grant) | {"access_token": world.store.texts.handle(place)})


async def _by_user(world: World, grant: Granted) -> Answer:
    return await world.call("revokeUserApplication", _named(grant) | {"user_context": "user"})


async def _by_new_owner(world: World, grant: Granted) -> Answer:
    """The token was given to another user, whose revocation has to follow it."""
    return await world.call("revokeUserApplication", _named(grant) | {"user_context": "owner"})


async def granted(world: World, end: End) -> Granted:
    """A new service, client and grant, that will end so."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await world.token(service, client, {"grant_type": "password"}, user_context="user")
    grant = Granted(service, client, dict(made.result))
    if end is _by_new_owner:
        changed = _named(grant) | {"access_token": grant.made["access_token"], "user_context": "owner"}
        assert (await world.call("updateAccessToken", changed)).result["user_context"] == "owner"
    return grant


ENDS: tuple[End, ...] = (_by_access_token, _by_refresh_token, _by_handle, _by_user, _by_new_owner)
ends = pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__.strip("_"))


def _without_replicas(server: Redis) -> Callable[[], object]:
    server.config_set("min-replicas-to-write", 1)
    return lambda: server.config_set("min-replicas-to-write", 0)


def _full(server: Redis) -> Callable[[], object]:
    server.config_set("maxmemory", 1)
    return lambda: server.config_set("maxmemory", 0)


def _replica(server: Redis) -> Callable[[], object]:
    ask(server, "REPLICAOF", "127.0.0.1", "1")
    return lambda: ask(server, "REPLICAOF", "NO", "ONE")


def _forbidden(server: Redis) -> Callable[[], object]:
    ask(server, "ACL", "SETUSER", "default", "-@scripting")
    return lambda: ask(server, "ACL", "SETUSER", "default", "+@all")


@contextmanager
def trouble(server: Redis, begin: Trouble) -> Iterator[None]:
    """The server refuses writes, until the block ends."""
    end = begin(server)
    try:
        yield
    finally:
        end()


async def is_dead(world: World, grant: Granted) -> bool:
    """Whether the grant is over, both halves."""
    alive = await living(world, grant.service, [grant.made["access_token"]])
    return alive == [False] and not await is_refreshable(
        world, grant.service, grant.client, grant.made["refresh_token"]
    )


async def recovered(world: World, grant: Granted) -> None:
    """Returns when the store is there again."""

    async def answers() -> bool:
        return outcome(await world.fetch(grant.service, grant.made["access_token"])) != UNAVAILABLE

    await until(answers)


@together
@ends
@pytest.mark.keeps("CVE-2020-15223")
@pytest.mark.parametrize(
    "what", [_without_replicas, _full, _replica, _forbidden], ids=["no-replicas", "full", "replica", "forbidden"]
)
async def test_a_store_that_refuses_to_write_revokes_nothing_and_nobody_says_so(
    remote: Fragile, end: End, what: Trouble
) -> None:
    grant = await granted(remote.world, end)

    with trouble(remote.server, what):
        answer = await end(remote.world, grant)
    await recovered(remote.world, grant)
    again = await end(remote.world, grant)

    assert (answer.status, answer.error["code"]) in {(503, -32603), (200, -32603)}
    assert again.result is True
    assert await is_dead(remote.world, grant)


@together
@ends
@pytest.mark.keeps("CVE-2020-15223")
@pytest.mark.parametrize("side", ["asked", "answered"])
async def test_a_line_that_breaks_at_any_exchange_is_no_success(remote: Fragile, end: End, side: str) -> None:
    failed = 0
    for number in range(1, MOST + 1):
        grant = await granted(remote.world, end)
        remote.line.snap(number, side)

        answer = await end(remote.world, grant)
        remote.line.snap(0, "")
        remote.line.mend()
        await recovered(remote.world, grant)

        if answer.json.get("result") is not True:
            failed += 1
            assert (answer.status, answer.error["code"]) == (503, -32603)
            assert (await end(remote.world, grant)).result is True
        assert await is_dead(remote.world, grant)
    tally("revocations with a broken line", MOST)
    assert 1 <= failed < MOST
