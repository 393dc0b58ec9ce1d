"""Who is at fault: what the provider itself must get right is -32602, what it only passes on is -2001."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.dialects import Dialect
from tests.world import HTTPS, SECRET, World

LONG = "x" * 4097
STRINGS = {
    "oauth2.fetchApplication": (
        "service_key client.client_id client.client_secret uri.redirect_uri uri.state response_type scope "
        "code_challenge code_challenge_method"
    ),
    "oauth2.createAuthorizationCode": (
        "service_key client.client_id client.client_secret uri.redirect_uri uri.state scope user_context response_type "
        "code_challenge code_challenge_method"
    ),
    "oauth2.createAccessToken": (
        "service_key client.client_id client.client_secret token_data.grant_type token_data.scope token_data.code "
        "token_data.response_type token_data.refresh_token token_data.access_token token_data.code_verifier "
        "uri.redirect_uri uri.state user_context"
    ),
    "oauth2.fetchAccessToken": "service_key",
    "oauth2.fetchUserApplications": "service_key user_context token_status",
    "oauth2.revokeAccessToken": "service_key client.client_id client.client_secret access_token",
    "oauth2.revokeUserApplication": "service_key client.client_id client.client_secret user_context",
    "oauth2.updateAccessToken": (
        "service_key client.client_id client.client_secret client_id client_secret access_token scope user_context"
    ),
}
OBJECTS = {
    "oauth2.fetchApplication": "client uri",
    "oauth2.createAuthorizationCode": "client uri",
    "oauth2.createAccessToken": "client token_data uri",
    "oauth2.revokeAccessToken": "client",
    "oauth2.revokeUserApplication": "client",
    "oauth2.updateAccessToken": "client",
}
REQUIRED = {
    "oauth2.fetchApplication": "service_key",
    "oauth2.createAuthorizationCode": "service_key",
    "oauth2.createAccessToken": "service_key",
    "oauth2.fetchAccessToken": "service_key access_token",
    "oauth2.fetchUserApplications": "service_key user_context",
    "oauth2.revokeAccessToken": "service_key access_token",
    "oauth2.revokeUserApplication": "service_key user_context",
    "oauth2.updateAccessToken": "service_key access_token",
}


def pairs(table: dict[str, str]) -> list[tuple[str, str]]:
    """Every method with every one of its fields."""
    return [(method, field) for method, fields in table.items() for field in fields.split()]


def having(method: str, field: str, value: Any) -> dict[str, Any]:
    """Arguments that are right but for one field."""
    params: dict[str, Any] = dict.fromkeys(REQUIRED[method].split(), "word")
    outer, _, inner = field.rpartition(".")
    if outer:
        params[outer] = {inner: value}
    else:
        params[field] = value
    return params


def invalid(field: str, problem: str) -> dict[str, Any]:
    """The error that names one field."""
    data = [{"field": field, "message": problem}]
    return {"message": f"Invalid params: {field} {problem}", "code": -32602, "data": data}


@pytest.mark.parametrize("wrong", [5, True, [], {}, ["x"]], ids=repr)
@pytest.mark.parametrize(("method", "field"), pairs(STRINGS))
async def test_a_string_of_another_type_is_named(one_world: World, method: str, field: str, wrong: Any) -> None:
    answer = await one_world.call(method, having(method, field, wrong))

    assert answer.error == invalid(field, "must be a string")


@pytest.mark.parametrize("wrong", ["x", 5, True, ["x"]], ids=repr)
@pytest.mark.parametrize(("method", "field"), pairs(OBJECTS))
async def test_an_object_of_another_type_is_named(one_world: World, method: str, field: str, wrong: Any) -> None:
    answer = await one_world.call(method, having(method, field, wrong))

    assert answer.error == invalid(field, "must be an object")


@pytest.mark.parametrize("missing", [None, ""], ids=repr)
@pytest.mark.parametrize(("method", "field"), pairs(REQUIRED))
async def test_what_is_required_and_missing_is_named(
    one_world: World, method: str, field: str, missing: str | None
) -> None:
    answer = await one_world.call(method, having(method, field, missing))

    assert answer.error == invalid(field, "is required")


@pytest.mark.parametrize("method", REQUIRED)
async def test_all_that_is_missing_is_listed(one_world: World, method: str, dialect: Dialect) -> None:
    answer = await one_world.call(method, {}, dialect=dialect)

    fields = REQUIRED[method].split()
    assert answer.error["message"] == "Invalid params: service_key is required"
    assert answer.error["data"] == [{"field": field, "message": "is required"} for field in fields]


OWN_LIMITS = [
    *((method, "service_key", 4096) for method in REQUIRED),
    *((method, "user_context", 255) for method, fields in STRINGS.items() if "user_context" in fields),
    *((method, "access_token", 4096) for method, fields in REQUIRED.items() if "access_token" in fields),
]


@pytest.mark.parametrize(("method", "field", "longest"), OWN_LIMITS)
async def test_a_string_of_ones_own_that_is_too_long_is_named(
    one_world: World, method: str, field: str, longest: int
) -> None:
    longest_of_all = await one_world.call(method, having(method, field, "é" * longest))
    too_long = await one_world.call(method, having(method, field, "é" * (longest + 1)))

    assert longest_of_all.error["code"] == -2001
    assert too_long.error == invalid(field, f"is longer than {longest} characters")


@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        (5, "access_token", "must be a string or a list of strings"),
        ({}, "access_token", "must be a string or a list of strings"),
        (["a", 5], "access_token[1]", "must be a string of at most 4096 characters"),
        (["a", None], "access_token[1]", "must be a string of at most 4096 characters"),
        ([LONG], "access_token[0]", "must be a string of at most 4096 characters"),
        (["a"] * 1001, "access_token", "has more than 1000 entries"),
    ],
    ids=["number", "object", "number within", "null within", "long within", "many"],
)
async def test_a_list_of_tokens_that_is_wrong_is_named(one_world: World, wrong: Any, field: str, problem: str) -> None:
    answer = await one_world.call("fetchAccessToken", ["key", wrong])

    assert answer.error == invalid(field, problem)


@pytest.mark.parametrize("wrong", ["60", 1.5, 60.0, 1.8e19, True, [60]], ids=repr)
async def test_a_lifetime_that_is_no_integer_is_named(one_world: World, wrong: Any) -> None:
    answer = await one_world.call("updateAccessToken", having("oauth2.updateAccessToken", "expires_in", wrong))

    assert answer.error == invalid("expires_in", "must be an integer")


@pytest.mark.parametrize("wrong", [0, -1, 3601, 2**63])
async def test_a_lifetime_outside_the_rail_is_named(one_world: World, wrong: int, dialect: Dialect) -> None:
    service = await one_world.add_service(access_ttl_max=3600)
    client = await one_world.add_application(service)
    made = await one_world.token(service, client, {"grant_type": "client_credentials"})
    credentials = {"client_id": client.client_id, "client_secret": SECRET}
    params = [service.key, credentials, made.result["access_token"], None, wrong]

    answer = await one_world.call("updateAccessToken", params, dialect=dialect)

    assert answer.error == invalid("expires_in", "must be from 1 to 3600")


@pytest.mark.parametrize("wrong", ["dead", "ACTIVE", " all"])
async def test_a_token_status_that_is_none_is_named(one_world: World, wrong: str) -> None:
    answer = await one_world.call("fetchUserApplications", ["key", "anna", wrong])

    assert answer.error == invalid("token_status", "is none of active, inactive, all")


@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        ("uri", "include", "must be a list"),
        (["uri", 5], "include[1]", "must be a string"),
        (["secret"], "include[0]", "is none of uri, type, profile, scopes, pkce"),
    ],
)
async def test_what_cannot_be_included_is_named(one_world: World, wrong: Any, field: str, problem: str) -> None:
    answer = await one_world.call("fetchApplication", having("oauth2.fetchApplication", "include", wrong))

    assert answer.error == invalid(field, problem)


PASSED_ON = {
    "oauth2.fetchApplication": STRINGS["oauth2.fetchApplication"],
    "oauth2.createAuthorizationCode": STRINGS["oauth2.createAuthorizationCode"],
    "oauth2.createAccessToken": STRINGS["oauth2.createAccessToken"],
    "oauth2.revokeAccessToken": "client.client_id client.client_secret",
    "oauth2.revokeUserApplication": "client.client_id client.client_secret",
    "oauth2.updateAccessToken": "client.client_id client.client_secret scope",
}
OWN = {"service_key", "user_context", "token_data.access_token"}  # the last is used by nothing
GRANTS = {
    "token_data.code": "authorization_code",
    "token_data.code_verifier": "authorization_code",
    "token_data.refresh_token": "refresh_token",
    "uri.redirect_uri": "implicit",
    "uri.state": "implicit",
}


@pytest.mark.parametrize("wrong", [LONG, "\n", "a\x00b"], ids=["long", "line end", "nul"])
@pytest.mark.parametrize(("method", "field"), [pair for pair in pairs(PASSED_ON) if pair[1] not in OWN])
async def test_a_string_passed_on_that_is_ill_formed_is_an_oauth_error(
    one_world: World, method: str, field: str, wrong: str
) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    made = await one_world.token(service, client, {"grant_type": "client_credentials"})
    params: dict[str, Any] = {
        "service_key": service.key,
        "client": {"client_id": client.client_id, "client_secret": SECRET},
        "uri": {"redirect_uri": HTTPS},
        "token_data": {"grant_type": GRANTS.get(field, "password"), "code": "some"},
        "access_token": made.result["access_token"],
        "user_context": "anna",
    }
    outer, _, inner = field.rpartition(".")
    (params[outer] if outer else params)[inner] = wrong

    answer = await one_world.call(method, params)

    assert answer.error["code"] == -2001
    assert answer.error["message"] == answer.oauth["error_description"]
    assert set(answer.oauth) == {"error", "error_description", "error_response"}
