"""URLs of stores: what each says, and what is said of one that says nothing."""

from __future__ import annotations

import pytest

from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.store import open_store
from mashery_oauth.store.cluster import ClusterLink
from mashery_oauth.store.connection import UrlError, connect
from mashery_oauth.store.links import SingleLink

from ..conftest import KEYS
from ..servers import single_node
from .trouble import linked, node, nodes

BEGINS = "the store's URL begins with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("redis://localhost", SingleLink),
        ("valkey://localhost:6379/3", SingleLink),
        ("rediss://user:p%40ss@localhost", SingleLink),
        ("valkeys://[::1]:6379", SingleLink),
        ("unix:///run/valkey.sock", SingleLink),
        ("redis+sentinel://a,b:26380/mymaster/2", SingleLink),
        ("valkeys+sentinel://user:secret@a/mymaster", SingleLink),
        ("redis+cluster://a:1,b:2,[::1]:3", ClusterLink),
        ("valkey+cluster://:secret@a", ClusterLink),
    ],
)
async def test_understands(url: str, kind: type[object]) -> None:
    link = connect(url, 1)

    assert isinstance(link, kind)
    await link.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", BEGINS),
        ("localhost:6379", BEGINS),
        ("http://localhost", BEGINS),
        ("redis+other://localhost", BEGINS),
        ("unix+cluster:///run/valkey.sock", BEGINS),
        ("redis://localhost:port", "the store's URL is malformed: "),
        ("redis://localhost:99999", "the store's URL is malformed: "),
        ("redis://localhost/one", "the store's URL is malformed: "),
        ("unix://", "the store's URL is malformed: "),
        ("redis+cluster://", "the store's URL is malformed: no host"),
        ("redis+cluster://a:port", "the store's URL is malformed: "),
        ("redis+cluster://a,:1", "the store's URL is malformed: no host"),
        ("redis+cluster://a/1", "the store's URL is malformed: a cluster has no database numbers"),
        ("redis+sentinel://a:26379", "the store's URL is malformed: the name of the master is missing"),
        ("redis+sentinel://a:26379/mymaster/one", "the store's URL is malformed: "),
        ("redis+sentinel:///mymaster", "the store's URL is malformed: no host"),
    ],
)
async def test_refuses(url: str, message: str) -> None:
    with pytest.raises(UrlError) as refusal:
        connect(url, 1)

    assert str(refusal.value).startswith(message)


async def test_no_secret_of_a_url_is_repeated_in_its_refusal() -> None:
    for url in ("redis://user:hidden@localhost:port", "redis+cluster://:hidden@a:port", "htt://user:hidden@a"):
        with pytest.raises(UrlError) as refusal:
            connect(url, 1)

        assert "hidden" not in str(refusal.value)


async def test_signs_in_to_one_node_and_uses_its_database() -> None:
    with single_node() as url, node(url) as client:
        client.acl_setuser("alice", enabled=True, passwords=["+p@ss"], keys=["*"], commands=["+@all"])

        async with linked(url.replace("//", "//alice:p%40ss@") + "/2") as link:
            await link.run("a", "SET", "a", "1")

        assert client.get("a") is None
        assert client.info("keyspace")["db2"]["keys"] == 1


async def test_signs_in_to_a_cluster(cluster_url: str) -> None:
    clients = nodes(cluster_url)
    for client in clients:
        client.acl_setuser("alice", enabled=True, passwords=["+p@ss"], keys=["*"], commands=["+@all"])

    async with linked(cluster_url.replace("//", "//alice:p%40ss@")) as link:
        answers = [await link.run(name, "SET", name, "1") for name in ("a", "b", "c")]

    assert answers == [b"OK"] * 3
    for client in clients:
        client.acl_deluser("alice")
        client.close()


async def test_a_wrong_password_is_told_when_the_store_is_opened() -> None:
    with single_node() as url, node(url) as client:
        client.config_set("requirepass", "right")

        for wrong in (url, url.replace("//", "//:wrong@")):
            with pytest.raises(StoreUnavailable, match=r"(?i)auth|password") as refusal:
                await open_store(wrong, KEYS, timeout=1, max_config_age=1)

            assert "wrong@" not in str(refusal.value)


async def test_a_store_that_is_not_there_is_told_with_its_address() -> None:
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1"):
        await open_store("redis://127.0.0.1:1", KEYS, timeout=1, max_config_age=1)
