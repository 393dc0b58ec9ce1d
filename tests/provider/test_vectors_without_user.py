"""The printed examples of clients that ask for themselves: of draft 16, of draft 10, and of one vendor."""

from __future__ import annotations

import pytest

from tests.world import World

from .printed import (
    BARRACUDA,
    BASIC,
    NONE,
    OWN,
    imported,
    members_of,
)
from .scene import Serve


async def test_the_printed_client_gets_a_token_for_itself(one_world: World, serve: Serve) -> None:
    """V16-9, with the refresh token that its answer V16-6 has as well."""
    provider, _ = await imported(one_world, serve, "draft16")

    answer = await provider.token(OWN, BASIC)

    assert members_of(answer) == ["access_token", "token_type", "expires_in", "refresh_token"]


async def test_the_grant_type_none_of_draft_10(one_world: World, serve: Serve) -> None:
    """V10-13, for which the draft prints no example: the grant type is in its text alone."""
    provider, service = await imported(one_world, serve, "draft10")

    answer = await provider.token(NONE)

    assert members_of(answer) == ["access_token", "expires_in"]
    record = (await one_world.fetch(service, answer.json["access_token"])).result
    assert record["scope"] == "accounts_read accounts_write"


@pytest.mark.parametrize("plus", ["%2B", "+", "%20"])
async def test_a_barracuda_client_is_answered_as_by_its_own_server(one_world: World, serve: Serve, plus: str) -> None:
    """Section 5, with a literal plus as that vendor's curl sends it, and with the space that its page speaks of."""
    client_id, secret = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
    provider, service = await imported(
        one_world,
        serve,
        "draft10",
        client_id=client_id,
        secret=secret,
        rendering="barracuda",
        scope_separators=" +",
    )

    answer = await provider.token(BARRACUDA.replace("%2B", plus), {"Accept": "application/json"})
    record = (await one_world.fetch(service, answer.json["access_token"])).result
    resources = [
        await provider.get("/resource", {"Authorization": f"{scheme} {answer.json['access_token']}"})
        for scheme in ("OAuth", "Oauth")
    ]

    assert members_of(answer) == ["access_token", "expires_in"]
    assert answer.json["expires_in"] == "3600"
    assert record["scope"] == "accounts_read accounts_write"
    assert [each.status for each in resources] == [200, 200]


async def test_a_barracuda_client_is_told_its_mistake_in_words(one_world: World, serve: Serve) -> None:
    provider, _ = await imported(
        one_world,
        serve,
        "draft10",
        client_id="0123456789abcdef0123456789abcdef",
        secret="fedcba9876543210fedcba9876543210",
        rendering="barracuda",
    )

    wrong_secret = await provider.token(BARRACUDA.replace("fedcba", "abcdef"))
    wrong_grant = await provider.token(BARRACUDA.replace("none", "client_credentials"))

    assert [(each.status, each.json["error"]) for each in (wrong_secret, wrong_grant)] == [
        (400, "invalid_client"),
        (400, "unsupported_grant_type"),
    ]
    assert all(set(each.json) == {"error", "error_description"} for each in (wrong_secret, wrong_grant))
