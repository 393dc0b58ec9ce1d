"""The vectors of the protocol, V1 to V10, as they go over the wire."""

from __future__ import annotations

import re

import pytest

from mashery_oauth.dialects import CLOUD, LOCAL_V2, LOCAL_V3, Dialect
from mashery_oauth.rpc.callers import Signatures
from tests.world import SECRET, World

APIKEY, APIKEY_SECRET = "2fvmer3qbk7f3jnqneg58bu2", "qvxkmw57pec7"
SIGNED_AT, SIGNATURE = 1_200_603_038, "65a08176826fa4621116997e1dd775fa"


@pytest.mark.parametrize("off", [-300, -1, 0, 1, 300])
def test_v1_accepts_the_signature_for_five_minutes_either_side(off: int) -> None:
    signatures = Signatures(APIKEY, APIKEY_SECRET)

    accepted = signatures.accept(SIGNATURE, SIGNED_AT + off)

    assert accepted


@pytest.mark.parametrize("off", [-301, 301])
def test_v2_refuses_the_signature_a_second_later(off: int) -> None:
    signatures = Signatures(APIKEY, APIKEY_SECRET)

    accepted = signatures.accept(SIGNATURE, SIGNED_AT + off)

    assert not accepted


async def test_v3_says_hello_in_version_1_0(one_world: World, dialect: Dialect) -> None:
    request = b'{"method":"test.hello","params":[],"id":1}'

    answer = await one_world.post(request, dialect=dialect)

    assert answer.body == b'{"result":"Hello!","error":null,"id":1}'


async def test_v4_says_hello_in_version_1_1(one_world: World, dialect: Dialect) -> None:
    request = b'{"version":"1.1","method":"test.hello","params":[],"id":1}'

    answer = await one_world.post(request, dialect=dialect)

    assert answer.body == b'{"id":1,"version":"1.1","result":"Hello!"}'


@pytest.mark.parametrize(
    ("dialect", "expected"),
    [
        (CLOUD, b'{"jsonrpc":"2.0","result":"Hello!","id":1}'),
        (LOCAL_V2, b'{"jsonrpc":"2.0","id":1,"result":"Hello!"}'),
        (LOCAL_V3, b'{"jsonrpc":"2.0","id":1,"result":"Hello!"}'),
    ],
)
async def test_v5_says_hello_in_version_2_0(one_world: World, dialect: Dialect, expected: bytes) -> None:
    request = b'{"jsonrpc":"2.0","method":"test.hello","params":[],"id":1}'

    answer = await one_world.post(request, dialect=dialect)

    assert answer.body == expected


async def test_v6_refuses_an_unknown_client_of_fetch_application(one_world: World) -> None:
    service = await one_world.add_service()

    answer = await one_world.call(
        "fetchApplication", [service.key, {"client_id": "12345"}, None, "code"], dialect=CLOUD, version="1.0"
    )

    assert answer.status == 400
    assert answer.body == (
        b'{"result":null,"error":{"message":"Invalid client identifier","code":-2001,"data":'
        b'{"error":"unauthorized_client","error_description":"Invalid client identifier",'
        b'"error_response":null}},"id":1}'
    )


async def test_v7_refuses_an_unknown_token_of_fetch_access_token(one_world: World) -> None:
    service = await one_world.add_service()

    answer = await one_world.fetch(service, "SlAV32hkKG", dialect=CLOUD)

    assert answer.status == 400
    assert answer.body == (
        b'{"jsonrpc":"2.0","error":{"message":"Invalid Access Token","code":-2001,"error":'
        b'{"error":404,"error_description":"Invalid Access Token","error_response":null}},"id":1}'
    )


async def test_v8_answers_grant_type_implicit_in_251_bytes(one_world: World) -> None:
    service = await one_world.add_service(access_ttl=36_000)
    client = await one_world.add_application(service, redirect_uris=("https://some.com/cb",))

    answer = await one_world.token(
        service,
        client,
        {"grant_type": "implicit"},
        uri={"redirect_uri": "https://some.com/cb"},
        user_context="testUser1455730448397",
    )

    assert answer.headers["Content-Length"] == "251"
    assert re.sub(rb"[a-z0-9]{44}", b"TOKEN", answer.body) == (
        b'{"jsonrpc":"2.0","id":1,"result":{"token_type":"bearer","return_type":"json","access_token":"TOKEN",'
        b'"expires_in":36000,"scope":null,"user_context":"testUser1455730448397","uri":null,"extended":null,"state":null}}'
    )


async def test_v9_answers_a_list_of_one_token_with_a_list(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    made = await one_world.token(service, client, {"grant_type": "password"}, user_context="user12345")
    token = made.result["access_token"]

    answer = await one_world.fetch(service, [token], dialect=CLOUD)

    assert [found["access_token"] for found in answer.result] == [token]


async def test_v10_lists_only_live_tokens_as_active(one_world: World) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)
    live, dead = [
        (await one_world.token(service, client, {"grant_type": "password"}, user_context="user12345")).result
        for _ in range(2)
    ]
    credentials = {"client_id": client.client_id, "client_secret": SECRET}
    await one_world.call("revokeAccessToken", [service.key, credentials, dead["access_token"]])

    answer = await one_world.call("fetchUserApplications", [service.key, "user12345", "active"], dialect=CLOUD)

    assert [found["access_tokens"] for found in answer.result] == [[live["access_token"]]]
