"""Every key ends by itself, and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import MovedError

from mashery_oauth.models import TEN_YEARS, Service
from mashery_oauth.store import keys

from ..model.ageing import let_pass
from ..world import World
from .everything import PASSWORD_DATA, client_of, use_everything
from .trouble import nodes

NEAR = 20  # seconds that a test may take


@pytest.fixture
def clients(store_url: str) -> Iterator[list[Redis]]:
    made = nodes(store_url)
    yield made
    for client in made:
        client.close()


def ttl(clients: list[Redis], key: str) -> int:
    """Seconds to live, -1 for ever, -2 for not there."""
    for client in clients:
        with suppress(MovedError):
            return int(client.ttl(key))
    raise LookupError(key)


def all_keys(clients: list[Redis]) -> set[bytes]:
    return {key for client in clients for key in client.scan_iter(count=10_000)}


def near(found: int, wanted: int) -> bool:
    return wanted - NEAR <= found <= wanted


async def test_every_key_has_an_end_except_configuration(world: World, clients: list[Redis]) -> None:
    others = all_keys(clients)

    await use_everything(world)
    await use_everything(world, secure_tokens=True)
    await use_everything(world, access_ttl=None, refresh_idle_ttl=None, refresh_absolute_ttl=None)

    made = {key.decode() for key in all_keys(clients) - others}
    assert len(made) > 50
    assert [key for key in made if ttl(clients, key) == -1 and not key.startswith(keys.CONFIGURATION)] == []


async def user_token(world: World, service: Service, **more: int) -> tuple[str, str, str]:
    """An access token's key, and its user's marks and index."""
    client = await world.add_application(service)
    made = (await world.token(service, client, PASSWORD_DATA, user_context="alice")).result
    place = world.store.texts.locate(made["access_token"])
    assert place is not None
    if more:
        about = {"service_key": service.key, "client": client_of(client), "access_token": made["access_token"]}
        assert (await world.call("updateAccessToken", {**about, **more})).result
    return keys.token(place), keys.marks(place.tag), keys.index(place.tag)


async def test_an_access_token_lives_as_the_policy_says(world: World, clients: list[Redis]) -> None:
    service = await world.add_service(access_ttl=500, inactive_retention=1000, refresh_idle_ttl=None)

    token, marks, index = await user_token(world, service)

    assert near(ttl(clients, token), 500)
    assert near(ttl(clients, index), 1500)
    assert ttl(clients, marks) >= ttl(clients, token)


async def test_a_token_whose_lifetime_is_off_ends_after_ten_years(world: World, clients: list[Redis]) -> None:
    service = await world.add_service(access_ttl=None)

    token, marks, _ = await user_token(world, service)

    assert near(ttl(clients, token), TEN_YEARS)
    assert ttl(clients, marks) >= ttl(clients, token)


async def test_a_longer_life_is_longer_for_marks_and_list_too(world: World, clients: list[Redis]) -> None:
    service = await world.add_service(
        access_ttl=100, inactive_retention=60, refresh_idle_ttl=60, refresh_absolute_ttl=60
    )

    token, marks, index = await user_token(world, service, expires_in=9000)

    assert near(ttl(clients, token), 9000)
    assert near(ttl(clients, index), 9060)
    assert ttl(clients, marks) >= ttl(clients, token)


@pytest.mark.parametrize("idle", [None, 700])
async def test_marks_of_whom_a_token_is_given_to_end_with_its_grant(
    world: World, clients: list[Redis], idle: int | None
) -> None:
    service = await world.add_service(access_ttl=500, refresh_idle_ttl=idle, refresh_absolute_ttl=idle)
    client = await world.add_application(service)
    made = (await world.token(service, client, PASSWORD_DATA, user_context="alice")).result
    about = {"service_key": service.key, "client": client_of(client), "access_token": made["access_token"]}

    assert (await world.call("updateAccessToken", {**about, "user_context": "bob"})).result

    marks = keys.marks(world.store.texts.tag_of_user(service.id, "bob"))
    assert near(ttl(clients, marks), idle or TEN_YEARS)


@pytest.mark.parametrize(
    ("idle", "absolute", "life"),
    [(700, 900, 700), (900, 700, 700), (None, 700, 700), (700, None, 700), (None, None, TEN_YEARS)],
)
async def test_a_refresh_family_ends_by_the_stricter_lifetime(
    world: World, clients: list[Redis], idle: int | None, absolute: int | None, life: int
) -> None:
    service = await world.add_service(
        access_ttl=100, refresh_idle_ttl=idle, refresh_absolute_ttl=absolute, refresh_grace=50
    )
    client = await world.add_application(service)
    made = (await world.token(service, client, PASSWORD_DATA, user_context="alice")).result
    place = world.store.texts.locate_refresh(made["refresh_token"])
    assert place is not None

    before = ttl(clients, keys.family(place.tag, place.family))
    await world.refresh(service, client, made["refresh_token"])

    assert near(before, life)
    assert near(ttl(clients, keys.family(place.tag, place.family)), life)
    assert near(ttl(clients, keys.grace(place.tag, place.family)), 50)
    assert ttl(clients, keys.marks(place.tag)) >= ttl(clients, keys.family(place.tag, place.family))


@pytest.mark.parametrize("policy", [{}, {"allow_multiple_tokens": False}], ids=["of many", "the only one"])
async def test_marks_live_on_with_each_refresh(world: World, clients: list[Redis], policy: dict[str, Any]) -> None:
    service = await world.add_service(access_ttl=100, refresh_idle_ttl=700, refresh_absolute_ttl=None, **policy)
    client = await world.add_application(service)
    made = (await world.token(service, client, PASSWORD_DATA, user_context="alice")).result
    place = world.store.texts.locate_refresh(made["refresh_token"])
    assert place is not None
    await let_pass(world, [made], 300)

    before = ttl(clients, keys.marks(place.tag))
    await world.refresh(service, client, made["refresh_token"])

    assert before <= 400
    assert near(ttl(clients, keys.family(place.tag, place.family)), 700)
    assert ttl(clients, keys.marks(place.tag)) >= ttl(clients, keys.family(place.tag, place.family))


async def test_a_code_lives_as_the_policy_says_and_stays_as_used(world: World, clients: list[Redis]) -> None:
    short, long = await world.add_service(code_ttl=100), await world.add_service(code_ttl=3000)
    for service, unused, used in ((short, 100, 600), (long, 3000, 3000)):
        client = await world.add_application(service)
        code = await world.code(service, client)
        place = world.store.texts.locate(code)
        assert place is not None

        before = ttl(clients, keys.code(place))
        made = await world.redeem(service, client, code)

        assert near(before, unused)
        assert made.result["access_token"]
        assert near(ttl(clients, keys.code(place)), used)
        assert ttl(clients, keys.marks(place.tag)) >= ttl(clients, keys.code(place))


async def test_a_token_that_nobody_lists_has_no_other_key(world: World, clients: list[Redis]) -> None:
    service = await world.add_service("rfc6749", access_ttl=500)
    client = await world.add_application(service)

    made = (await world.token(service, client, {"grant_type": "client_credentials"})).result
    place = world.store.texts.locate(made["access_token"])

    assert place is not None
    assert near(ttl(clients, keys.token(place)), 500)
    assert ttl(clients, keys.marks(place.tag)) == ttl(clients, keys.index(place.tag)) == -2
