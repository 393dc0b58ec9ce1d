"""Where receipts and dry runs were wrong, or the revocation itself: each as the shortest way there."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.models import Application, Service
from mashery_oauth.operations import revocation, tokens
from mashery_oauth.operations.revocation import Reach
from mashery_oauth.store.census import Census, Counts
from tests.flows.calls import are_alive, granted, password, revoke, revoke_user, update
from tests.world import World

from .ageing import let_pass
from .test_found import end_all_of

AGE = 1.0  # seconds, as the worlds' stores have it


async def told(world: World, service: Service, user: str) -> Counts:
    """What a user's revocation says died, after a dry run that said the same."""
    reach = Reach(services=(service.key,))
    dry = await revocation.user(world.store, user, reach, dry_run=True)
    done = await revocation.user(world.store, user, reach)
    assert dry.died == done.died
    return done.died


async def told_of_client(world: World, client: Application) -> Counts:
    """What an application's revocation says would die."""
    return (await revocation.application(world.store, client.client_id, AGE, dry_run=True)).died


async def test_a_token_that_was_moved_there_and_back_counts_once(world: World) -> None:
    """It was counted as the user's own, and as one that the user was given."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await granted(world, service, client, "ann")
    for user in ("bob", "ann"):
        await update(world, service, client, made["access_token"], user_context=user)

    died = await told(world, service, "ann")

    assert died == Counts(1, 1)
    assert not await world.is_alive(service, made["access_token"])


async def test_the_refresh_token_of_a_moved_grant_counts_with_its_new_user(world: World) -> None:
    """It was not counted at all."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await granted(world, service, client, "ann")
    await update(world, service, client, made["access_token"], user_context="bob")

    of_ann, of_bob = await told(world, service, "ann"), await told(world, service, "bob")

    assert (of_ann, of_bob) == (Counts(), Counts(1, 1))
    assert (await world.refresh(service, client, made["refresh_token"])).oauth["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("user", "died", "alive"), [("ann", Counts(1), [False, True]), ("bob", Counts(2, 1), [False] * 2)]
)
async def test_an_older_token_of_a_moved_grant_counts_with_whoever_ends_it(
    world: World, user: str, died: Counts, alive: list[bool]
) -> None:
    """It dies with the user who has it, and with its grant: there it was not counted."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, "ann")
    second = (await world.refresh(service, client, first["refresh_token"])).result
    await update(world, service, client, second["access_token"], user_context="bob")

    assert await told(world, service, user) == died

    assert await are_alive(world, service, [first["access_token"], second["access_token"]]) == alive


async def test_a_grant_that_went_on_to_a_third_user_ends_with_the_one_before_too(world: World) -> None:
    """Who has a token of it could have the others; they were not counted."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    first = await granted(world, service, client, "ann")
    second = (await world.refresh(service, client, first["refresh_token"])).result
    await update(world, service, client, first["access_token"], user_context="bob")
    await update(world, service, client, second["access_token"], user_context="cyd")

    assert await told(world, service, "bob") == Counts(2, 1)

    assert await are_alive(world, service, [first["access_token"], second["access_token"]]) == [False, False]
    assert (await world.refresh(service, client, second["refresh_token"])).oauth["error"] == "invalid_grant"
    assert await told(world, service, "cyd") == Counts()


async def test_a_code_counts_though_a_client_with_one_token_has_got_another_since(world: World) -> None:
    """A code heeds no token beside it, but it was counted as if it did."""
    service = await world.add_service("rfc6749", allow_multiple_tokens=False)
    client = await world.add_application(service)
    code = await world.code(service, client, "ann")
    await password(world, service, client, "ann")

    assert await told(world, service, "ann") == Counts(1, 1, 1)

    assert (await world.redeem(service, client, code)).oauth["error"] == "invalid_grant"


@pytest.mark.parametrize("user", ["ann", "bob"], ids=["its user's", "moved"])
async def test_a_grant_whose_code_was_played_again_is_dead_already(world: World, user: str) -> None:
    """Its refresh token was counted: only the user's marks tell that it is dead."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client, "ann")
    made = (await world.redeem(service, client, code)).result
    await update(world, service, client, made["access_token"], user_context=user)
    await world.redeem(service, client, code)

    assert await told_of_client(world, client) == Counts()
    assert await told(world, service, user) == Counts()
    assert (await world.refresh(service, client, made["refresh_token"])).oauth["error"] == "invalid_grant"


@pytest.mark.parametrize("user", ["ann", None], ids=["moved", "of the client itself"])
async def test_what_ended_with_its_grant_is_dead_already(world: World, user: str | None) -> None:
    """Where a record does not tell whose marks count, it was counted until its own end."""
    service = await world.add_service("draft16")
    client = await world.add_application(service)
    flow = "password" if user else "client_credentials"
    first = (await world.token(service, client, {"grant_type": flow}, user_context=user)).result
    if user:
        await update(world, service, client, first["access_token"], user_context="bob")
    second = (await world.refresh(service, client, first["refresh_token"])).result
    await revoke(world, service, client, second["access_token"])

    assert not await world.is_alive(service, first["access_token"])
    assert await told_of_client(world, client) == Counts()
    assert await told(world, service, "bob") == Counts()


async def test_what_an_applications_revocation_has_ended_dies_no_more(world: World) -> None:
    """Tokens that a user was given, and the grant of a single token, were counted once more."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    made = await granted(world, service, client, "ann")
    await update(world, service, client, made["access_token"], user_context="bob")

    await end_all_of(world, client)

    for text in (made["access_token"], made["refresh_token"]):
        assert (await tokens.revoke(world.store, text, dry_run=True))[1].died == Counts()
    assert await told(world, service, "bob") == Counts()


async def test_what_is_issued_while_it_is_counted_is_not_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by reading: it had not been dead before the revocation, and nobody asked whether it was afterwards."""
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    await password(world, service, client, "ann")
    texts, count = [], Census.count_ended

    async def late(self: Census, *arguments: Any) -> Counts:
        texts.append((await password(world, service, client, "ann")).result["access_token"])
        return await count(self, *arguments)

    monkeypatch.setattr(Census, "count_ended", late)
    receipt = await revocation.user(world.store, "ann", Reach(services=(service.key,)))

    assert receipt.died == Counts(1, 1)
    assert await are_alive(world, service, texts) == [True]


async def test_a_grant_that_comes_back_with_an_older_token_is_reached_by_its_users_revocation(world: World) -> None:
    """Found by reading: its user's list had it from the first time only, for as long as it was to live then."""
    service = await world.add_service("rfc6749", access_ttl=600, refresh_idle_ttl=1000, inactive_retention=0)
    client = await world.add_application(service)
    users = [(service, user) for user in ("ann", "bob", "cyd")]
    first = await granted(world, service, client, "ann")
    await update(world, service, client, first["access_token"], user_context="bob")
    second = (await world.refresh(service, client, first["refresh_token"])).result
    await update(world, service, client, second["access_token"], user_context="cyd")
    await let_pass(world, [first, second], 500, *users)
    third = (await world.refresh(service, client, second["refresh_token"])).result
    await update(world, service, client, first["access_token"], user_context="bob")
    await let_pass(world, [first, second, third], 550, *users)

    await revoke_user(world, service, client, "bob")

    assert (await world.refresh(service, client, third["refresh_token"])).oauth["error"] == "invalid_grant"
    assert not await world.is_alive(service, third["access_token"])
