"""Whether a store is fit to serve from, and what is said of one that is not."""

from __future__ import annotations

from mashery_oauth.store import Store, health, open_store

from ..conftest import KEYS
from ..servers import single_node
from .trouble import node, nodes

UNTOLD = "the store does not tell its maxmemory-policy; it must be noeviction"


async def test_names_what_it_looked_at(store: Store) -> None:
    found = await health.checks(store)

    assert {name: check["ok"] for name, check in found.items()} == {
        "store": True,
        "configuration": True,
        "eviction": True,
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
