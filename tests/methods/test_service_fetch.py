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


@pytest.mark.parametrize("params", [None, [], {}, [None], [""], [{}], {"service_key": ""}])
async def test_the_key_is_required(one_world: World, params: Any) -> None:
    answer = await one_world.call("service.fetch", params, dialect=CLOUD)

    assert answer.status == 400
    assert answer.error == {"message": 'Field "service_key" is required', "code": 1002}


async def test_the_key_is_a_string(one_world: World) -> None:
    answer = await one_world.call("service.fetch", [7])

    assert answer.error["data"] == [{"field": "service_key", "message": "must be a string"}]
