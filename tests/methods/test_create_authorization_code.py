"""oauth2.createAuthorizationCode: a code after consent, and the whole URI to send the user to."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD
from mashery_oauth.pkce import s256
from tests.world import HTTPS, World

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


async def test_takes_positional_arguments(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    uri = {"redirect_uri": HTTPS}

    answer = await world.call(
        "createAuthorizationCode", [service.key, {"client_id": client.client_id}, uri, None, "user ctx", "code"]
    )

    code = answer.result["code"]
    assert answer.result == {"code": code, "uri": {"redirect_uri": f"{HTTPS}?code={code}", "state": None}}


async def test_takes_named_arguments(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    body = (
        f'{{"jsonrpc":"2.0","method":"oauth2.createAuthorizationCode","params":{{"service_key":"{service.key}",'
        f'"client":{{"client_id":"{client.client_id}"}},"uri":{{"redirect_uri":"https:\\/\\/client.example.com\\/cb",'
        '"state":"<state>"},"scope":null,"user_context":"<user ctx>","response_type":"code"},"id":1}'
    )

    answer = await one_world.post(body.encode(), dialect=CLOUD)

    code = answer.result["code"]
    assert (
        answer.body
        == (
            f'{{"jsonrpc":"2.0","result":{{"code":"{code}","uri":{{"redirect_uri":"{HTTPS}?code={code}&state=%3Cstate%3E",'
            '"state":"<state>"}},"id":1}'
        ).encode()
    )


@pytest.mark.parametrize("response_type", [None, "", "code"])
async def test_response_type_is_optional(one_world: World, response_type: str | None) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    code = await one_world.code(service, client, response_type=response_type)

    assert len(code) == 44


@pytest.mark.parametrize("response_type", ["token", "Code", "code token", "code_and_token", "id_token"])
async def test_makes_nothing_but_codes(one_world: World, response_type: str) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.call(
        "createAuthorizationCode", [service.key, {"client_id": client.client_id}, None, None, None, response_type]
    )

    assert answer.error["message"] == "Unsupported response type"
    assert answer.oauth["error"] == "unsupported_response_type"


@pytest.mark.parametrize(
    ("registered", "populated"),
    [
        ("https://client.example.com", "https://client.example.com?code={}&state=s"),
        ("https://client.example.com/?", "https://client.example.com/?code={}&state=s"),
        ("https://client.example.com/?a=b", "https://client.example.com/?a=b&code={}&state=s"),
        ("https://client.example.com/?a=b&", "https://client.example.com/?a=b&code={}&state=s"),
    ],
)
async def test_the_query_of_a_redirect_uri_is_kept(one_world: World, registered: str, populated: str) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service, redirect_uris=(registered,))

    answer = await one_world.call(
        "createAuthorizationCode",
        [service.key, {"client_id": client.client_id}, {"redirect_uri": registered, "state": "s"}],
    )

    assert answer.result["uri"]["redirect_uri"] == populated.format(answer.result["code"])


async def test_the_one_registered_redirect_uri_need_not_be_sent(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.call("createAuthorizationCode", [service.key, {"client_id": client.client_id}])

    assert answer.result["uri"]["redirect_uri"].startswith(f"{HTTPS}?code=")


@pytest.mark.parametrize("registered", [(), (HTTPS, f"{HTTPS}/2")], ids=["none", "several"])
async def test_a_redirect_uri_must_be_sent_where_not_exactly_one_is_registered(
    one_world: World, registered: tuple[str, ...]
) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service, redirect_uris=registered)

    answer = await one_world.call("createAuthorizationCode", [service.key, {"client_id": client.client_id}])

    assert answer.error["message"] == "Redirect URI is required"
    assert answer.oauth == {
        "error": "invalid_request",
        "error_description": "Redirect URI is required",
        "error_response": None,
    }


async def test_scope_and_user_travel_with_the_code(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    code = await world.code(service, client, "anna", scope="read write")

    token = await world.redeem(service, client, code)

    assert (token.result["scope"], token.result["user_context"]) == ("read write", "anna")


@pytest.mark.parametrize("length", [255, 1])
async def test_a_user_context_may_be_long_and_of_any_letters(one_world: World, length: int) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    user = "\U0001f36b" * length

    token = await one_world.redeem(service, client, await one_world.code(service, client, user))

    assert token.result["user_context"] == user


async def test_a_challenge_may_stand_seventh_and_eighth(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    head: list[Any] = [service.key, {"client_id": client.client_id}, {"redirect_uri": HTTPS}, None, "anna", "code"]
    made = await one_world.call("createAuthorizationCode", [*head, s256(VERIFIER), "S256"])

    without = await one_world.redeem(service, client, made.result["code"])
    with_verifier = await one_world.redeem(service, client, made.result["code"], code_verifier=VERIFIER)

    assert without.error["message"] == "Invalid code verifier"
    assert with_verifier.result["access_token"]


async def test_every_code_is_another(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)

    codes = [await world.code(service, client) for _ in range(20)]

    assert len(set(codes)) == 20
