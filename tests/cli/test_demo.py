"""What the demo makes, and what it finds again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis import Redis

from mashery_oauth.cli.demo import FILE, Demo, read_demo, seed
from mashery_oauth.operation import OperationError, read
from mashery_oauth.operations import callers, services, sites
from mashery_oauth.store import Store, open_store

from .conftest import KEYS

ORIGIN = "http://127.0.0.1:8083"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    store = await open_store(url, (bytes.fromhex(KEYS),), timeout=5, max_config_age=1)
    try:
        yield store
    finally:
        await store.close()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    with Redis.from_url(url) as client:
        client.flushall()
    async with opened(url) as store:
        yield store


async def is_whole(store: Store, demo: Demo) -> bool:
    """Whether every credential of the demo is in force."""
    snapshot = await read(store)
    caller = snapshot.callers[demo.caller.apikey]
    return (
        store.ring.open(caller.secret, f"caller:{caller.apikey}").decode() == demo.caller.secret
        and store.ring.matches(demo.caller.password, caller.password)
        and all(snapshot.services[key].name == name for name, key in demo.services.items())
        and all(
            store.ring.matches(each.client_secret, snapshot.applications[each.client_id].secrets[0])
            for each in demo.applications.values()
            if each.type == "confidential"
        )
    )


async def test_makes_all_of_it_in_one_version(store: Store, tmp_path: Path) -> None:
    demo = await seed(store, tmp_path / FILE, ORIGIN)

    assert await is_whole(store, demo)
    assert store.configuration.version == 1
    assert read_demo(tmp_path / FILE) == demo


async def test_leaves_what_is_there_as_it_is(store: Store, tmp_path: Path) -> None:
    demo = await seed(store, tmp_path / FILE, ORIGIN)
    await services.forbid(store, "payments", "password")
    before = await read(store)

    again = await seed(store, tmp_path / FILE, "http://127.0.0.1:9000")

    assert again == demo
    assert await read(store) == before
    assert '"http://127.0.0.1:9000/v3/json-rpc"' in (tmp_path / FILE).read_text()


async def test_makes_the_same_again_in_an_empty_store(store: Store, url: str, tmp_path: Path) -> None:
    demo = await seed(store, tmp_path / FILE, ORIGIN)
    with Redis.from_url(url) as client:
        client.flushall()
    async with opened(url) as fresh:
        again = await seed(fresh, tmp_path / FILE, ORIGIN)

        assert again == demo
        assert await is_whole(fresh, demo)


async def test_a_lost_file_costs_the_secrets_and_nothing_else(store: Store, tmp_path: Path) -> None:
    demo = await seed(store, tmp_path / FILE, ORIGIN)
    await services.forbid(store, "payments", "password")
    (tmp_path / FILE).unlink()

    again = await seed(store, tmp_path / FILE, ORIGIN)

    assert (again.site_id, again.services, again.caller.apikey) == (demo.site_id, demo.services, demo.caller.apikey)
    assert again.caller.password != demo.caller.password
    assert await is_whole(store, again)
    assert "password" not in (await services.show(store, "payments")).policy.flows


async def test_a_file_from_before_replay_gets_what_is_played_against(store: Store, tmp_path: Path) -> None:
    file = tmp_path / FILE
    demo = await seed(store, file, ORIGIN)
    members = json.loads(file.read_text())
    for kind in ("services", "applications"):
        members[kind] = {name: each for name, each in members[kind].items() if not name.startswith("replay-")}
    del members["tester"]
    file.write_text(json.dumps(members))
    await services.forbid(store, "payments", "password")

    again = await seed(store, file, ORIGIN)

    assert (again.caller, again.user, list(again.services)) == (demo.caller, demo.user, list(demo.services))
    assert again.services["payments"] == demo.services["payments"]
    assert again.applications.keys() == demo.applications.keys()
    assert again.tester.password
    assert await is_whole(store, again)
    assert "password" not in (await services.show(store, "payments")).policy.flows


async def test_touches_no_site_that_has_its_number(store: Store, tmp_path: Path) -> None:
    theirs = await sites.create(store, "theirs")

    demo = await seed(store, tmp_path / FILE, ORIGIN)

    assert demo.site_id == 101
    assert await sites.show(store, "100") == theirs


async def test_takes_no_user_from_another_site(store: Store, tmp_path: Path) -> None:
    theirs = await sites.create(store, "theirs")
    await callers.create(store, theirs.id, "theirs", user="demo")
    before = await read(store)

    with pytest.raises(OperationError, match="user: demo is taken"):
        await seed(store, tmp_path / FILE, ORIGIN)

    assert await read(store) == before


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"site_id": 1}'])
async def test_refuses_a_damaged_file(store: Store, tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)

    with pytest.raises(OperationError, match="cannot be read; move it away to begin anew"):
        await seed(store, tmp_path / FILE, ORIGIN)
