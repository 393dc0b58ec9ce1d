"""Arguments by position and by name: what counts as omitted, what is too many, what is passed over."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.models import Application, Service
from tests.world import HTTPS, SECRET, World


async def made(world: World) -> tuple[Service, Application]:
    """A service with every flow, and a client of it."""
    service = await world.add_service()
    return service, await world.add_application(service)


@pytest.mark.parametrize("omitted", [None, ""])
async def test_null_and_the_empty_string_mean_omitted(one_world: World, omitted: str | None) -> None:
    service, client = await made(one_world)

    answer = await one_world.token(
        service,
        client,
        {
            "grant_type": "client_credentials",
            "code": omitted,
            "response_type": omitted,
            "refresh_token": omitted,
            "scope": omitted,
        },
        uri={"redirect_uri": omitted, "state": omitted},
        user_context=omitted,
    )

    assert answer.result["scope"] is None
    assert answer.result["user_context"] is None


@pytest.mark.parametrize("omitted", [None, "", [], {}])
async def test_an_empty_list_means_omitted_for_an_object(one_world: World, omitted: Any) -> None:
    service, client = await made(one_world)

    answer = await one_world.token(service, client, {"grant_type": "client_credentials"}, uri=omitted)

    assert answer.result["return_type"] == "json"


@pytest.mark.parametrize("omitted", [None, "", [], {}])
async def test_a_client_that_is_omitted_has_no_identifier(one_world: World, omitted: Any) -> None:
    service, _ = await made(one_world)

    answer = await one_world.call("fetchApplication", [service.key, omitted])

    assert (answer.error["code"], answer.error["message"]) == (-2001, "Client identifier is required")


async def test_an_empty_secret_is_no_secret(one_world: World) -> None:
    service, client = await made(one_world)

    answer = await one_world.call(
        "fetchApplication", [service.key, {"client_id": client.client_id, "client_secret": ""}]
    )

    assert answer.result["id"] == client.id


@pytest.mark.parametrize("field", ["scope", "user_context", "response_type"])
async def test_an_empty_list_is_no_string(one_world: World, field: str) -> None:
    service, client = await made(one_world)
    named = {"service_key": service.key, "client": {"client_id": client.client_id}, "uri": {"redirect_uri": HTTPS}}

    answer = await one_world.call("createAuthorizationCode", named | {field: []})

    assert answer.error["data"] == [{"field": field, "message": "must be a string"}]


MOST = {
    "oauth2.fetchApplication": 7,
    "oauth2.createAuthorizationCode": 8,
    "oauth2.createAccessToken": 5,
    "oauth2.fetchAccessToken": 2,
    "oauth2.fetchUserApplications": 3,
    "oauth2.revokeAccessToken": 3,
    "oauth2.revokeUserApplication": 3,
    "oauth2.updateAccessToken": 6,
}
FIRST: dict[str, list[Any]] = {
    "oauth2.fetchApplication": [{"client_id": "CLIENT"}],
    "oauth2.createAuthorizationCode": [{"client_id": "CLIENT"}, {"redirect_uri": HTTPS}],
    "oauth2.createAccessToken": [
        {"client_id": "CLIENT", "client_secret": SECRET},
        {"grant_type": "client_credentials"},
    ],
    "oauth2.fetchAccessToken": [["token"]],
    "oauth2.fetchUserApplications": ["anna"],
    "oauth2.revokeAccessToken": [{"client_id": "CLIENT"}, "token"],
    "oauth2.revokeUserApplication": [{"client_id": "CLIENT"}, "anna"],
}


def first(method: str, service: Service, client: Application) -> list[Any]:
    """The arguments that a method needs, by position."""
    head = [service.key]
    for value in FIRST[method]:
        names = isinstance(value, dict) and "client_id" in value
        head.append(value | {"client_id": client.client_id} if names else value)
    return head


@pytest.mark.parametrize("method", FIRST)
async def test_trailing_arguments_may_be_left_out(one_world: World, method: str) -> None:
    params = first(method, *await made(one_world))

    answer = await one_world.call(method, params)

    assert "result" in answer.json


@pytest.mark.parametrize("method", FIRST)
async def test_trailing_nulls_are_fine_however_many(one_world: World, method: str) -> None:
    params = first(method, *await made(one_world))

    answer = await one_world.call(method, params + [None] * 20)

    assert "result" in answer.json


@pytest.mark.parametrize("method", MOST)
async def test_a_value_past_the_last_position_is_refused(one_world: World, method: str) -> None:
    nulls = [None] * MOST[method]

    answer = await one_world.call(method, [*nulls, "more"])

    assert answer.error["code"] == -32602
    assert answer.error["message"] == f"Invalid params: params has more than {MOST[method]} entries"
    assert answer.error["data"] == [{"field": "params", "message": f"has more than {MOST[method]} entries"}]


async def test_a_value_past_the_seven_flat_ones_of_update_is_refused(one_world: World) -> None:
    answer = await one_world.call("updateAccessToken", ["key", "client", None, None, None, None, None, "more"])

    assert answer.error["data"] == [{"field": "params", "message": "has more than 7 entries"}]


async def test_unknown_members_are_passed_over(one_world: World) -> None:
    service, client = await made(one_world)

    answer = await one_world.call(
        "createAccessToken",
        {
            "service_key": service.key,
            "client": {"client_id": client.client_id, "client_secret": SECRET, "colour": {"red": 1}},
            "token_data": {"grant_type": "client_credentials", "reponse_type": 5},
            "uri": {"x": None},
            "calling": "x",
            "self": "x",
            "": "x",
        },
    )

    assert answer.result["access_token"]


@pytest.mark.parametrize(
    "unused",
    [
        {"uri": {"redirect_uri": "javascript:alert(1)"}},
        {"uri": {"redirect_uri": "https://elsewhere.example.com\\"}},
        {"uri": {"state": "\n"}},
        {"user_context": "anna"},
    ],
)
async def test_what_the_flow_does_not_use_is_passed_over(one_world: World, unused: dict[str, Any]) -> None:
    service, client = await made(one_world)

    answer = await one_world.token(service, client, {"grant_type": "client_credentials"}, **unused)

    assert answer.result["access_token"]


async def test_user_context_and_scope_beside_a_code_are_passed_over(one_world: World) -> None:
    service, client = await made(one_world)
    code = await one_world.code(service, client, "anna", scope="read")

    answer = await one_world.token(
        service,
        client,
        {"grant_type": "authorization_code", "code": code, "scope": "write"},
        uri={"redirect_uri": HTTPS},
        user_context="bertha",
    )

    assert (answer.result["scope"], answer.result["user_context"]) == ("read", "anna")


async def test_a_backslash_in_a_redirect_uri_that_is_used_is_refused(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service, redirect_uris=())
    uri = {"redirect_uri": "https:\\/\\/client.example.com\\/cb"}

    answer = await one_world.call("createAuthorizationCode", [service.key, {"client_id": client.client_id}, uri])

    assert answer.error["message"] == "Invalid redirect URI"


async def test_of_duplicate_keys_the_last_counts_everywhere(one_world: World) -> None:
    service, client = await made(one_world)
    client_object = f'{{"client_id":"nobody","client_id":"{client.client_id}"}}'
    params = f'{{"service_key":"none","service_key":"{service.key}","client":{{}},"client":{client_object}}}'

    answer = await one_world.post(f'{{"method":"oauth2.fetchApplication","params":{params},"id":1}}'.encode())

    assert answer.result["id"] == client.id
