"""application.fetch: what the V2 object has of an application."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD
from mashery_oauth.models import Site
from mashery_oauth.store.texts import random_letters
from tests.world import HTTPS, World


@pytest.mark.parametrize("form", ["number", "object", "named"])
async def test_tells_of_an_application_by_its_number(world: World, form: str) -> None:
    service = await world.add_service()
    client = await world.add_application(service, external_id="crm-7")
    params: dict[str, Any] = {"number": [client.id], "object": [{"id": client.id}], "named": {"id": client.id}}

    answer = await world.call("application.fetch", params[form])

    assert answer.result == {
        "id": client.id,
        "name": client.name,
        "external_id": "crm-7",
        "uri": HTTPS,
        "status": "active",
        "object_type": "application",
    }


async def test_the_number_of_fetch_application_leads_here(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    fetched = await one_world.call("fetchApplication", [service.key, {"client_id": client.client_id}])

    answer = await one_world.call("application.fetch", [fetched.result["id"]])

    assert answer.result["name"] == client.name


async def test_what_an_application_has_not_is_null(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service, redirect_uris=(), active=False)

    answer = await one_world.call("application.fetch", [client.id])

    assert (answer.result["external_id"], answer.result["uri"]) == (None, None)
    assert answer.result["status"] == "disabled"


@pytest.mark.parametrize("number", [0, -1, 2_147_483_647, 2**63])
async def test_an_unknown_number_is_null(one_world: World, number: int) -> None:
    answer = await one_world.call("application.fetch", [number])

    assert answer.json == {"jsonrpc": "2.0", "id": 1, "result": None}


async def test_another_sites_application_is_null(world: World) -> None:
    site = Site(world.site.id ^ 1, "Another Site")
    client = await world.add_application()
    foreign = replace(client, id=client.id + 500, client_id=random_letters(24), site_id=site.id)
    await world.write(site, foreign)

    answer = await world.call("application.fetch", [foreign.id])

    assert answer.result is None


@pytest.mark.parametrize("params", [None, [], {}, [None], [{}], {"id": None}])
async def test_the_number_is_required(one_world: World, params: Any) -> None:
    answer = await one_world.call("application.fetch", params, dialect=CLOUD)

    assert answer.status == 400
    assert answer.error == {"message": 'Field "id" is required', "code": 1002}


@pytest.mark.parametrize("wrong", ["7", 7.0, True, [7]])
async def test_the_number_is_an_integer(one_world: World, wrong: Any) -> None:
    answer = await one_world.call("application.fetch", {"id": wrong})

    assert answer.error["data"] == [{"field": "id", "message": "must be an integer"}]
