"""Whether a store is fit to serve from, and what is said of one that is not."""

from __future__ import annotations

import time

import pytest

from mashery_oauth.store import Store, health, open_store

from ..conftest import KEYS
from ..servers import single_node
from .trouble import ask, node, nodes, process_of, stalled, until

UNTOLD = "the store does not tell its maxmemory-policy; it must be noeviction"


async def test_names_what_it_looked_at(store: Store) -> None:
    found = await health.checks(store)

    assert {name: check["ok"] for name, check in found.items()} == {
        "store": True,
        "configuration": True,
        "eviction": True,
        "writes": True,
    }
    assert found["eviction"]["seen"] == "maxmemory-policy is noeviction"


async def test_one_node_of_a_cluster_that_evicts_is_one_too_many(cluster_url: str) -> None:
    store = await open_store(cluster_url, KEYS, timeout=5, max_config_age=1)
    for client in nodes(cluster_url):
        client.config_set("maxmemory-policy", "volatile-lru")

        found = await health.checks(store)

        client.config_set("maxmemory-policy", "noeviction")
        client.close()
        assert found["eviction"] == {"ok": False, "seen": "maxmemory-policy is noeviction, volatile-lru"}
    await store.close()


async def test_a_store_that_does_not_tell_is_given_the_benefit_of_the_doubt() -> None:
    with single_node() as url, node(url) as client:
        client.acl_setuser("alice", enabled=True, passwords=["+p"], keys=["*"], commands=["+@all", "-config"])
        store = await open_store(url.replace("//", "//alice:p@"), KEYS, timeout=5, max_config_age=1)

        found = await health.checks(store)

        await store.close()
    assert found["eviction"] == {"ok": True, "seen": UNTOLD}


async def test_a_store_that_is_gone_is_not_well() -> None:
    with single_node() as url:
        store = await open_store(url, KEYS, timeout=0.5, max_config_age=0.1)

    found = await health.checks(store)

    await store.close()
    assert not any(check["ok"] for check in found.values())
    assert found["store"]["seen"] == "the store does not answer"


@pytest.mark.parametrize(("setting", "wrong", "right"), [("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")])
async def test_a_store_that_refuses_writes_is_not_well(setting: str, wrong: str, right: str) -> None:
    """Found by a test: it was called ready while every call failed."""
    with single_node() as url, node(url) as client:
        store = await open_store(url, KEYS, timeout=5, max_config_age=1)
        client.config_set(setting, wrong)

        refusing = await health.checks(store)
        client.config_set(setting, right)
        taking = await health.checks(store)

        await store.close()
    assert refusing["writes"] == {"ok": False, "seen": "the store takes no writes"}
    assert refusing["store"]["ok"]
    assert all(check["ok"] for check in taking.values())


async def test_a_replica_is_not_well() -> None:
    """Found by a test: it was called ready while every call failed."""
    with single_node() as master, single_node() as url, node(url) as client:
        store = await open_store(url, KEYS, timeout=5, max_config_age=1)
        ask(client, "REPLICAOF", *master.removeprefix("redis://").split(":"))

        async def linked() -> bool:
            return bool(client.info("replication")["master_link_status"] == "up")

        await until(linked)

        found = await health.checks(store)

        await store.close()
    assert found["writes"]["ok"] is False


async def test_one_node_of_a_cluster_that_refuses_writes_is_one_too_many(cluster_url: str) -> None:
    store = await open_store(cluster_url, KEYS, timeout=5, max_config_age=1)
    for client in nodes(cluster_url):
        client.config_set("maxmemory", "1")

        found = await health.checks(store)

        client.config_set("maxmemory", "0")
        client.close()
        assert found["writes"]["ok"] is False
    await store.close()


@pytest.mark.parametrize("seconds", [1, 5])
async def test_says_in_time_that_a_store_stands_still(seconds: float) -> None:
    """Found by a test: one check waited for the other, 8 seconds in all."""
    with single_node() as url:
        store = await open_store(url, KEYS, timeout=seconds, max_config_age=0.1)
        with stalled(process_of(url)):
            started = time.monotonic()

            found = await health.checks(store)

            took = time.monotonic() - started
        await store.close()
    assert took < health.DEADLINE + 0.5
    assert not any(check["ok"] for check in found.values() if check is not found["configuration"])
