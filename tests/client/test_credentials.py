"""Who calls: Cloud's signature and HTTP Basic, right and wrong."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from typing import Any

import pytest

from mashery_oauth.client import AsyncClient, CallerRefused, Client, Cloud, Credentials, Local, calls, credentials
from mashery_oauth.dialects import CLOUD, LOCAL_V3
from tests.world import World

from . import either
from .conftest import Provider
from .line import SILENT, Line

UNTYPED: Any = credentials


def test_signs_as_the_published_vector() -> None:
    """MD5 of apikey, secret and seconds, one after the other, in lower case."""
    target = Cloud(200, "key", "secret").target(1_900_000_000)

    digest = hashlib.md5(b"keysecret1900000000").hexdigest()
    assert target == f"/v2/json-rpc/200?apikey=key&sig={digest}"


def test_writes_an_apikey_into_an_address() -> None:
    assert "apikey=a%26b%20%2F%C3%A9&sig=" in Cloud(1, "a&b /é", "secret").target(0)


@pytest.mark.parametrize("kind", [AsyncClient])  # what makes the signature does not know who sends it
async def test_signs_with_the_time_of_each_try(provider: Provider, line: Line) -> None:
    backend = provider.connect(CLOUD, at=line.url, try_timeout=1.1)
    line.fates = [SILENT]
    begun = int(time.time())

    await backend.fetch_access_tokens(provider.key, [])

    moments = {provider.world.signature(second): second for second in range(begun, int(time.time()) + 1)}
    first, second = [moments[request.query["sig"][0]] for request in line.requests]
    assert second > first


def wrong(world: World) -> dict[str, Credentials]:
    right = Cloud(world.site.id, world.caller.apikey, world.apikey_secret)
    local = Local(world.caller.user, world.password)
    return {
        "apikey": dataclasses.replace(right, apikey="nobody"),
        "secret": dataclasses.replace(right, secret="wrong"),
        "site": dataclasses.replace(right, site_id=right.site_id ^ 1),
        "user": dataclasses.replace(local, user="nobody"),
        "password": dataclasses.replace(local, password="wrong"),
        "password of V2": dataclasses.replace(local, password="wrong", version=2),
    }


@pytest.mark.parametrize(
    ("part", "status", "reason"),
    [
        ("apikey", 403, "ERR_403_NOT_AUTHORIZED"),
        ("secret", 403, "ERR_403_NOT_AUTHORIZED"),
        ("site", 404, None),
        ("user", 401, None),
        ("password", 401, None),
        ("password of V2", 401, None),
    ],
)
async def test_a_caller_that_is_not_let_in_hears_why(
    provider: Provider, line: Line, part: str, status: int, reason: str | None
) -> None:
    backend = provider.connect(at=line.url, caller=wrong(provider.world)[part])

    failure = await backend.failure(calls.fetch_access_tokens(provider.key, []))

    assert isinstance(failure, CallerRefused)
    assert (failure.status, failure.reason, failure.code) == (status, reason, None)
    assert len(line.requests) == 1


async def test_a_caller_that_was_switched_off_hears_so(provider: Provider) -> None:
    await provider.world.write(dataclasses.replace(provider.world.caller, active=False))

    failure = await provider.connect(CLOUD).failure(calls.fetch_access_tokens(provider.key, []))

    assert isinstance(failure, CallerRefused)
    assert (str(failure), failure.reason) == ("Account Inactive", "ERR_403_DEVELOPER_INACTIVE")


async def test_a_password_may_have_any_letters(provider: Provider) -> None:
    password = "pä:ss wörd\u2028\U0001f512"
    world = provider.world
    await world.write(dataclasses.replace(world.caller, password=world.store.ring.hash(password)))

    backend = provider.connect(caller=Local(world.caller.user, password))

    assert await backend.fetch_access_tokens(provider.key, []) == []


@pytest.mark.parametrize(
    "make",
    [
        lambda: UNTYPED.Cloud("1", "key", "secret"),
        lambda: UNTYPED.Cloud(True, "key", "secret"),
        lambda: UNTYPED.Cloud(1, b"key", "secret"),
        lambda: UNTYPED.Cloud(1, "key", None),
        lambda: UNTYPED.Local("user", None),
        lambda: UNTYPED.Local(None, "password"),
    ],
)
def test_refuses_credentials_of_another_type(make: Any) -> None:
    with pytest.raises(TypeError, match="must be a"):
        make()


@pytest.mark.parametrize("kind", [AsyncClient, Client])
def test_a_client_refuses_what_are_no_credentials(kind: Any) -> None:
    """A pair of user and password was taken, and each call ended with an AttributeError."""
    with pytest.raises(TypeError, match="credentials must be Cloud or Local"):
        kind("http://127.0.0.1:8083", ("user", "password"))


@pytest.mark.parametrize("make", [lambda: Local("us:er", "password"), lambda: Local("user", "password", version=1)])
def test_refuses_credentials_that_cannot_be(make: Any) -> None:
    with pytest.raises(ValueError, match=r"user|version"):
        make()


def test_shows_no_secret(one_world: World) -> None:
    shown = repr([either.credentials(one_world, CLOUD), either.credentials(one_world, LOCAL_V3)])

    assert one_world.caller.apikey in shown
    assert one_world.apikey_secret not in shown
    assert one_world.password not in shown
