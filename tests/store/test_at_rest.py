"""What can be read in a store, and in the file of an embedded one: no secret that was ever used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient
from redis import Redis

from mashery_oauth.store import open_store
from mashery_oauth.store.embedded import EmbeddedStore

from ..conftest import KEYS, new_world
from ..world import World
from .everything import Used, use_everything
from .trouble import ask, nodes

POLICIES: list[dict[str, Any]] = [{}, {"secure_tokens": True}, {"token_type": "mac"}]


GONE = b"none"  # a key of another test, which ended after it was listed
READERS = {b"string": ("GET", "KEY"), b"hash": ("HGETALL", "KEY"), b"zset": ("ZRANGE", "KEY", 0, -1)}


def readable(client: Redis) -> bytes:
    """Every key, everything in it, and the form in which it would be moved."""
    found: list[bytes] = []
    for key in client.scan_iter(count=10_000):
        kind = ask(client, "TYPE", key)
        if kind == GONE:
            continue
        content = ask(client, *(key if word == "KEY" else word for word in READERS[kind]))
        found += [key, repr(content).encode(), ask(client, "DUMP", key) or b""]
    return b"\n".join(found)


def shown(used: Used, dump: bytes) -> list[str]:
    """The secrets that can be read; of a token already the part that cannot be guessed would be too much."""
    parts = set(used.texts) | {text[-32:] for text in used.texts if len(text) in (44, 60)}
    return [part for part in parts if part.encode() in dump]


@pytest.mark.keeps("D16-40", "D16-67", "D16-69", "D16-71", "RFC9700-STORAGE")
@pytest.mark.parametrize("policy", POLICIES, ids=str)
async def test_no_secret_can_be_read_in_the_store(world: World, store_url: str, policy: dict[str, Any]) -> None:
    used = await use_everything(world, **policy)

    dump = b"".join(readable(client) for client in nodes(store_url))

    assert world.site.name.encode() in dump
    assert len(used.texts) > 25
    assert shown(used, dump) == []


def whole(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.keeps("RFC9700-STORAGE")
async def test_no_secret_is_in_the_file_of_an_embedded_store(tmp_path: Path, aiohttp_client: AiohttpClient) -> None:
    embedded = EmbeddedStore.start(tmp_path, fsync="always")
    store = await open_store(embedded.url, KEYS, timeout=5, max_config_age=1)
    world = await new_world(store, aiohttp_client)

    used = await use_everything(world)
    await store.close()
    embedded.stop()

    files = whole(tmp_path)
    assert world.site.name.encode() in files
    assert shown(used, files) == []
