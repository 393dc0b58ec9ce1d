"""What a receipt says of a revocation, and a dry run before it: what dies, how much, and since when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mashery_oauth.operation import Receipt
from mashery_oauth.operations import revocation, tokens
from mashery_oauth.operations.revocation import Reach
from mashery_oauth.store.census import Counts

from .revoking import (
    AGE,
    LEVELS,
    Scene,
    by_application,
    by_service,
    by_site,
    by_user_and_application,
)

NOTHING = Counts()
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
