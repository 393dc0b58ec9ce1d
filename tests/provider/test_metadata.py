"""``/.well-known/oauth-authorization-server``: RFC 8414, true to what is served."""

from __future__ import annotations

import pytest

from tests.world import World

from .scene import ISSUER, PROFILES, Serve, entry

DOCUMENT = "/.well-known/oauth-authorization-server"


@pytest.mark.parametrize("profile", PROFILES)
async def test_every_endpoint_that_it_names_is_there(serve: Serve, one_world: World, profile: str) -> None:
    provider = await serve(entry(await one_world.add_service(profile), rendering=profile))

    document = (await provider.get(DOCUMENT)).json
    named = {name: url for name, url in document.items() if name.endswith("_endpoint")}
    statuses = {name: (await provider.get(url.removeprefix(ISSUER))).status for name, url in named.items()}

    assert document["issuer"] == ISSUER
    assert statuses == {
        "authorization_endpoint": 400,
        "token_endpoint": 405,
        "revocation_endpoint": 405,
        "introspection_endpoint": 405,
    }


@pytest.mark.parametrize(
    ("profile", "responses", "challenges", "issuer", "public"),
    [
        ("draft10", ["code", "token"], ["S256", "plain"], False, False),
        ("draft16", ["code", "token"], ["S256", "plain"], False, False),
        ("rfc6749", ["code", "token"], ["S256", "plain"], False, True),
        ("oauth21", ["code"], ["S256"], True, True),
    ],
)
async def test_says_what_the_text_of_the_service_has(
    serve: Serve,
    one_world: World,
    *,
    profile: str,
    responses: list[str],
    challenges: list[str],
    issuer: bool,
    public: bool,
) -> None:
    provider = await serve(
        entry(await one_world.add_service(profile), rendering=profile), scopes={"read": "See", "add": "Make"}
    )

    document = (await provider.get(DOCUMENT)).json

    assert document["response_types_supported"] == responses
    assert document["code_challenge_methods_supported"] == challenges
    assert document["authorization_response_iss_parameter_supported"] is issuer
    assert ("none" in document["token_endpoint_auth_methods_supported"]) is public
    assert "none" not in document["introspection_endpoint_auth_methods_supported"]
    # Found by Authlib: draft 16 wants the client identifier beside Basic, which is not what this name stands for.
    assert ("client_secret_basic" in document["token_endpoint_auth_methods_supported"]) is (profile != "draft16")
    assert "client_secret_basic" in document["introspection_endpoint_auth_methods_supported"]
    assert document["scopes_supported"] == ["add", "read"]


async def test_promises_for_several_services_what_all_of_them_have(serve: Serve, one_world: World) -> None:
    old, new = await one_world.add_service("draft10"), await one_world.add_service("oauth21")
    provider = await serve(entry(old, rendering="draft10"), entry(new, rendering="oauth21"))

    document = (await provider.get(DOCUMENT)).json

    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["authorization_response_iss_parameter_supported"] is False
    assert {"none", "client_credentials"} <= set(document["grant_types_supported"])


async def test_may_be_read_by_any_page(serve: Serve, one_world: World) -> None:
    provider = await serve(entry(await one_world.add_service("draft16")))

    answer = await provider.get(DOCUMENT)

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"].startswith("application/json")
