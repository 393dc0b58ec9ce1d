"""One node: what is asked at once goes out at once, every answer finds its question, and trouble ends in time."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio.connection import AbstractConnection, Connection
from redis.exceptions import ResponseError

from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.store.channel import BATCH
from mashery_oauth.store.cluster import ClusterLink
from mashery_oauth.store.connection import connect
from mashery_oauth.store.links import SingleLink
from mashery_oauth.store.scripts import Script

from ..servers import single_node
from .trouble import linked, node, nodes, outcome, process_of, stalled

TIMEOUT = 0.4
ECHO = Script("echo", "return ARGV[1]", hashlib.sha1(b"return ARGV[1]").hexdigest())
WAYS: tuple[Callable[[Any, str], Awaitable[Any]], ...] = (
    lambda link, name: link.read(name, name),
    lambda link, name: link.run(name, "GET", name),
    lambda link, name: link.script(ECHO, [name], [name]),
)


async def fill(link: Any, count: int, prefix: str = "key") -> list[str]:
    names = [f"{{{prefix}{number}}}" for number in range(count)]
    await asyncio.gather(*(link.run(name, "SET", name, f"of {name}") for name in names))
    return names


async def test_reads_of_one_tick_are_one_command(single_url: str) -> None:
    async with linked(single_url) as link:
        names = await fill(link, 100)
        before = link.commands_sent

        answers = await asyncio.gather(*(link.read(name, "missing") for name in names))

        assert link.commands_sent - before == 1
        assert answers == [[f"of {name}".encode(), None] for name in names]


async def test_groups_are_one_command_too(single_url: str) -> None:
    async with linked(single_url) as link:
        names = await fill(link, 4)
        before = link.commands_sent

        answers = await link.read_groups([names[:3], ["missing"], names[3:]])

        assert link.commands_sent - before == 1
        assert answers == [[f"of {name}".encode() for name in names[:3]], [None], [f"of {names[3]}".encode()]]


async def test_more_callers_than_a_batch_holds_are_all_answered(single_url: str) -> None:
    async with linked(single_url) as link:
        names = await fill(link, 3 * BATCH)
        before = link.commands_sent

        answers = await asyncio.gather(*(link.read(name) for name in names))

        assert link.commands_sent - before == 3
        assert answers == [[f"of {name}".encode()] for name in names]


async def test_an_error_of_one_command_is_that_commands_alone(single_url: str) -> None:
    async with linked(single_url) as link:
        await link.run("a", "SET", "a", "text")

        answers = await asyncio.gather(
            link.run("a", "INCR", "a"), link.read("a"), link.script(ECHO, ["a"], ["x"]), return_exceptions=True
        )

        assert isinstance(answers[0], ResponseError)
        assert [*answers[1:]] == [[b"text"], b"x"]


@pytest.mark.keeps("CVE-2023-28858")
@pytest.mark.parametrize("kind", ["single", "cluster"])
async def test_callers_that_are_cancelled_shift_no_answer(kind: str, request: pytest.FixtureRequest) -> None:
    async with linked(request.getfixturevalue(f"{kind}_url")) as link:
        names = await fill(link, 50)
        asked: list[tuple[str, asyncio.Task[Any]]] = []
        for _ in range(400):
            name = random.choice(names)
            asked.append((name, asyncio.ensure_future(random.choice(WAYS)(link, name))))
            await asyncio.sleep(random.choice([0, 0, 0.0005]))
            if random.random() < 0.5:
                random.choice(asked[-10:])[1].cancel()

        answers = await asyncio.gather(*(task for _, task in asked), return_exceptions=True)

        cancelled = sum(isinstance(answer, asyncio.CancelledError) for answer in answers)
        assert cancelled > 20
        for (name, _), answer in zip(asked, answers, strict=True):
            own = f"of {name}".encode()
            assert isinstance(answer, asyncio.CancelledError) or answer in ([own, own], own, name.encode())
        assert await link.read(names[0]) == [f"of {names[0]}".encode()]


@pytest.mark.parametrize("kind", ["single", "cluster"])
async def test_a_script_that_a_node_has_forgotten_is_sent_whole(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    async with linked(url) as link:
        clients = nodes(url)
        calls = [asyncio.ensure_future(link.script(ECHO, [f"k{n}"], [n])) for n in range(100)]
        for number in range(100, 400):
            if number % 10 == 0:
                random.choice(clients).script_flush()
            calls.append(asyncio.ensure_future(link.script(ECHO, [f"k{number}"], [number])))
            await asyncio.sleep(0)

        answers = await asyncio.gather(*calls)

        assert answers == [str(number).encode() for number in range(400)]
        for client in clients:
            client.close()


async def test_the_call_after_a_lost_connection_works(single_url: str) -> None:
    async with linked(single_url) as link:
        names = await fill(link, 20)
        with node(single_url) as client:
            for _ in range(5):
                client.client_kill_filter(_type="normal", skipme=True)

                answers = await asyncio.gather(*(link.read(name) for name in names), link.run("n", "SET", "n", "1"))

                assert answers == [*([f"of {name}".encode()] for name in names), b"OK"]


async def test_a_store_that_is_gone_is_unavailable_at_once() -> None:
    with single_node() as url:
        link = connect(url, TIMEOUT)
        await link.run("a", "SET", "a", "1")
    started = time.monotonic()

    answers = await asyncio.gather(outcome(link.read("a")), outcome(link.run("a", "GET", "a")))

    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    assert time.monotonic() - started < TIMEOUT
    await link.close()


async def test_a_stalled_store_is_unavailable_in_time_and_comes_back_by_itself() -> None:
    with single_node() as url:
        async with linked(url, TIMEOUT) as link:
            names = await fill(link, 10)
            with stalled(process_of(url)):
                started = time.monotonic()

                refused = [await outcome(link.read("a")), await outcome(link.script(ECHO, ["a"], ["x"]))]

                took = time.monotonic() - started
            assert all(isinstance(answer, StoreUnavailable) for answer in refused)
            assert 2 * TIMEOUT < took < 6 * TIMEOUT
            assert await link.read(names[3]) == [f"of {names[3]}".encode()]


async def test_a_crowd_before_a_stalled_store_waits_no_longer_than_one_caller() -> None:
    with single_node() as url:
        async with linked(url, TIMEOUT) as link:
            await link.run("a", "SET", "a", "1")
            with stalled(process_of(url)):
                started = time.monotonic()

                answers = await asyncio.gather(*(outcome(link.run("a", "GET", "a")) for _ in range(20 * BATCH)))

                took = time.monotonic() - started
            assert all(isinstance(answer, StoreUnavailable) for answer in answers)
            assert took < 10 * TIMEOUT  # and not a time-out for each batch


async def test_a_master_that_became_a_replica_is_left_for_the_new_one() -> None:
    with single_node() as old, single_node() as new, node(old) as former, node(new) as master:
        at = [former]

        async def to_the_master() -> AbstractConnection:
            port = at[0].connection_pool.connection_kwargs["port"]
            connection = Connection(host="127.0.0.1", port=port, protocol=2)
            await connection.connect()  # type: ignore[no-untyped-call]
            return connection

        link = SingleLink(to_the_master, 5)
        await link.run("a", "SET", "a", "1")
        former.replicaof("127.0.0.1", master.connection_pool.connection_kwargs["port"])
        at[0] = master

        await link.run("a", "SET", "a", "2")
        await link.close()

        assert master.get("a") == b"2"


async def test_a_full_store_is_unavailable_and_not_a_fault() -> None:
    with single_node() as url, node(url) as client:
        async with linked(url) as link:
            client.config_set("maxmemory", "1")

            refused = await outcome(link.run("a", "SET", "a", "1"))

            assert isinstance(refused, StoreUnavailable)


async def test_closing_finishes_what_was_asked(store_url: str) -> None:
    link: Any = connect(store_url, 5)
    calls = [asyncio.ensure_future(link.run(f"k{n}", "SET", f"k{n}", n)) for n in range(100)]
    await asyncio.sleep(0)

    await link.close()

    assert isinstance(link, SingleLink | ClusterLink)
    assert await asyncio.gather(*calls) == [b"OK"] * 100
