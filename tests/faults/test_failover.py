"""A master falls while calls run and its replica takes over: the service follows by itself, and guesses nothing."""

from __future__ import annotations

import os
import signal

from redis import Redis
from redis.crc import key_slot

from mashery_oauth.store import keys
from tests.effort import tally
from tests.flows.calls import password, revoke
from tests.servers import sentinel, three_masters_with_replicas
from tests.store.test_cluster import owner_of, port_of
from tests.store.test_sentinel import master_of
from tests.store.trouble import ask, node, nodes, until
from tests.wire.conftest import world_at

from .traffic import Traffic, traffic

CALLERS = 5
QUICK = 0.5  # seconds for one exchange
KEPT = 20
SLOT = key_slot(keys.VERSION.encode())


async def kept_tokens(load: Traffic) -> list[str]:
    """Tokens of users of their own; every other one is revoked."""
    made = [
        (await password(load.world, load.service, load.client, f"kept {number}")).result["access_token"]
        for number in range(KEPT)
    ]
    for token in made[::2]:
        assert (await revoke(load.world, load.service, load.client, token)).result is True
    return made


async def alive(load: Traffic, tokens: list[str]) -> list[bool]:
    """Which of them work."""
    return [await load.world.is_alive(load.service, token) for token in tokens]


def kill(master: Redis) -> None:
    """Kills a master."""
    os.kill(int(master.info("server")["process_id"]), signal.SIGKILL)
    tally("masters killed under load")


async def is_promoted(masters: list[Redis], fallen: Redis) -> bool:
    """Whether another node has the slot of the configuration."""
    witness = next(master for master in masters if master is not fallen)
    ranges = ask(witness, "CLUSTER", "SLOTS")
    (port,) = [node[1] for first, last, node, *_ in ranges if first <= SLOT <= last]
    return bool(port != port_of(fallen))


async def test_follows_to_the_replica_that_sentinel_promotes() -> None:
    with sentinel() as url:
        async with world_at(url, patience=QUICK) as world:
            load = await traffic(world)
            tokens = await kept_tokens(load)
            host, port = master_of(url)

            with node(f"redis://{host}:{port}") as master:
                async with load.running(CALLERS):
                    assert master.wait(1, 5000) == 1
                    load.fall()
                    kill(master)

            assert master_of(url) != (host, port)
            assert await alive(load, tokens) == [False, True] * (KEPT // 2)
            assert load.told_again >= CALLERS


async def test_follows_to_the_replica_that_a_cluster_promotes() -> None:
    """It is the node that has the configuration: all calls wait for its fail-over, not those of its users alone."""
    with three_masters_with_replicas() as url:
        async with world_at(url, patience=QUICK) as world:
            load = await traffic(world)
            tokens = await kept_tokens(load)
            masters = nodes(url)
            fallen = owner_of(SLOT, masters)

            async with load.running(CALLERS):
                assert [master.wait(1, 5000) for master in masters] == [1, 1, 1]
                load.fall()
                kill(fallen)
                await until(lambda: is_promoted(masters, fallen), 15)

            assert await alive(load, tokens) == [False, True] * (KEPT // 2)
            for client in masters:
                client.close()
