"""MAC tokens: a key with every token, the same for as long as the token lives, sealed in the store."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World

from .calls import at_once, granted, successes, update


def key_of(result: dict[str, Any]) -> str:
    """The key that came with a token."""
    return str(result["extended"]["mac_key"])


@pytest.mark.parametrize("algorithm", ["hmac-sha-1", "hmac-sha-256"])
async def test_comes_with_a_key_that_fetching_tells_again(world: World, algorithm: str) -> None:
    service = await world.add_service("draft16", token_type="mac", mac_algorithm=algorithm)
    client = await world.add_application(service)

    made = await granted(world, service, client)
    fetched = (await world.fetch(service, made["access_token"])).result

    assert made["token_type"] == fetched["token_type"] == "mac"
    assert made["extended"] == {"mac_key": key_of(made), "mac_algorithm": algorithm}
    assert fetched["extended"] == made["extended"]
    assert len(key_of(made)) == 32


async def test_a_bearer_token_has_no_key(world: World) -> None:
    service = await world.add_service("draft16")
    client = await world.add_application(service)

    made = await granted(world, service, client)

    assert (made["token_type"], made["extended"]) == ("bearer", None)
    assert (await world.fetch(service, made["access_token"])).result["extended"] is None


async def test_every_token_has_a_key_of_its_own(world: World) -> None:
    service = await world.add_service("draft16", token_type="mac")
    client = await world.add_application(service)

    answers = await at_once(lambda: world.token(service, client, {"grant_type": "client_credentials"}), 20)

    assert len({key_of(result) for result in successes(answers)}) == 20


async def test_a_refresh_gives_a_new_key_and_a_retry_the_same_one(world: World) -> None:
    service = await world.add_service("draft16", token_type="mac")
    client = await world.add_application(service)
    first = await granted(world, service, client)

    answers = await at_once(lambda: world.refresh(service, client, first["refresh_token"]), 20)
    (key,) = {key_of(result) for result in successes(answers)}
    second = successes(answers)[0]

    assert key != key_of(first)
    assert key_of((await world.fetch(service, first["access_token"])).result) == key_of(first)
    assert key_of((await world.fetch(service, second["access_token"])).result) == key


async def test_keeps_its_key_through_an_update(world: World) -> None:
    service = await world.add_service("draft16", token_type="mac")
    client = await world.add_application(service)
    made = await granted(world, service, client)

    updated = await update(world, service, client, made["access_token"], expires_in=7200, user_context="another")

    assert updated.result["extended"] == made["extended"]
    assert (await world.fetch(service, made["access_token"])).result["extended"] == made["extended"]


async def test_stays_what_it_is_when_the_service_turns_to_bearer_tokens(world: World) -> None:
    service = await world.add_service("draft16", token_type="mac")
    client = await world.add_application(service)
    first = await granted(world, service, client)

    await world.set_policy(service, token_type="bearer")
    second = (await world.refresh(service, client, first["refresh_token"])).result

    assert (await world.fetch(service, first["access_token"])).result["extended"] == first["extended"]
    assert (second["token_type"], second["extended"]) == ("bearer", None)
