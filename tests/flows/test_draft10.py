"""What draft 10 has of its own: its name for no user, private names that ask for a scope, and ``+`` between scopes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World

TRIAL = "trial_partners"
PARTNERS: dict[str, Any] = {"grant_aliases": {TRIAL: "trial"}, "scope_separators": " +"}


async def test_gives_a_client_its_own_token_for_none(world: World) -> None:
    service = await world.add_service("draft10")
    client = await world.add_application(service)

    made = (await world.token(service, client, {"grant_type": "none", "scope": "read"})).result

    assert "refresh_token" not in made
    assert (await world.fetch(service, made["access_token"])).result["grant_type"] == "client_credentials"


async def test_a_private_name_gives_a_client_its_own_token(world: World) -> None:
    service = await world.add_service("draft10", **PARTNERS)
    client = await world.add_application(service)

    made = (await world.token(service, client, {"grant_type": TRIAL, "scope": "trial"})).result

    assert made["scope"] == "trial"
    assert (await world.fetch(service, made["access_token"])).result["grant_type"] == "client_credentials"


@pytest.mark.parametrize(
    ("scope", "wanted"),
    [
        ("trial", "trial"),
        ("read trial", "read trial"),
        ("read+trial", "read trial"),
        ("read", None),
        ("trials", None),
        (None, None),
    ],
)
async def test_a_private_name_must_ask_for_its_scope(one_world: World, scope: str | None, wanted: str | None) -> None:
    service = await one_world.add_service("draft10", **PARTNERS)
    client = await one_world.add_application(service)

    found = await one_world.token(service, client, {"grant_type": TRIAL, "scope": scope})

    if wanted is None:
        assert found.oauth["error"] == "invalid_scope"
    else:
        assert found.result["scope"] == wanted


async def test_a_private_name_is_satisfied_by_the_default_scope(one_world: World) -> None:
    service = await one_world.add_service("draft10", default_scopes=("trial",), **PARTNERS)
    client = await one_world.add_application(service)

    found = await one_world.token(service, client, {"grant_type": TRIAL})

    assert found.result["scope"] == "trial"


async def test_a_private_name_is_unknown_elsewhere(one_world: World) -> None:
    service = await one_world.add_service("draft10")
    client = await one_world.add_application(service)

    found = await one_world.token(service, client, {"grant_type": TRIAL, "scope": "trial"})

    assert found.oauth["error"] == "unsupported_grant_type"


async def test_a_private_name_goes_with_the_flow_that_it_stands_for(one_world: World) -> None:
    service = await one_world.add_service("draft10", flows=frozenset({"password"}), **PARTNERS)
    client = await one_world.add_application(service)

    found = await one_world.token(service, client, {"grant_type": TRIAL, "scope": "trial"})

    assert found.oauth["error"] == "unsupported_grant_type"
    assert found.error["message"] == "Flow client_credentials is not enabled for this service"


async def test_a_private_name_cannot_be_joined_by_a_response_type(one_world: World) -> None:
    service = await one_world.add_service("draft10", **PARTNERS)
    client = await one_world.add_application(service)

    found = await one_world.token(service, client, {"grant_type": TRIAL, "scope": "trial", "response_type": "token"})

    assert found.oauth["error"] == "invalid_request"


async def test_plus_separates_wherever_a_scope_is_told(world: World) -> None:
    service = await world.add_service("draft10", scopes=("read", "write"), scope_separators=" +")
    client = await world.add_application(service)
    code = await world.code(service, client, scope="read+write")

    made = (await world.redeem(service, client, code, scope="write+read")).result
    refreshed = (await world.refresh(service, client, made["refresh_token"], scope="read+write")).result
    wider = await world.refresh(service, client, refreshed["refresh_token"], scope="read+write+admin")

    assert made["scope"] == "write read"
    assert refreshed["scope"] == "read write"
    assert wider.oauth["error"] == "invalid_scope"
