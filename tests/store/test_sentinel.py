"""The master that Sentinel names, and the one that it names after that."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from socket import socket

import pytest

from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.store import open_store
from mashery_oauth.store.connection import connect

from ..conftest import KEYS
from ..servers import sentinel
from .trouble import linked, node, until


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with sentinel() as made:
        yield made


def master_of(url: str) -> tuple[str, int]:
    with node(url.replace("redis+sentinel", "redis")) as client:
        host, port = client.sentinel_get_master_addr_by_name("mymaster")
        return host.decode(), int(port)


async def test_asks_the_next_sentinel_where_one_is_gone_or_hangs(url: str) -> None:
    with socket() as hanging:
        hanging.bind(("127.0.0.1", 0))
        hanging.listen()
        deaf = f"127.0.0.1:{hanging.getsockname()[1]}"

        async with linked(url.replace("//", f"//127.0.0.1:1,{deaf},"), 2) as link:
            assert await link.run("a", "SET", "a", "1") == b"OK"


async def test_a_master_that_sentinel_does_not_know_is_unavailable(url: str) -> None:
    async with linked(url.replace("mymaster", "other")) as link:
        with pytest.raises(StoreUnavailable):
            await link.read("a")


async def test_sentinels_that_are_gone_are_unavailable() -> None:
    link = connect("redis+sentinel://127.0.0.1:1,127.0.0.1:2/mymaster", 1)

    with pytest.raises(StoreUnavailable):
        await link.read("a")
    await link.close()


async def test_works_and_follows_to_the_promoted_replica(url: str) -> None:
    store = await open_store(url, KEYS, timeout=1, max_config_age=1)
    link = store.link
    await link.run("a", "SET", "a", "kept")
    host, port = master_of(url)
    with node(f"redis://{host}:{port}") as master:
        master.wait(1, 1000)
        process = int(master.info("server")["process_id"])

    os.kill(process, signal.SIGKILL)

    async def works() -> bool:
        try:
            return bool(await link.run("b", "SET", "b", "1") == b"OK")
        except StoreUnavailable:
            return False

    assert not await works()
    await until(works, 15)
    assert master_of(url) != (host, port)
    assert await link.read("a") == [b"kept"]
    await store.close()
