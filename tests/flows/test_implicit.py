"""A token straight from the authorization step, for a client in a browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from mashery_oauth.models import Application, Service
from tests.world import HTTPS, Answer, World

from .calls import listed

STATE = "a state & more"


async def asked(world: World, service: Service, client: Application, **data: Any) -> Answer:
    """A token from the authorization step; no secret is sent."""
    return await world.token(
        service,
        client,
        data,
        client={"client_id": client.client_id},
        uri={"redirect_uri": HTTPS, "state": STATE},
        user_context="user",
    )


def fragment(answer: Answer) -> dict[str, str]:
    """The members in the fragment of the URI to redirect to."""
    return dict(parse_qsl(urlsplit(answer.result["uri"]["redirect_uri"]).fragment, strict_parsing=True))


@pytest.mark.parametrize("data", [{"response_type": "token"}, {"response_type": "token", "grant_type": "implicit"}])
async def test_gives_the_whole_uri_to_a_response_type(world: World, data: dict[str, str]) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)

    made = await asked(world, service, client, scope="read", **data)

    assert made.result["return_type"] == "redirect"
    assert made.result["uri"]["state"] == made.result["state"] == STATE
    assert made.result["uri"]["redirect_uri"].startswith(HTTPS + "#")
    assert fragment(made) == {
        "access_token": made.result["access_token"],
        "token_type": "bearer",
        "expires_in": "3600",
        "scope": "read",
        "state": STATE,
    }


async def test_gives_no_uri_to_a_grant_type(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)

    made = await asked(world, service, client, grant_type="implicit")

    assert (made.result["return_type"], made.result["uri"]) == ("json", None)
    assert made.result["state"] == STATE


@pytest.mark.keeps("D16-47")
@pytest.mark.parametrize(
    "selector", [{"response_type": "token"}, {"grant_type": "implicit"}], ids=["token", "implicit"]
)
async def test_never_gives_a_refresh_token(world: World, selector: dict[str, str]) -> None:
    service = await world.add_service("draft16")
    client = await world.add_application(service)

    made = await asked(world, service, client, **selector)

    assert "refresh_token" not in made.result


async def test_belongs_to_the_user_and_the_flow(world: World) -> None:
    service = await world.add_service("draft10")
    client = await world.add_application(service)

    token = (await asked(world, service, client, response_type="token")).result["access_token"]

    assert (await world.fetch(service, token)).result["grant_type"] == "implicit"
    assert await listed(world, service) == [token]


async def test_leaves_out_of_the_fragment_what_there_is_not(one_world: World) -> None:
    service = await one_world.add_service("rfc6749", access_ttl=None)
    client = await one_world.add_application(service)

    made = await one_world.token(service, client, {"response_type": "token"})

    assert set(fragment(made)) == {"access_token", "token_type"}
    assert "expires_in" not in made.result


async def test_puts_the_key_of_a_mac_token_into_the_fragment(one_world: World) -> None:
    service = await one_world.add_service("draft16", token_type="mac")
    client = await one_world.add_application(service)

    made = await asked(one_world, service, client, response_type="token")

    found = fragment(made)
    assert found["token_type"] == "mac"
    assert {name: found[name] for name in ("mac_key", "mac_algorithm")} == made.result["extended"]


async def test_needs_no_secret_but_checks_one_that_is_sent(one_world: World) -> None:
    service = await one_world.add_service("rfc6749")
    client = await one_world.add_application(service)
    wrong = {"client_id": client.client_id, "client_secret": "wrong"}

    without = await asked(one_world, service, client, response_type="token")
    refused = await one_world.token(service, client, {"response_type": "token"}, client=wrong)

    assert without.result["access_token"]
    assert refused.oauth["error"] == "invalid_client"


async def test_redirects_to_the_registered_uri_where_none_is_sent(one_world: World) -> None:
    service = await one_world.add_service("rfc6749")
    client = await one_world.add_application(service)

    made = await one_world.token(service, client, {"response_type": "token"})

    assert made.result["uri"]["redirect_uri"].startswith(HTTPS + "#")
    assert made.result["uri"]["state"] is None
