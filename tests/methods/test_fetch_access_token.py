"""oauth2.fetchAccessToken: what a token stands for."""

from __future__ import annotations

import re
import time
from calendar import timegm
from dataclasses import replace

import pytest

from mashery_oauth.dialects import CLOUD
from mashery_oauth.methods import METHODS
from mashery_oauth.models import Application, Service, Site
from mashery_oauth.store.texts import random_letters
from tests.waiting import token_expired
from tests.world import World


async def made(world: World, service: Service, client: Application, user: str | None = None) -> str:
    """A token by password, or by client credentials where there is no user."""
    grant_type = "password" if user else "client_credentials"
    answer = await world.token(service, client, {"grant_type": grant_type, "scope": "read"}, user_context=user)
    return str(answer.result["access_token"])


async def test_tells_all_of_a_token(world: World) -> None:
    service = await world.add_service(access_ttl=3600)
    client = await world.add_application(service)
    before = int(time.time())
    token = await made(world, service, client, "user12345")

    answer = await world.fetch(service, token, dialect=CLOUD)

    expires = answer.result["expires"]
    assert (
        answer.body
        == (
            f'{{"jsonrpc":"2.0","result":{{"client_id":"{client.client_id}","token_type":"bearer","grant_type":"password",'
            f'"expires":"{expires}","scope":"read","user_context":"user12345","extended":null}},"id":1}}'
        ).encode()
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", expires)
    assert 0 <= timegm(time.strptime(expires, "%Y-%m-%dT%H:%M:%SZ")) - 3600 - before <= 5


async def test_takes_named_arguments(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    token = await made(one_world, service, client)

    answer = await one_world.call("fetchAccessToken", {"service_key": service.key, "access_token": token})

    assert (answer.result["grant_type"], answer.result["user_context"]) == ("client_credentials", None)


async def test_a_list_is_answered_in_its_order_without_what_is_not_alive(world: World) -> None:
    service, other = await world.add_service(), await world.add_service()
    client = await world.add_application(service, other)
    first, second, dead = [await made(world, service, client, user) for user in ("anna", None, "bertha")]
    foreign = await made(world, other, client, "anna")
    await world.call("revokeAccessToken", [service.key, {"client_id": client.client_id}, dead])

    answer = await world.fetch(service, [second, "unknown", first, dead, "", foreign, second])

    single = (await world.fetch(service, first)).result
    assert [found["access_token"] for found in answer.result] == [second, first, second]
    assert list(answer.result[1].items()) == [("access_token", first), *single.items()]


@pytest.mark.parametrize("tokens", [[], ["unknown"], [""]])
async def test_a_list_may_be_answered_with_an_empty_one(one_world: World, tokens: list[str]) -> None:
    service = await one_world.add_service()

    answer = await one_world.fetch(service, tokens)

    assert answer.result == []


async def test_a_thousand_tokens_are_the_most(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    token = await made(world, service, client)

    thousand = await world.fetch(service, [token] * 1000)
    more = await world.fetch(service, [token] * 1001)

    assert len(thousand.result) == 1000
    assert more.error["code"] == -32602


async def test_a_dead_token_is_told_as_an_unknown_one(world: World) -> None:
    service, other = await world.add_service(), await world.add_service()
    short = await world.add_service(access_ttl=1)
    client = await world.add_application(service, other, short)
    revoked, foreign = await made(world, service, client), await made(world, other, client)
    expired = await made(world, short, client)
    await world.call("revokeAccessToken", [service.key, {"client_id": client.client_id}, revoked])
    await token_expired(world.store, expired)
    answers = [await world.fetch(service, token) for token in ("unknown", revoked, foreign)]
    answers.append(await world.fetch(short, expired))

    assert {answer.body for answer in answers} == {answers[0].body}


async def test_a_token_of_a_disabled_application_is_dead(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    token = await made(world, service, client)
    moved_away = await world.add_application(service)
    other_token = await made(world, service, moved_away)
    await world.write(replace(client, active=False))
    await world.write(replace(moved_away, services=()))

    alive = [await world.is_alive(service, token), await world.is_alive(service, other_token)]

    assert alive == [False, False]


async def test_an_unknown_service_is_told_before_an_unknown_token(one_world: World) -> None:
    answer = await one_world.call("fetchAccessToken", ["none", "token"])

    assert answer.error["message"] == "Unknown service key"


async def test_another_sites_service_is_not_there(world: World) -> None:
    site = Site(world.site.id ^ 1, "Another Site")
    service = replace(await world.add_service(), key=random_letters(24), id=2**31, site_id=site.id)
    await world.write(site, service)

    answers = [
        await world.call(method, {"service_key": service.key, "access_token": "t", "user_context": "anna"})
        for method in METHODS
        if method.startswith("oauth2.")
    ]

    assert len(answers) == 8
    assert {answer.error["message"] for answer in answers} == {"Unknown service key"}


async def test_a_refresh_token_a_code_and_a_handle_are_no_access_tokens(world: World) -> None:
    service = await world.add_service(secure_tokens=True)
    client = await world.add_application(service)
    code = await world.code(service, client, "anna")
    answer = await world.redeem(service, client, await world.code(service, client, "anna"))
    listed = await world.call("fetchUserApplications", [service.key, "anna"])
    (handle,) = listed.result[0]["access_tokens"]

    found = await world.fetch(service, [code, answer.result["refresh_token"], handle])

    assert handle.startswith("sha256:")
    assert found.result == []


async def test_a_mac_token_comes_with_its_key(world: World) -> None:
    service = await world.add_service("draft16", token_type="mac")
    client = await world.add_application(service)
    answer = await world.token(service, client, {"grant_type": "client_credentials"})

    found = await world.fetch(service, answer.result["access_token"])

    assert (found.result["token_type"], found.result["extended"]) == ("mac", answer.result["extended"])


@pytest.mark.parametrize(
    ("start", "token_data", "told"),
    [
        ("draft16", {"grant_type": "implicit"}, "implicit"),
        ("draft16", {"response_type": "token"}, "implicit"),
        ("draft16", {"grant_type": "password"}, "password"),
        ("draft10", {"grant_type": "none"}, "client_credentials"),
    ],
)
async def test_grant_type_is_the_first_flow_of_the_grant(
    one_world: World, start: str, token_data: dict[str, str], told: str
) -> None:
    service = await one_world.add_service(start)
    client = await one_world.add_application(service)
    answer = await one_world.token(service, client, token_data)

    found = await one_world.fetch(service, answer.result["access_token"])

    assert found.result["grant_type"] == told


async def test_grant_type_stays_the_same_after_a_refresh(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    first = await world.redeem(service, client, await world.code(service, client, "anna"))
    second = await world.refresh(service, client, first.result["refresh_token"])

    found = await world.fetch(service, second.result["access_token"])

    assert found.result["grant_type"] == "authorization_code"
