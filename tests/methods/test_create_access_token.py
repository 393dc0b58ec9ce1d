"""oauth2.createAccessToken: the shape of its answers; the flows themselves are in tests/flows."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from mashery_oauth.dialects import CLOUD
from tests.world import HTTPS, SECRET, World


async def test_takes_positional_arguments(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    token_data = {"grant_type": "password", "scope": "read", "code": None, "response_type": None, "refresh_token": None}
    credentials = {"client_id": client.client_id, "client_secret": SECRET}

    answer = await world.call("createAccessToken", [service.key, credentials, token_data, {}, "anna"])

    assert (answer.result["scope"], answer.result["user_context"]) == ("read", "anna")


async def test_takes_three_named_arguments(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)

    answer = await world.token(service, client, {"grant_type": "client_credentials"})

    assert answer.result["return_type"] == "json"


async def test_tells_no_more_than_it_should_on_cloud(one_world: World) -> None:
    service = await one_world.add_service(access_ttl=86_400)
    client = await one_world.add_application(service)
    credentials = {"client_id": client.client_id, "client_secret": SECRET}
    params = [service.key, credentials, {"grant_type": "password"}, None, "anna"]

    answer = await one_world.call("createAccessToken", params, dialect=CLOUD)

    masked = re.sub(rb'"[a-z0-9]{44,60}"', b'".."', answer.body)
    assert masked == (
        b'{"jsonrpc":"2.0","result":{"return_type":"json","access_token":"..","token_type":"bearer","expires_in":86400,'
        b'"refresh_token":"..","scope":null,"state":null,"uri":null,"extended":null},"id":1}'
    )


async def test_client_credentials_with_a_uri_and_a_user_as_clients_send_them(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.token(
        service,
        client,
        {"grant_type": "client_credentials", "scope": "scope"},
        uri={"redirect_uri": "https://yahoo.com/cb"},
        user_context="testuser",
    )

    assert (answer.result["scope"], answer.result["user_context"], answer.result["uri"]) == ("scope", "testuser", None)


async def test_a_code_with_empty_companions_as_clients_send_it(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    code = await one_world.code(service, client, "anna", scope="read")

    answer = await one_world.redeem(service, client, code, refresh_token=None, scope="")

    assert (answer.result["return_type"], answer.result["scope"], answer.result["uri"]) == ("json", "read", None)


@pytest.mark.parametrize("grant_type", ["authorization_code", "password", "client_credentials", "refresh_token"])
async def test_the_token_step_always_answers_json(one_world: World, grant_type: str) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    first = await one_world.redeem(service, client, await one_world.code(service, client))
    token_data = {"grant_type": grant_type, "refresh_token": first.result["refresh_token"]}

    if grant_type == "authorization_code":
        answer = first
    else:
        answer = await one_world.token(service, client, token_data, uri={"redirect_uri": HTTPS, "state": "s"})

    assert (answer.result["return_type"], answer.result["uri"], answer.result["state"]) == ("json", None, None)
    assert set(answer.result) == {
        "return_type", "access_token", "token_type", "expires_in", "refresh_token", "scope", "state", "uri", "extended",
        "user_context",
    }  # fmt: skip


async def test_grant_type_implicit_leaves_the_redirection_to_the_provider(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.token(
        service, client, {"grant_type": "implicit"}, uri={"redirect_uri": HTTPS, "state": "s"}, user_context="anna"
    )

    assert (answer.result["return_type"], answer.result["uri"], answer.result["state"]) == ("json", None, "s")
    assert "refresh_token" not in answer.result


@pytest.mark.parametrize("grant_type", [None, "implicit"])
async def test_response_type_token_comes_with_the_populated_uri(one_world: World, grant_type: str | None) -> None:
    service = await one_world.add_service(access_ttl=60)
    client = await one_world.add_application(service)

    answer = await one_world.token(
        service,
        client,
        {"grant_type": grant_type, "response_type": "token", "scope": "a b"},
        uri={"redirect_uri": HTTPS, "state": "x&y"},
    )

    populated = urlsplit(answer.result["uri"]["redirect_uri"])
    assert answer.result["return_type"] == "redirect"
    assert answer.result["uri"]["state"] == answer.result["state"] == "x&y"
    assert populated._replace(fragment="").geturl() == HTTPS
    assert parse_qs(populated.fragment) == {
        "access_token": [answer.result["access_token"]],
        "token_type": ["bearer"],
        "expires_in": ["60"],
        "scope": ["a b"],
        "state": ["x&y"],
    }


async def test_the_key_of_a_mac_token_is_in_extended_and_in_the_fragment(world: World) -> None:
    service = await world.add_service("draft16", token_type="mac", mac_algorithm="hmac-sha-1")
    client = await world.add_application(service)

    plain = await world.token(service, client, {"grant_type": "client_credentials"})
    redirected = await world.token(service, client, {"response_type": "token"})

    extended = redirected.result["extended"]
    fragment = parse_qs(urlsplit(redirected.result["uri"]["redirect_uri"]).fragment)
    assert plain.result["token_type"] == redirected.result["token_type"] == "mac"
    assert set(plain.result["extended"]) == {"mac_key", "mac_algorithm"}
    assert extended["mac_algorithm"] == "hmac-sha-1"
    assert (fragment["mac_key"], fragment["mac_algorithm"]) == ([extended["mac_key"]], ["hmac-sha-1"])


async def test_a_lifetime_that_is_off_is_not_told(world: World) -> None:
    service = await world.add_service(access_ttl=None)
    client = await world.add_application(service)

    made = await world.token(service, client, {"grant_type": "client_credentials"})
    fetched = await world.fetch(service, made.result["access_token"])

    assert "expires_in" not in made.result
    assert fetched.result["expires"] is None


SELECTORS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "invalid_request", "Grant type or response type is required"),
    ({"response_type": "code"}, "invalid_request", "Grant type or response type is required"),
    ({"response_type": "code_and_token"}, "unsupported_response_type", "Unsupported response type"),
    ({"response_type": "Token"}, "unsupported_response_type", "Unsupported response type"),
    ({"grant_type": "implicit", "response_type": "code"}, "invalid_request", "Grant type and response type disagree"),
    ({"grant_type": "password", "response_type": "token"}, "invalid_request", "Grant type and response type disagree"),
    (
        {"grant_type": "authorization_code", "response_type": "token"},
        "invalid_request",
        "Grant type and response type disagree",
    ),
    ({"grant_type": "soup", "response_type": "token"}, "invalid_request", "Grant type and response type disagree"),
    ({"grant_type": "soup"}, "unsupported_grant_type", "Unsupported grant type"),
    ({"grant_type": "Password"}, "unsupported_grant_type", "Unsupported grant type"),
    ({"grant_type": "none"}, "unsupported_grant_type", "Unsupported grant type"),
    ({"grant_type": "assertion"}, "unsupported_grant_type", "Unsupported grant type"),
]


@pytest.mark.parametrize(("token_data", "error", "message"), SELECTORS)
async def test_selectors_that_select_nothing(
    one_world: World, token_data: dict[str, Any], error: str, message: str
) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.token(service, client, token_data)

    assert (answer.oauth["error"], answer.error["message"]) == (error, message)


async def test_authorization_code_and_code_agree(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.redeem(service, client, await one_world.code(service, client), response_type="code")

    assert answer.result["access_token"]
