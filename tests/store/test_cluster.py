"""Three masters whose slots move, stall, fall away or contradict each other."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from redis import Redis
from redis.crc import key_slot

from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.store import cluster
from mashery_oauth.store.scripts import Script, load

from ..servers import three_masters
from .trouble import ask, linked, nodes, outcome, stalled, until

TIMEOUT = 0.4
SLOT = key_slot(b"x")
BOTH = "redis.call('SET', KEYS[1], ARGV[1]) redis.call('SET', KEYS[2], ARGV[1]) return ARGV[1]"
PAIR = Script("pair", BOTH, hashlib.sha1(BOTH.encode()).hexdigest())
CALLERS = 20


@pytest.fixture(scope="module")
def whole() -> Iterator[str]:
    """A cluster whose slots are pushed about, but which stays whole."""
    with three_masters() as url:
        yield url


@pytest.fixture
def broken() -> Iterator[str]:
    """A cluster that a test may break."""
    with three_masters() as url:
        yield url


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> float:
    """Redirections are followed for a second only."""
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    return 1.0


def owner_of(slot: int, clients: list[Redis]) -> Redis:
    for first, last, (_, port, *_), *_ in ask(clients[0], "CLUSTER", "SLOTS"):
        if first <= slot <= last:
            return next(client for client in clients if port_of(client) == port)
    raise LookupError(slot)


def port_of(client: Redis) -> int:
    return int(client.connection_pool.connection_kwargs["port"])


def name_of(client: Redis) -> str:
    name = ask(client, "CLUSTER", "MYID")
    return name.decode() if isinstance(name, bytes) else str(name)


def ends(clients: list[Redis]) -> tuple[Redis, Redis]:
    """Who has the slot, and who is to have it."""
    source = owner_of(SLOT, clients)
    return source, next(client for client in clients if client is not source)


async def move_key_by_key(clients: list[Redis]) -> None:
    """The classic way: for a while, a part of the slot's keys is at either node."""
    source, target = ends(clients)
    ask(target, "CLUSTER", "SETSLOT", SLOT, "IMPORTING", name_of(source))
    ask(source, "CLUSTER", "SETSLOT", SLOT, "MIGRATING", name_of(target))
    while names := ask(source, "CLUSTER", "GETKEYSINSLOT", SLOT, 5):
        ask(source, "MIGRATE", "127.0.0.1", port_of(target), "", 0, 5000, "KEYS", *names)
        await asyncio.sleep(0.002)
    for client in (target, source):
        ask(client, "CLUSTER", "SETSLOT", SLOT, "NODE", name_of(target))


async def move_at_once(clients: list[Redis]) -> None:
    """Valkey 9's way: the whole slot changes hands in one moment."""
    source, target = ends(clients)
    ask(source, "CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", SLOT, SLOT, "NODE", name_of(target))

    async def done() -> bool:
        return port_of(owner_of(SLOT, [target, *clients])) == port_of(target)

    await until(done)


@pytest.mark.parametrize("move", [move_key_by_key, move_at_once])
async def test_nothing_fails_or_is_lost_while_a_slot_moves(
    whole: str, move: Callable[[list[Redis]], Awaitable[None]]
) -> None:
    async with linked(whole, 5) as link:
        clients, over, slowest, written = nodes(whole), False, 0.0, 0

        async def work(caller: int) -> None:
            nonlocal slowest, written
            turn = 0
            while not over or turn < 3:
                pair = [f"{{x}}{caller}.{turn % 40}{side}" for side in "ab"]
                value, started = f"{caller}.{turn}".encode(), time.monotonic()
                assert await link.script(PAIR, pair, [value]) == value
                assert await link.read(*pair) == [value, value]
                assert await link.run(pair[0], "GET", pair[0]) == value
                slowest, written, turn = max(slowest, time.monotonic() - started), written + 1, turn + 1

        async def enough(count: int) -> bool:
            return written >= count

        workers = [asyncio.ensure_future(work(caller)) for caller in range(CALLERS)]
        await until(lambda: enough(CALLERS * 10))
        await move(clients)
        over = True

        await asyncio.gather(*workers)

        assert written > 10 * CALLERS
        assert slowest < cluster.PATIENCE
        for client in clients:
            client.close()


async def test_the_real_scripts_wait_for_a_slot_that_is_on_its_way(whole: str) -> None:
    """A script with a key that is here and one that is not is told to try again, and has done nothing yet."""
    script = load("revoke_user")
    async with linked(whole, 5) as link:
        await link.run("{x}m1", "SET", "{x}m1", '{"s":1}')
        clients = nodes(whole)
        moving = asyncio.ensure_future(move_key_by_key(clients))
        marks = [await link.script(script, ["{x}m1", "{x}x1"], ["", 1]) for _ in range(50)]
        await moving

        raw = await link.run("{x}m1", "GET", "{x}m1")

        assert marks == [[0, 0]] * 50
        assert b'"s":51' in raw
        for client in clients:
            client.close()


async def test_a_fallen_node_is_unavailable_in_time_and_the_others_serve(broken: str, impatient: float) -> None:
    async with linked(broken, TIMEOUT) as link:
        clients = nodes(broken)
        fallen = owner_of(SLOT, clients)
        elsewhere = next(f"key{n}" for n in range(999) if owner_of(key_slot(f"key{n}".encode()), clients) is not fallen)
        await link.run("x", "SET", "x", "1")
        os.kill(int(fallen.info("server")["process_id"]), signal.SIGKILL)
        started = time.monotonic()

        answers = await asyncio.gather(*(outcome(link.run("x", "GET", "x")) for _ in range(300)))
        took = time.monotonic() - started

        assert all(isinstance(answer, StoreUnavailable) for answer in answers)
        assert took < impatient + 3 * TIMEOUT
        assert await link.run(elsewhere, "SET", elsewhere, "1") == b"OK"
        for client in clients:
            client.close()


async def test_a_stalled_node_is_unavailable_in_time_and_comes_back_by_itself(broken: str, impatient: float) -> None:
    async with linked(broken, TIMEOUT) as link:
        clients = nodes(broken)
        await link.run("x", "SET", "x", "1")
        with stalled(int(owner_of(SLOT, clients).info("server")["process_id"])):
            started = time.monotonic()

            answers = await asyncio.gather(*(outcome(link.run("x", "GET", "x")) for _ in range(300)))

            took = time.monotonic() - started
        assert all(isinstance(answer, StoreUnavailable) for answer in answers)
        assert took < impatient + 3 * TIMEOUT
        assert await link.run("x", "GET", "x") == b"1"
        for client in clients:
            client.close()


async def test_nodes_that_send_a_call_to_and_fro_are_unavailable_in_time(broken: str, impatient: float) -> None:
    async with linked(broken, TIMEOUT) as link:
        clients = nodes(broken)
        first, second, third = clients
        for client, named in ((first, second), (second, third), (third, second)):
            ask(client, "CLUSTER", "SETSLOT", SLOT, "NODE", name_of(named))
        started = time.monotonic()

        answer = await outcome(link.run("x", "GET", "x"))

        assert isinstance(answer, StoreUnavailable)
        assert time.monotonic() - started < impatient + 3 * TIMEOUT
        for client in clients:
            client.close()


async def test_a_map_that_is_out_of_date_is_mended_by_the_first_call(whole: str) -> None:
    async with linked(whole, 5) as link:
        await link.run("x", "SET", "x", "1")
        clients = nodes(whole)
        await move_key_by_key(clients)

        assert await link.read("x", "x") == [b"1", b"1"]

        before = link.commands_sent
        await link.read("x", "x")
        assert link.commands_sent - before == 1
        for client in clients:
            client.close()
