"""service.fetch: what the V2 object has of a service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD
from mashery_oauth.models import Site
from mashery_oauth.store.texts import random_letters
from tests.world import World


@pytest.mark.parametrize("form", ["key", "object", "named"])
async def test_tells_of_a_service_by_its_key(world: World, form: str) -> None:
    service = await world.add_service()
    named = {"service_key": service.key}
    params: dict[str, Any] = {"key": [service.key], "object": [named], "named": named}

    answer = await world.call("service.fetch", params[form])

    assert answer.result == {"service_key": service.key, "name": service.name, "object_type": "service"}


async def test_an_unknown_key_is_null(one_world: World) -> None:
    answer = await one_world.call("service.fetch", ["none"])

    assert answer.json == {"jsonrpc": "2.0", "id": 1, "result": None}


async def test_another_sites_service_is_null(world: World) -> None:
    site = Site(world.site.id ^ 1, "Another Site")
    service = await world.add_service()
    foreign = replace(service, key=random_letters(24), id=service.id ^ 1, site_id=site.id)
    await world.write(site, foreign)

    answer = await world.call("service.fetch", [foreign.key])

    assert answer.result is None


@pytest.mark.parametrize(
    ("profile", "flows", "grants", "responses"),
    [
        ("rfc6749", {"client_credentials"}, ["client_credentials"], []),
        ("draft10", {"client_credentials"}, ["none"], []),
        ("draft16", {"implicit"}, ["implicit"], ["token"]),
        ("oauth21", {"authorization_code", "refresh_token"}, ["authorization_code", "refresh_token"], ["code"]),
    ],
)
async def test_tells_what_clients_may_ask_for_where_it_is_asked(
    one_world: World, profile: str, flows: set[str], grants: list[str], responses: list[str]
) -> None:
    service = await one_world.add_service(profile, all_flows=False, flows=frozenset(flows), scopes=("read",))
    asked = ["scopes", "response_types", "grant_types", "profile"]
    extras = {"profile": profile, "grant_types": grants, "response_types": responses, "scopes": ["read"]}

    plain = await one_world.call("service.fetch", [service.key])
    named = await one_world.call("service.fetch", {"service_key": service.key, "include": asked})
    first = await one_world.call("service.fetch", [{"service_key": service.key, "include": asked}])

    assert named.result == first.result == plain.result | extras
    assert plain.result.keys() == {"service_key", "name", "object_type"}


async def test_tells_every_grant_type_that_it_takes(one_world: World) -> None:
    """Each one that is named is known at the token step, and no other; private names too."""
    service = await one_world.add_service("draft10", grant_aliases={"trial_partners": "trial"})
    client = await one_world.add_application(service)
    words = {"none", "client_credentials", "authorization_code", "implicit", "password", "refresh_token", "assertion"}
    asked = {"service_key": service.key, "include": ["grant_types"]}

    told = set((await one_world.call("service.fetch", asked)).result["grant_types"])
    taken = {
        word: (await one_world.token(service, client, {"grant_type": word})).json for word in words | {"trial_partners"}
    }
    refused = {
        word for word, answer in taken.items() if answer.get("error", {}).get("message") == "Unsupported grant type"
    }

    assert told == set(taken) - refused
    assert refused == {"client_credentials", "assertion"}


async def test_nothing_is_to_be_had_of_a_service_that_is_not_active(one_world: World) -> None:
    service = await one_world.add_service()
    await one_world.write(replace(service, active=False))
    asked = {"service_key": service.key, "include": ["grant_types", "response_types"]}

    answer = await one_world.call("service.fetch", asked)

    assert (answer.result["grant_types"], answer.result["response_types"]) == ([], [])


@pytest.mark.parametrize("include", [["flows"], [7], "scopes", ["scopes"] * 17])
async def test_nothing_else_can_be_included(one_world: World, include: Any) -> None:
    answer = await one_world.call("service.fetch", {"service_key": "key", "include": include})

    assert answer.error["code"] == -32602
    assert answer.error["data"][0]["field"].startswith("include")


@pytest.mark.parametrize("params", [None, [], {}, [None], [""], [{}], {"service_key": ""}])
async def test_the_key_is_required(one_world: World, params: Any) -> None:
    answer = await one_world.call("service.fetch", params, dialect=CLOUD)

    assert answer.status == 400
    assert answer.error == {"message": 'Field "service_key" is required', "code": 1002}


async def test_the_key_is_a_string(one_world: World) -> None:
    answer = await one_world.call("service.fetch", [7])

    assert answer.error["data"] == [{"field": "service_key", "message": "must be a string"}]
