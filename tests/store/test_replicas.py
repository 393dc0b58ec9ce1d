"""With min_replicas, what is answered is on a replica too: it survives the end of the node that wrote it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from mashery_oauth.models import Application, Service
from mashery_oauth.store import health, open_store
from mashery_oauth.store.channel import WAIT_SHARE
from mashery_oauth.store.connection import connect
from mashery_oauth.store.counters import COUNT

from ..conftest import KEYS
from ..servers import sentinel
from ..wire.conftest import world_at
from ..world import SECRET, Answer, World
from .test_sentinel import master_of
from .trouble import node, outcome, process_of, stalled, until

CLIENT = {"grant_type": "client_credentials"}
PASSWORD = {"grant_type": "password"}
PATIENCE = 1.0
LONG = 600.0  # so that the configuration need not be read from a store that is gone


@pytest.fixture
def url() -> Iterator[str]:
    """A master with one replica, behind a Sentinel."""
    with sentinel() as made:
        yield made


@dataclass
class Nodes:
    """The two nodes behind a Sentinel."""

    master: str
    replica: str


def nodes_of(url: str) -> Nodes:
    host, port = master_of(url)
    with node(url.replace("redis+sentinel", "redis")) as client:
        (other,) = client.sentinel_slaves("mymaster")
    return Nodes(f"redis://{host}:{port}", f"redis://{other['ip']}:{other['port']}")


async def staged(world: World) -> tuple[Service, Application]:
    """A service and a client that the process knows already."""
    service = await world.add_service("draft16")
    client = await world.add_application(service)
    assert (await world.token(service, client, CLIENT)).result
    return service, client


def check_retryable(found: Answer) -> None:
    assert found.status == 503
    assert found.error["code"] == -32603


def waits(url: str) -> int:
    with node(url) as client:
        return int(client.info("commandstats").get("cmdstat_wait", {"calls": 0})["calls"])


async def test_writes_wait_for_the_replica_and_reads_do_not(url: str) -> None:
    async with world_at(url, min_replicas=1) as world:
        service, client = await staged(world)
        master = nodes_of(url).master
        before = waits(master)

        made = await world.token(service, client, PASSWORD, user_context="alice")
        between = waits(master)
        for _ in range(5):
            assert await world.is_alive(service, made.result["access_token"])

        assert between == before + 1
        assert waits(master) == between


async def test_calls_of_one_tick_share_one_wait(url: str) -> None:
    async with world_at(url, min_replicas=1) as world:
        service, client = await staged(world)
        master = nodes_of(url).master
        before = waits(master)

        made = await asyncio.gather(*(world.token(service, client, CLIENT) for _ in range(100)))

        assert all(answer.result for answer in made)
        assert waits(master) - before < 100


async def test_a_write_that_no_replica_has_is_an_unknown_outcome_and_reads_go_on(url: str) -> None:
    async with world_at(url, patience=PATIENCE, max_config_age=LONG, min_replicas=1) as world:
        service, client = await staged(world)
        token = (await world.token(service, client, CLIENT)).result["access_token"]
        code = await world.code(service, client)

        with stalled(process_of(nodes_of(url).replica)):
            started = time.monotonic()
            redeeming = asyncio.create_task(world.redeem(service, client, code))
            assert all([await world.is_alive(service, token) for _ in range(20)])
            read = time.monotonic() - started
            redeemed = await redeeming
            took = time.monotonic() - started
        again = await world.redeem(service, client, code)

        check_retryable(redeemed)
        assert read < PATIENCE * WAIT_SHARE <= took < 2 * PATIENCE
        assert again.oauth["error"] == "invalid_grant"  # it had been carried out: that could not be known


async def test_what_was_acknowledged_survives_the_end_of_the_master(url: str) -> None:
    async with world_at(url, patience=PATIENCE, max_config_age=LONG, min_replicas=1) as world:
        service, client = await staged(world)
        code = await world.code(service, client, "alice")
        redeemed = (await world.redeem(service, client, code)).result
        other = (await world.token(service, client, PASSWORD, user_context="bob")).result
        about = {"service_key": service.key, "client": {"client_id": client.client_id, "client_secret": SECRET}}
        revoked = await world.call("revokeUserApplication", {**about, "user_context": "bob"})

        os.kill(process_of(nodes_of(url).master), signal.SIGKILL)

        async def works() -> bool:
            return (await world.fetch(service, [redeemed["access_token"]])).status == 200

        await until(works, 20)
        assert revoked.result is True
        assert await world.is_alive(service, redeemed["access_token"])
        assert not await world.is_alive(service, other["access_token"])


async def test_none_of_many_acknowledged_tokens_is_lost_when_the_master_dies_among_them(url: str) -> None:
    async with world_at(url, patience=PATIENCE, max_config_age=LONG, min_replicas=1) as world:
        service, client = await staged(world)
        process = process_of(nodes_of(url).master)
        acknowledged: list[str] = []

        async def create(number: int) -> None:
            made = await world.token(service, client, PASSWORD, user_context=f"user {number}")
            if made.status == 200:
                acknowledged.append(made.result["access_token"])
            if len(acknowledged) == 150:
                os.kill(process, signal.SIGKILL)

        await asyncio.gather(*(create(number) for number in range(300)))

        async def answers() -> bool:
            return (await world.fetch(service, acknowledged[:1])).status == 200

        await until(answers, 20)
        assert len(acknowledged) >= 150
        assert len((await world.fetch(service, acknowledged)).result) == len(acknowledged)


async def test_a_cluster_without_replicas_acknowledges_no_write_and_reads_all_the_same(cluster_url: str) -> None:
    link = connect(cluster_url, PATIENCE, min_replicas=1)

    written = await outcome(link.write("{replicas}", "SET", "{replicas}", "1", "PX", 60_000))
    scripted = await outcome(link.script(replace(COUNT, kept=True), ["{replicas}"], [60_000, 1]))
    counted = await outcome(link.script(COUNT, ["{replicas}"], [60_000, 1]))
    read = await link.read("{replicas}")
    await link.close()

    assert str(written) == str(scripted) == "too few replicas have the write"
    assert (counted, read) == (3, [b"3"])


async def test_a_process_starts_without_replicas_and_says_that_it_is_not_ready(single_url: str) -> None:
    """Found by an attack: a worker that began while no replica followed took no call at all, nor told why."""
    async with world_at(single_url) as world:
        service, client = await staged(world)
        token = (await world.token(service, client, CLIENT)).result["access_token"]

    store = await open_store(single_url, KEYS, timeout=PATIENCE, max_config_age=1, min_replicas=1)
    found = await health.checks(store)
    (live,) = await store.tokens.fetch(service, 0, [token])
    await store.close()

    assert found["writes"] == {"ok": False, "seen": "0 of 1 replicas follow"}
    assert live is not None


async def test_a_process_with_as_many_replicas_as_it_wants_is_ready(url: str) -> None:
    async with world_at(url, min_replicas=1) as world:
        assert (await health.checks(world.store))["writes"] == {"ok": True, "seen": "1 of 1 replicas follow"}
