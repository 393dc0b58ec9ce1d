"""oauth2.fetchApplication: the check before the user is asked, and what the consent page shows."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD
from tests.world import HTTPS, SECRET, World

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_tells_the_application_of_a_client(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service, name="OAuth 2.0 Test App")

    answer = await world.call(
        "fetchApplication", [service.key, {"client_id": client.client_id}, None, "code"], dialect=CLOUD, version="1.0"
    )

    expected = f'{{"id":{client.id},"external_id":null,"name":"OAuth 2.0 Test App","attributes":null}}'
    assert answer.body == f'{{"result":{expected},"error":null,"id":1}}'.encode()


async def test_takes_named_arguments(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service, external_id="crm-7", attributes="gold")

    answer = await one_world.call(
        "fetchApplication",
        {
            "service_key": service.key,
            "client": {"client_id": client.client_id},
            "uri": None,
            "response_type": "code",
        },
    )

    assert answer.result == {"id": client.id, "external_id": "crm-7", "name": client.name, "attributes": "gold"}


@pytest.mark.parametrize(
    "uri", [None, {}, {"redirect_uri": ""}, {"redirect_uri": HTTPS}, {"redirect_uri": HTTPS, "state": "s"}]
)
@pytest.mark.parametrize("response_type", [None, "", "code", "token"])
async def test_uri_and_response_type_are_optional(
    one_world: World, uri: dict[str, str] | None, response_type: str | None
) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.call(
        "fetchApplication", [service.key, {"client_id": client.client_id}, uri, response_type]
    )

    assert answer.result["id"] == client.id


async def test_needs_no_secret_but_checks_one_that_is_sent(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    right, wrong = [
        await one_world.call(
            "fetchApplication", [service.key, {"client_id": client.client_id, "client_secret": secret}]
        )
        for secret in (SECRET, "wrong")
    ]

    assert right.result["id"] == client.id
    assert wrong.oauth["error"] == "invalid_client"


async def test_a_client_without_redirect_uris_is_told_as_well(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service, redirect_uris=())

    answer = await one_world.call("fetchApplication", [service.key, {"client_id": client.client_id}, None, "code"])

    assert answer.result["id"] == client.id


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"uri": {"redirect_uri": "https://elsewhere.example.com/"}}, "Redirect URI mismatch"),
        ({"uri": {"redirect_uri": "/cb"}}, "Invalid redirect URI"),
        ({"uri": {"state": "\n"}}, "Invalid state"),
        ({"response_type": "code_and_token"}, "Unsupported response type"),
        ({"scope": "write"}, "Invalid scope"),
        ({"code_challenge": "short"}, "Code challenge is invalid"),
        ({"code_challenge_method": "S256"}, "Code challenge is invalid"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S512"}, "Code challenge is invalid"),
    ],
)
async def test_what_is_given_is_checked_as_for_a_code(one_world: World, wrong: dict[str, Any], message: str) -> None:
    service = await one_world.add_service(scopes=("read",))
    client = await one_world.add_application(service)
    named = {"service_key": service.key, "client": {"client_id": client.client_id}, **wrong}

    fetched = await one_world.call("fetchApplication", named)
    created = await one_world.call("createAuthorizationCode", named)

    assert fetched.error["message"] == message
    assert fetched.error == created.error


async def test_scope_and_challenge_may_stand_fifth_to_seventh(one_world: World) -> None:
    service = await one_world.add_service(scopes=("read",))
    client = await one_world.add_application(service)
    head = [service.key, {"client_id": client.client_id}, None, None]

    good = await one_world.call("fetchApplication", [*head, "read", CHALLENGE, "S256"])
    bad = await one_world.call("fetchApplication", [*head, "read", CHALLENGE, "S512"])

    assert good.result["id"] == client.id
    assert bad.error["message"] == "Code challenge is invalid"


async def test_more_is_told_only_where_it_is_asked_for(one_world: World) -> None:
    service = await one_world.add_service("rfc6749", scopes=("read", "write"))
    client = await one_world.add_application(service, secret=None, type="public")
    named = {"service_key": service.key, "client": {"client_id": client.client_id}}

    plain = await one_world.call("fetchApplication", named)
    more = await one_world.call("fetchApplication", named | {"include": ["pkce", "scopes", "uri", "type", "profile"]})
    one = await one_world.call("fetchApplication", named | {"include": ["type"]})
    none = await one_world.call("fetchApplication", named | {"include": []})

    extras = {"uri": {"redirect_uri": HTTPS}, "type": "public", "profile": "rfc6749", "scopes": ["read", "write"]}
    extras["pkce"] = "required"
    assert more.result == plain.result | extras
    assert one.result == plain.result | {"type": "public"}
    assert none.result == plain.result


@pytest.mark.parametrize(
    ("profile", "policy", "type_", "told"),
    [
        ("draft16", "optional", "confidential", "optional"),
        ("draft16", "required", "confidential", "required"),
        ("rfc6749", "optional", "confidential", "optional"),
        ("rfc6749", "optional", "public", "required"),
        ("rfc6749", "required", "confidential", "required"),
        ("oauth21", "optional", "confidential", "required"),
    ],
)
async def test_tells_whether_a_code_is_to_be_had_without_a_challenge(
    one_world: World, profile: str, policy: str, type_: str, told: str
) -> None:
    """A provider could not know it, and asked the user for a login and a consent that led nowhere."""
    service = await one_world.add_service(profile, pkce=policy)
    client = await one_world.add_application(service, type=type_)
    named = {"service_key": service.key, "client": {"client_id": client.client_id}, "uri": {"redirect_uri": HTTPS}}

    answer = await one_world.call("fetchApplication", named | {"include": ["pkce"]})
    code = await one_world.call("createAuthorizationCode", named)

    assert answer.result["pkce"] == told
    assert (code.json.get("error", {}).get("message") == "Code challenge is required") is (told == "required")


async def test_included_members_are_null_where_there_is_nothing(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service, redirect_uris=(HTTPS, f"{HTTPS}/2"))
    named = {"service_key": service.key, "client": {"client_id": client.client_id}, "include": ["uri", "scopes"]}

    answer = await one_world.call("fetchApplication", named)

    assert (answer.result["uri"], answer.result["scopes"]) == (None, None)


@pytest.mark.parametrize("include", [["type"] * 17, [1] * 17, dict.fromkeys(map(str, range(17)))])
async def test_a_long_include_is_refused_before_it_is_read(one_world: World, include: Any) -> None:
    """Found by a test: 300,000 entries took three seconds."""
    service = await one_world.add_service()
    named = {"service_key": service.key, "include": include}

    answer = await one_world.call("fetchApplication", named)

    assert answer.error["message"] == "Invalid params: include has more than 16 entries"


async def test_sixteen_members_may_be_included(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    named = {"service_key": service.key, "client": {"client_id": client.client_id}, "include": ["type"] * 16}

    answer = await one_world.call("fetchApplication", named)

    assert answer.result["type"] == "confidential"
