"""Revocation at every level: what it reaches, what it leaves, and that the strictest wins."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from itertools import chain, combinations

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.operation import OperationError
from mashery_oauth.operations import revocation, sites
from mashery_oauth.operations.revocation import Reach
from mashery_oauth.store.configuration import Configuration

from .. import conftest
from ..waiting import until
from .revoking import (
    LEVELS,
    Scene,
    reached,
)

COMBINATIONS = list(chain.from_iterable(combinations(LEVELS, count) for count in range(len(LEVELS) + 1)))


@pytest.mark.parametrize("levels", COMBINATIONS, ids="+".join)
async def test_whatever_is_revoked_the_strictest_wins(scene: Scene, levels: tuple[str, ...]) -> None:
    for level in levels:
        await LEVELS[level][0](scene)

    dead = reached(scene, levels)
    assert await scene.living() == set(scene.held) - dead
    by_token_alone = reached(scene, tuple(level for level in levels if level != "token"))
    assert await scene.refreshable() == set(scene.held) - by_token_alone


@pytest.mark.parametrize("level", [level for level in LEVELS if level != "token"])
async def test_what_is_issued_afterwards_lives(scene: Scene, level: str) -> None:
    await LEVELS[level][0](scene)

    for held in scene.held:
        after = await scene.grant(held.service, held.client, held.user)
        assert await scene.world.is_alive(held.service, after.access)
        assert (await scene.world.refresh(held.service, held.client, after.refresh)).result


@pytest.mark.parametrize("level", [level for level in LEVELS if level not in ("token", "grant")])
async def test_an_unused_code_from_before_is_dead(scene: Scene, level: str) -> None:
    code = await scene.world.code(scene.services[0], scene.clients[0], "alice")

    await LEVELS[level][0](scene)

    assert (await scene.world.redeem(scene.services[0], scene.clients[0], code)).oauth["error"] == "invalid_grant"


@pytest.mark.parametrize("level", ["application", "service", "site"])
async def test_a_worker_that_has_not_heard_of_it_issues_nothing_that_outlives_it(
    scene: Scene, level: str, store_url: str, aiohttp_client: AiohttpClient
) -> None:
    stale = scene.world.store.configuration
    made = await scene.grant(scene.services[0], scene.clients[0], "carol")
    async for store in conftest.opened(store_url):
        other = replace(scene, world=replace(scene.world, store=store))
        before = stale.version

        await LEVELS[level][0](other)

        assert stale.version == before  # it polls twice a second, and was not asked since
        late = await scene.grant(scene.services[0], scene.clients[0], "carol")

        await until(partial(_is_past, stale, before))
        assert not await scene.world.is_alive(scene.services[0], made.access)
        assert not await scene.world.is_alive(scene.services[0], late.access)


async def _is_past(configuration: Configuration, version: int) -> bool:
    return configuration.version > version


async def test_a_user_of_several_sites_is_only_reached_where_it_was_said(scene: Scene) -> None:
    await sites.create(scene.world.store, "another")

    with pytest.raises(OperationError, match="site: there are several"):
        await revocation.user(scene.world.store, "alice", Reach())

    assert await scene.living() == set(scene.held)


@pytest.mark.parametrize(
    "reach", [Reach(services=("nothing",)), Reach(site="nothing"), Reach(application="nothing")], ids=str
)
async def test_what_is_not_there_is_named_and_nothing_is_revoked(scene: Scene, reach: Reach) -> None:
    with pytest.raises(OperationError, match="'nothing'"):
        await revocation.user(scene.world.store, "alice", reach)

    assert await scene.living() == set(scene.held)


@pytest.mark.parametrize("step", [-86_400.0, 86_400.0], ids=["a day back", "a day on"])
@pytest.mark.parametrize("level", [level for level in LEVELS if level != "token"])
async def test_no_step_of_a_workers_clock_revives_anything(
    scene: Scene, level: str, step: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    await LEVELS[level][0](scene)
    real = time.time

    monkeypatch.setattr(time, "time", lambda: real() + step)

    dead = reached(scene, (level,))
    assert await scene.living() == set(scene.held) - dead
    assert await scene.refreshable() == set(scene.held) - dead
