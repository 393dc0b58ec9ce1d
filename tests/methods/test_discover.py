"""rpc.discover: the service describes itself in OpenRPC."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.dialects import DIALECTS, Dialect
from mashery_oauth.methods import METHODS
from tests.world import World


async def described(world: World) -> dict[str, Any]:
    """The methods by name."""
    document = (await world.call("rpc.discover")).result
    return {method["name"]: method for method in document["methods"]}


async def test_describes_every_method_and_no_other(one_world: World) -> None:
    found = await described(one_world)

    assert set(found) == set(METHODS)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_says_which_version_of_openrpc_it_is(one_world: World, dialect: Dialect) -> None:
    answer = await one_world.call("rpc.discover", dialect=dialect)

    assert answer.result["openrpc"] == "1.3.2"
    assert answer.result["info"]["title"] == "mashery_oauth"
    assert answer.result["info"]["version"]


async def test_names_the_arguments_in_positional_order(one_world: World) -> None:
    found = await described(one_world)

    names = {name: [param["name"] for param in method["params"]] for name, method in found.items()}
    assert names["oauth2.fetchApplication"][:4] == ["service_key", "client", "uri", "response_type"]
    assert names["oauth2.createAuthorizationCode"] == [
        "service_key", "client", "uri", "scope", "user_context", "response_type", "code_challenge",
        "code_challenge_method",
    ]  # fmt: skip
    assert names["oauth2.createAccessToken"] == ["service_key", "client", "token_data", "uri", "user_context"]
    assert names["oauth2.fetchAccessToken"] == ["service_key", "access_token"]
    assert names["oauth2.fetchUserApplications"] == ["service_key", "user_context", "token_status"]
    assert names["oauth2.revokeAccessToken"] == ["service_key", "client", "access_token"]
    assert names["oauth2.revokeUserApplication"] == ["service_key", "client", "user_context"]


async def test_says_what_is_required_and_of_which_type(one_world: World) -> None:
    found = await described(one_world)

    params = {param["name"]: param for param in found["oauth2.fetchAccessToken"]["params"]}
    client = found["oauth2.createAccessToken"]["params"][1]
    assert params["service_key"]["required"] is params["access_token"]["required"] is True
    assert params["service_key"]["schema"] == {"type": "string", "maxLength": 4096}
    assert params["access_token"]["schema"]["type"] == ["string", "array"]
    assert client["schema"] == {
        "type": "object",
        "properties": {"client_id": {"type": "string"}, "client_secret": {"type": "string"}},
    }


async def test_every_method_has_a_sentence_and_takes_both_forms(one_world: World) -> None:
    found = await described(one_world)

    assert all(method["summary"].endswith(".") for method in found.values())
    assert {method["paramStructure"] for method in found.values()} == {"either"}


async def test_lists_the_errors_that_there_are(one_world: World) -> None:
    found = await described(one_world)

    codes = {error["code"] for error in found["oauth2.createAccessToken"]["errors"]}
    assert {-2001, -32602, -32603} <= codes


@pytest.mark.parametrize("params", [[], {}, ["anything"], {"self": 1}])
async def test_passes_arguments_over(one_world: World, params: Any) -> None:
    answer = await one_world.call("rpc.discover", params)

    assert answer.result["methods"]
