"""How long a grant can go on: each use begins the idle lifetime anew, nothing moves the absolute one."""

from __future__ import annotations

import time

from mashery_oauth.store import keys
from tests.waiting import until
from tests.world import World

from .calls import granted


async def half_gone(world: World, refresh_token: str) -> None:
    """Returns when less than half a second is left of a refresh token, or nothing."""
    place = world.store.texts.locate_refresh(refresh_token)
    assert place is not None
    key = keys.family(place.tag, place.family)

    async def is_short() -> bool:
        return bool(await world.store.link.run(key, "PTTL", key) < 500)

    await until(is_short)


async def test_each_use_begins_the_idle_lifetime_anew(one_world: World) -> None:
    service = await one_world.add_service("rfc6749", refresh_idle_ttl=1, refresh_absolute_ttl=None)
    client = await one_world.add_application(service)
    token, started = (await granted(one_world, service, client))["refresh_token"], time.monotonic()

    for _ in range(3):
        await half_gone(one_world, token)
        token = (await one_world.refresh(service, client, token)).result["refresh_token"]

    assert time.monotonic() - started > 1


async def test_no_use_moves_the_absolute_end(one_world: World) -> None:
    service = await one_world.add_service("rfc6749", refresh_idle_ttl=1, refresh_absolute_ttl=2)
    client = await one_world.add_application(service)
    token, started = (await granted(one_world, service, client))["refresh_token"], time.monotonic()

    answer = await one_world.refresh(service, client, token)
    while "result" in answer.json and time.monotonic() - started < 5:
        token = answer.result["refresh_token"]
        await half_gone(one_world, token)
        answer = await one_world.refresh(service, client, token)

    assert answer.oauth["error"] == "invalid_grant"
    assert 1.9 < time.monotonic() - started < 5


async def test_lifetimes_that_are_off_last_ten_years(one_world: World) -> None:
    service = await one_world.add_service("rfc6749", refresh_idle_ttl=None, refresh_absolute_ttl=None)
    client = await one_world.add_application(service)
    token = (await granted(one_world, service, client))["refresh_token"]

    place = one_world.store.texts.locate_refresh(token)
    assert place is not None
    key = keys.family(place.tag, place.family)
    left = await one_world.store.link.run(key, "PTTL", key)

    assert left > 9 * 365 * 86_400_000
    assert (await one_world.refresh(service, client, token)).result["refresh_token"]


async def test_the_shorter_of_both_ends_it(one_world: World) -> None:
    service = await one_world.add_service("rfc6749", refresh_idle_ttl=3600, refresh_absolute_ttl=60)
    client = await one_world.add_application(service)
    token = (await granted(one_world, service, client))["refresh_token"]

    second = (await one_world.refresh(service, client, token)).result["refresh_token"]
    place = one_world.store.texts.locate_refresh(second)
    assert place is not None
    key = keys.family(place.tag, place.family)

    assert await one_world.store.link.run(key, "PTTL", key) <= 60_000


async def test_a_token_whose_lifetime_is_off_says_nothing_of_its_end(world: World) -> None:
    service = await world.add_service("rfc6749", access_ttl=None)
    client = await world.add_application(service)
    first = await granted(world, service, client)

    second = (await world.refresh(service, client, first["refresh_token"])).result
    again = (await world.refresh(service, client, first["refresh_token"])).result
    own = (await world.token(service, client, {"grant_type": "client_credentials"})).result

    assert again == second
    for made in (first, second, own):
        assert "expires_in" not in made
        assert (await world.fetch(service, made["access_token"])).result["expires"] is None


async def test_a_token_lives_as_long_as_it_says(one_world: World) -> None:
    service = await one_world.add_service("rfc6749", access_ttl=1)
    client = await one_world.add_application(service)
    made = await granted(one_world, service, client)
    alive = await one_world.is_alive(service, made["access_token"])

    async def is_dead() -> bool:
        return not await one_world.is_alive(service, made["access_token"])

    started = time.monotonic()
    await until(is_dead)

    assert made["expires_in"] == 1
    assert alive
    assert time.monotonic() - started < 3
