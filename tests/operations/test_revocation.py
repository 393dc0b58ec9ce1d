"""Revocation at every level: what it reaches, what it leaves, that the strictest wins, and what the receipt says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain, combinations
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.models import Application, Service
from mashery_oauth.operation import OperationError, Receipt
from mashery_oauth.operations import revocation, sites, tokens
from mashery_oauth.operations.revocation import Reach
from mashery_oauth.store.census import Counts
from mashery_oauth.store.configuration import Configuration

from .. import conftest
from ..servers import single_node, three_masters
from ..store.trouble import nodes
from ..waiting import until
from ..world import World

PASSWORD = {"grant_type": "password"}
USERS = ("alice", "bob")
AGE = 1.0  # seconds, as the worlds' stores have it
NOTHING = Counts()


@pytest.fixture(scope="module")
def own_urls() -> Iterator[dict[str, str]]:
    """Stores that nobody else uses: what counts goes through all that there is."""
    with single_node() as single, three_masters() as cluster:
        yield {"single": single, "cluster": cluster}


@pytest.fixture(params=["single", "cluster"])
def store_url(request: pytest.FixtureRequest, own_urls: dict[str, str]) -> str:
    """Either store, empty."""
    url = own_urls[request.param]
    for node in nodes(url):
        node.flushall()
        node.close()
    return url


@pytest.fixture
async def world(store_url: str, aiohttp_client: AiohttpClient) -> AsyncIterator[World]:
    """A world on one node and on a cluster."""
    async for store in conftest.opened(store_url):
        yield await conftest.new_world(store, aiohttp_client)


@dataclass(frozen=True, eq=False)
class Held:
    """A grant: whose it is, and its texts."""

    service: Service
    client: Application
    user: str
    access: str
    refresh: str


@dataclass
class Scene:
    """Two services, two clients, two users: a grant of each."""

    world: World
    services: list[Service]
    clients: list[Application]
    held: list[Held]

    async def grant(self, service: Service, client: Application, user: str) -> Held:
        made = (await self.world.token(service, client, PASSWORD, user_context=user)).result
        return Held(service, client, user, made["access_token"], made["refresh_token"])

    async def living(self) -> set[Held]:
        """The grants that work: their access token is served. Their refresh token is then tried, where asked."""
        alive = await asyncio.gather(*(self.world.is_alive(held.service, held.access) for held in self.held))
        return {held for held, lives in zip(self.held, alive, strict=True) if lives}

    async def refreshable(self) -> set[Held]:
        answers = await asyncio.gather(
            *(self.world.refresh(held.service, held.client, held.refresh) for held in self.held)
        )
        return {held for held, answer in zip(self.held, answers, strict=True) if "result" in answer.json}


@pytest.fixture
async def scene(world: World) -> Scene:
    services = [await world.add_service("draft16") for _ in range(2)]
    clients = [await world.add_application(*services) for _ in range(2)]
    made = Scene(world, services, clients, [])
    for service in services:
        for client in clients:
            made.held += [await made.grant(service, client, user) for user in USERS]
    return made


Level = tuple[Callable[[Scene], Awaitable[Any]], Callable[[Scene, Held], bool]]


async def by_token(scene: Scene) -> Any:
    await scene.world.set_policy(scene.services[0], revocation="token")
    return await tokens.revoke(scene.world.store, scene.held[0].access)


async def by_grant(scene: Scene) -> Any:
    return await tokens.revoke(scene.world.store, scene.held[0].refresh)


async def by_user_and_application(scene: Scene) -> Any:
    reach = Reach(services=(scene.services[0].key,), application=scene.clients[0].client_id)
    return await revocation.user(scene.world.store, "alice", reach)


async def by_user(scene: Scene) -> Any:
    return await revocation.user(scene.world.store, "alice", Reach(site=str(scene.world.site.id)))


async def by_application(scene: Scene) -> Any:
    return await revocation.application(scene.world.store, scene.clients[0].client_id, AGE)


async def by_service(scene: Scene) -> Any:
    return await revocation.service(scene.world.store, scene.services[0].key, AGE)


async def by_site(scene: Scene) -> Any:
    return await revocation.site(scene.world.store, str(scene.world.site.id), AGE)


def is_first(scene: Scene, held: Held) -> bool:
    return held == scene.held[0]


LEVELS: dict[str, Level] = {
    "token": (by_token, is_first),
    "grant": (by_grant, is_first),
    "user and application": (
        by_user_and_application,
        lambda scene, held: (
            (held.service.key, held.client.client_id, held.user)
            == (scene.services[0].key, scene.clients[0].client_id, "alice")
        ),
    ),
    "user": (by_user, lambda _, held: held.user == "alice"),
    "application": (by_application, lambda scene, held: held.client == scene.clients[0]),
    "service": (by_service, lambda scene, held: held.service == scene.services[0]),
    "site": (by_site, lambda *_: True),
}
COMBINATIONS = list(chain.from_iterable(combinations(LEVELS, count) for count in range(len(LEVELS) + 1)))


def reached(scene: Scene, levels: tuple[str, ...]) -> set[Held]:
    return {held for held in scene.held if any(LEVELS[level][1](scene, held) for level in levels)}


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


HELD_BY = {"user and application": 1, "user": 4, "application": 4, "service": 4, "site": 8}


@pytest.mark.parametrize("level", HELD_BY)
async def test_the_receipt_says_what_died_and_since_when(scene: Scene, level: str) -> None:
    await scene.world.code(scene.services[0], scene.clients[0], "alice")
    at_once = level.startswith("user")
    before = datetime.now(UTC)

    receipt: Receipt = await LEVELS[level][0](scene)

    assert receipt.level == level
    assert receipt.died == Counts(HELD_BY[level], HELD_BY[level], 1)
    assert set(receipt.services) <= {service.key for service in scene.services}
    assert receipt.dead_since is not None
    assert (receipt.dead_since - before >= timedelta(seconds=AGE)) is not at_once
    again: Receipt = await LEVELS[level][0](scene)
    assert again.died == NOTHING


async def test_the_receipt_of_a_grant_counts_its_tokens(scene: Scene) -> None:
    first = scene.held[0]
    await scene.world.refresh(first.service, first.client, first.refresh)

    _, receipt = await tokens.revoke(scene.world.store, first.access)

    assert (receipt.level, receipt.died) == ("grant", Counts(2, 1, 0))
    _, again = await tokens.revoke(scene.world.store, first.access)
    assert again.died == NOTHING


async def test_a_dry_run_counts_the_same_and_changes_nothing(scene: Scene) -> None:
    world, store = scene.world, scene.world.store
    site, service, client = str(world.site.id), scene.services[0].key, scene.clients[0].client_id
    reach = Reach(services=(service,))

    dry = [
        await revocation.user(store, "alice", reach, dry_run=True),
        await revocation.application(store, client, AGE, dry_run=True),
        await revocation.service(store, service, AGE, dry_run=True),
        await revocation.site(store, site, AGE, dry_run=True),
        (await tokens.revoke(store, scene.held[0].refresh, dry_run=True))[1],
    ]

    assert [receipt.died.access_tokens for receipt in dry] == [2, 4, 4, 8, 1]
    assert [receipt.died.refresh_tokens for receipt in dry] == [2, 4, 4, 8, 1]
    assert {receipt.dead_since for receipt in dry} == {None}
    assert await scene.living() == set(scene.held)
    assert await scene.refreshable() == set(scene.held)
    assert (await revocation.user(store, "alice", reach)).died.access_tokens == 4  # those, and their refreshed ones


async def test_what_was_dead_already_is_not_counted(scene: Scene) -> None:
    await by_user_and_application(scene)
    await by_service(scene)

    receipt = await by_site(scene)

    assert receipt.died == Counts(4, 4, 0)


async def test_tokens_that_were_given_to_a_user_are_ended_and_counted_with_the_users_own(scene: Scene) -> None:
    world, given = scene.world, scene.held[0]
    await world.call(
        "updateAccessToken",
        {
            "service_key": given.service.key,
            "client": {"client_id": given.client.client_id},
            "access_token": given.access,
            "user_context": "bob",
        },
    )

    receipt = await revocation.user(world.store, "bob", Reach(services=(given.service.key,)))

    assert receipt.died.access_tokens == 3
    assert given not in await scene.living()


async def test_the_tokens_of_a_client_itself_are_reached_and_counted(scene: Scene) -> None:
    service, client = scene.services[0], scene.clients[0]
    own = [(await scene.world.token(service, client, {"grant_type": "client_credentials"})).result for _ in range(3)]

    receipt = await by_application(scene)

    assert receipt.died == Counts(4 + 3, 4 + 3, 0)
    assert not any([await scene.world.is_alive(service, made["access_token"]) for made in own])


async def test_a_clients_only_token_counts_once(scene: Scene) -> None:
    service = await scene.world.set_policy(scene.services[0], profile="rfc6749", allow_multiple_tokens=False)
    for _ in range(5):
        await scene.world.token(service, scene.clients[1], {"grant_type": "client_credentials"})

    receipt = await revocation.application(scene.world.store, scene.clients[1].client_id, AGE, dry_run=True)

    assert receipt.died.access_tokens == 4 + 1


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
