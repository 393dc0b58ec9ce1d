"""What differs between Mashery Cloud, Local V2 and Local V3; every difference in each of them."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest

from mashery_oauth.dialects import CLOUD, LOCAL_V2, LOCAL_V3, Dialect
from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.models import Application, Service
from tests.world import HTTPS, SECRET, Answer, World

VERSIONS = ("2.0", "1.1", "1.0")
NESTED = {
    ("cloud", "2.0"): "error",
    ("cloud", "1.1"): "data",
    ("cloud", "1.0"): "data",
    ("local_v2", "2.0"): "data",
    ("local_v2", "1.1"): "data",
    ("local_v2", "1.0"): "data",
    ("local_v3", "2.0"): "error",
    ("local_v3", "1.1"): "error",
    ("local_v3", "1.0"): "error",
}


async def create(
    world: World, dialect: Dialect, service: Service, client: Application, token_data: dict[str, Any], **more: Any
) -> Answer:
    credentials = {"client_id": client.client_id, "client_secret": SECRET}
    params = {"service_key": service.key, "client": credentials, "token_data": token_data, **more}
    return await world.call("createAccessToken", params, dialect=dialect)


def masked(body: bytes) -> bytes:
    """The body with a letter for each kind of text that is new each time."""
    return re.sub(rb'(?<=")[a-z0-9]{44}(?=[&"])|(?<==)[a-z0-9]{44}', b"T", re.sub(rb"[a-z0-9]{60}", b"R", body))


async def test_caller_auth_is_a_signature_on_cloud_and_basic_on_local(one_world: World, dialect: Dialect) -> None:
    path, signature = one_world.url(dialect).partition("?")[0], one_world.url(CLOUD).partition("?")[2]
    hello = b'{"method":"test.hello","id":1}'

    async with one_world.http.post(f"{path}?{signature}", data=hello) as by_signature:
        signature_is_right = by_signature.status == 200
    async with one_world.http.post(path, data=hello, headers=one_world.basic()) as by_password:
        password_is_right = by_password.status == 200

    assert (signature_is_right, password_is_right) == ((True, False) if dialect is CLOUD else (False, True))


@pytest.mark.parametrize("version", VERSIONS)
async def test_nested_error_member_of_an_oauth_error(one_world: World, dialect: Dialect, version: str) -> None:
    service = await one_world.add_service()

    answer = await one_world.call("fetchAccessToken", [service.key, "gone"], dialect=dialect, version=version)

    assert answer.error["code"] == -2001
    assert set(answer.error) == {"message", "code", NESTED[dialect.name, version]}


@pytest.mark.parametrize("version", VERSIONS)
async def test_nested_error_member_of_a_fault_of_ours(
    one_world: World, dialect: Dialect, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable

    service = await one_world.add_service()
    monkeypatch.setattr(one_world.store.tokens, "fetch", fail)

    answer = await one_world.call("fetchAccessToken", [service.key, "gone"], dialect=dialect, version=version)

    assert answer.error["code"] == -32603
    assert set(answer.error) == {"message", "code", NESTED[dialect.name, version]}


async def test_nulls_inside_result_are_kept_or_dropped(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.call("fetchApplication", [service.key, {"client_id": client.client_id}], dialect=dialect)

    nulls = {} if dialect is LOCAL_V2 else {"external_id": None, "attributes": None}
    assert answer.result == {"id": client.id, "name": client.name, **nulls}


async def test_nulls_inside_the_nested_error_are_kept_or_dropped(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()

    answer = await one_world.fetch(service, "gone", dialect=dialect)

    assert ("error_response" in answer.oauth) is (dialect is not LOCAL_V2)


async def test_nulls_inside_error_response_are_kept_or_dropped(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await create(one_world, dialect, service, client, {"grant_type": "chocolate"})

    assert ("uri" in answer.oauth["error_response"]) is (dialect is not LOCAL_V2)


async def test_unknown_token_is_404_or_invalid_request(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()

    answer = await one_world.fetch(service, "gone", dialect=dialect)

    assert answer.oauth["error"] == (404 if dialect is CLOUD else "invalid_request")


async def test_order_of_envelope_members(one_world: World, dialect: Dialect) -> None:
    middle = b'"result":"Hello!","id":7' if dialect is CLOUD else b'"id":7,"result":"Hello!"'

    answer = await one_world.call("test.hello", dialect=dialect, id=7)

    assert answer.body == b'{"jsonrpc":"2.0",' + middle + b"}"


async def test_order_in_create_access_token(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service(access_ttl=60)
    client = await one_world.add_application(service)

    answer = await create(
        one_world, dialect, service, client, {"grant_type": "password", "scope": "read"}, user_context="anna"
    )

    cloud = (
        b'{"jsonrpc":"2.0","result":{"return_type":"json","access_token":"T","token_type":"bearer","expires_in":60,'
        b'"refresh_token":"R","scope":"read","state":null,"uri":null,"extended":null},"id":1}'
    )
    local = (
        b'{"jsonrpc":"2.0","id":1,"result":{"token_type":"bearer","return_type":"json","access_token":"T",'
        b'"expires_in":60,"refresh_token":"R","scope":"read","user_context":"anna","uri":null,"extended":null,"state":null}}'
    )
    without_nulls = local.replace(b',"uri":null,"extended":null,"state":null', b"")
    expected = {CLOUD: cloud, LOCAL_V3: local, LOCAL_V2: without_nulls}[dialect]
    assert masked(answer.body) == expected


async def test_order_of_error_members(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()

    answer = await one_world.fetch(service, "gone", dialect=dialect)

    assert list(answer.error) == (["message", "data", "code"] if dialect is LOCAL_V2 else ["message", "code", "error"])


async def test_user_context_in_create_access_token(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await create(one_world, dialect, service, client, {"grant_type": "password"}, user_context="anna")

    assert answer.result.get("user_context") == (None if dialect is CLOUD else "anna")
    assert ("user_context" in answer.result) is (dialect is not CLOUD)


async def test_caller_refused(one_world: World, dialect: Dialect) -> None:
    url = one_world.url(dialect).partition("?")[0]

    async with one_world.http.post(url, data=b"{}") as response:
        status, challenge, body = response.status, response.headers.get("WWW-Authenticate"), await response.read()

    assert status == (403 if dialect is CLOUD else 401)
    assert (challenge or "").startswith("Basic realm=") is (dialect is not CLOUD)
    assert orjson.loads(body)["error"]["code"] == status


@pytest.mark.parametrize("path", ["/v3/json-rpc", "/v2/java/json-rpc"])
async def test_local_v3_has_two_routes(one_world: World, path: str) -> None:
    service = await one_world.add_service()
    body = orjson.dumps({"jsonrpc": "2.0", "method": "oauth2.fetchAccessToken", "params": [service.key, "t"], "id": 1})

    async with one_world.http.post(path, data=body, headers=one_world.basic()) as response:
        error = (await response.json())["error"]

    assert list(error) == ["message", "code", "error"]


async def test_uri_is_null_for_json_and_an_object_for_redirect(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    by_grant = await create(one_world, dialect, service, client, {"grant_type": "implicit"})
    by_response = await create(one_world, dialect, service, client, {"response_type": "token"})

    assert by_grant.result["return_type"] == "json"
    assert by_grant.result.get("uri") is None
    assert by_response.result["return_type"] == "redirect"
    assert by_response.result["uri"]["redirect_uri"].startswith(f"{HTTPS}#access_token=")


async def test_refresh_token_and_expires_in_are_absent_not_null(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service(access_ttl=None, flows=frozenset({"password"}))
    client = await one_world.add_application(service)

    answer = await create(one_world, dialect, service, client, {"grant_type": "password"})

    assert not {"refresh_token", "expires_in"} & set(answer.result)


@pytest.mark.parametrize("attributes", [None, "gold"])
async def test_attributes_are_null_unless_configured(
    one_world: World, dialect: Dialect, attributes: str | None
) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service, attributes=attributes)

    answer = await one_world.call("fetchApplication", [service.key, {"client_id": client.client_id}], dialect=dialect)

    assert answer.result.get("attributes") == attributes
