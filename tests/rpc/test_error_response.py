"""What a provider may send on to its client when something fails, and when it may send nothing."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD, LOCAL_V2, LOCAL_V3, Dialect
from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.models import Application, Service
from tests.world import HTTPS, SECRET, World

AT_AUTHORIZATION: list[tuple[str, dict[str, Any]]] = [
    ("fetchApplication", {"response_type": "code"}),
    ("createAuthorizationCode", {}),
    ("createAccessToken", {"token_data": {"response_type": "token"}}),
    ("createAccessToken", {"token_data": {"grant_type": "implicit"}}),
]
authorization_step = pytest.mark.parametrize(
    ("method", "asked"), AT_AUTHORIZATION, ids=["fetch", "code", "token", "implicit"]
)


def params(service: Service, client: Application, **more: Any) -> dict[str, Any]:
    """Named arguments of a client at a service."""
    return {"service_key": service.key, "client": {"client_id": client.client_id}, **more}


def with_scope(asked: dict[str, Any], scope: str) -> dict[str, Any]:
    """The same, with a scope where the method takes it."""
    if "token_data" in asked:
        return {**asked, "token_data": {**asked["token_data"], "scope": scope}}
    return {**asked, "scope": scope}


@authorization_step
@pytest.mark.parametrize(
    "wrong",
    [
        {"service_key": "none"},
        {"client": {}},
        {"client": {"client_id": "nobody"}},
        {"client": {"client_secret": "wrong"}},
        {"uri": {"redirect_uri": "https://elsewhere.example.com/cb"}},
        {"uri": {"redirect_uri": f"{HTTPS}#fragment"}},
    ],
    ids=["service", "no client", "client", "secret", "redirect", "fragment"],
)
async def test_nothing_is_sent_on_until_client_and_redirect_uri_are_verified(
    one_world: World, method: str, asked: dict[str, Any], wrong: dict[str, Any]
) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    good = params(service, client, uri={"redirect_uri": HTTPS, "state": "s"})
    bad_client = {**good["client"], **wrong["client"]} if wrong.get("client") else wrong.get("client", good["client"])

    answer = await one_world.call(method, with_scope({**good, **wrong, "client": bad_client, **asked}, '"'))

    assert answer.oauth["error_response"] is None


@authorization_step
async def test_nothing_is_sent_to_a_redirect_uri_that_nobody_registered(
    one_world: World, method: str, asked: dict[str, Any]
) -> None:
    service = await one_world.add_service(redirect_match="any")
    client = await one_world.add_application(service)
    elsewhere = {"redirect_uri": "https://elsewhere.example.com/cb"}

    answer = await one_world.call(method, with_scope(params(service, client, uri=elsewhere, **asked), '"'))

    assert answer.oauth["error"] == "invalid_scope"
    assert answer.oauth["error_response"] is None


@authorization_step
@pytest.mark.parametrize("sent", [{"redirect_uri": HTTPS}, None], ids=["sent", "registered"])
async def test_an_error_goes_to_a_verified_redirect_uri(
    one_world: World, method: str, asked: dict[str, Any], sent: dict[str, str] | None
) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    uri = {"state": "a b"} | (sent or {})

    answer = await one_world.call(method, with_scope(params(service, client, uri=uri, **asked), '"'))

    joint = "#" if "token_data" in asked else "?"
    location = f"{HTTPS}{joint}error=invalid_scope&error_description=Invalid+scope&state=a+b"
    assert answer.oauth["error_response"] == {
        "response": {"error": "invalid_scope", "error_description": "Invalid scope", "state": "a b"},
        "status": 302,
        "headers": {"Location": location},
        "uri": {"redirect_uri": location, "state": "a b"},
    }


async def test_a_response_without_state_has_none(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.call("createAuthorizationCode", params(service, client, scope='"'))

    found = answer.oauth["error_response"]
    assert found["response"] == {"error": "invalid_scope", "error_description": "Invalid scope"}
    assert found["uri"] == {"redirect_uri": found["headers"]["Location"], "state": None}


@pytest.mark.parametrize(
    ("start", "status", "headers"),
    [
        ("draft10", 400, {}),
        ("draft16", 401, {"WWW-Authenticate": 'Basic realm="Test Site"'}),
        ("rfc6749", 401, {"Pragma": "no-cache", "WWW-Authenticate": 'Basic realm="Test Site"'}),
        ("oauth21", 401, {"WWW-Authenticate": 'Basic realm="Test Site"'}),
    ],
)
async def test_the_token_step_has_a_body_to_send_on(
    one_world: World, start: str, status: int, headers: dict[str, str]
) -> None:
    service = await one_world.add_service(start)
    client = await one_world.add_application(service)

    answer = await one_world.call(
        "createAccessToken", params(service, client, token_data={"grant_type": "authorization_code"})
    )

    assert answer.oauth["error_response"] == {
        "response": {"error": "invalid_client", "error_description": "Invalid client credentials"},
        "status": status,
        "headers": {"Content-Type": "application/json", "Cache-Control": "no-store"} | headers,
        "uri": None,
    }


async def test_an_unknown_service_is_the_providers_own_fault_at_the_token_step_too(one_world: World) -> None:
    answer = await one_world.call("createAccessToken", ["none", None, {"grant_type": "password"}])

    assert answer.oauth == {
        "error": "invalid_request",
        "error_description": "Unknown service key",
        "error_response": None,
    }


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("fetchAccessToken", ["token"]),
        ("revokeAccessToken", [{"client_id": "nobody"}, "token"]),
        ("revokeAccessToken", [{}, "token"]),
        ("revokeUserApplication", [{"client_id": "nobody"}, "anna"]),
        ("updateAccessToken", [{"client_id": "nobody"}, "token"]),
        ("updateAccessToken", [{"client_id": "CLIENT"}, "token"]),
        ("updateAccessToken", [{"client_id": "CLIENT"}, "TOKEN", '"']),
        ("updateAccessToken", [{"client_id": "CLIENT", "client_secret": "wrong"}, "TOKEN"]),
    ],
)
async def test_nothing_is_ever_sent_on_by_the_methods_that_create_nothing(
    one_world: World, method: str, arguments: list[Any]
) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    made = await one_world.token(service, client, {"grant_type": "client_credentials"})
    words = {"CLIENT": client.client_id, "TOKEN": made.result["access_token"]}
    filled = [
        {name: words.get(value, value) for name, value in each.items()} if type(each) is dict else words.get(each, each)
        for each in arguments
    ]

    answer = await one_world.call(method, [service.key, *filled])

    assert answer.error["code"] == -2001
    assert answer.oauth["error_response"] is None


@pytest.mark.parametrize("dialect", [CLOUD, LOCAL_V2, LOCAL_V3], ids=lambda dialect: dialect.name)
async def test_an_outage_at_a_token_request_can_be_sent_on(
    one_world: World, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable

    service = await one_world.add_service()
    client = await one_world.add_application(service)
    monkeypatch.setattr(one_world.store.tokens, "issue", fail)
    credentials = {"client_id": client.client_id, "client_secret": SECRET}

    answer = await one_world.call(
        "createAccessToken", [service.key, credentials, {"grant_type": "password"}], dialect=dialect
    )

    found = answer.oauth["error_response"]
    assert (answer.status, answer.error["code"], answer.oauth["error"]) == (503, -32603, "503")
    assert (found["status"], found["headers"]["Retry-After"]) == (503, "1")
    assert found["response"] == {"error": "503", "error_description": "Service temporarily unavailable"}
