"""Which HTTP status an error has in each dialect."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD, LOCAL_V2, Dialect
from mashery_oauth.errors import StoreUnavailable
from tests.world import World


async def test_http_status_of_an_oauth_error(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()

    answer = await one_world.fetch(service, "gone", dialect=dialect)

    assert answer.status == (400 if dialect is CLOUD else 200)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("oauth2.chocolate", []),
        ("oauth2.fetchAccessToken", []),
        ("oauth2.fetchAccessToken", ["unknown", "gone"]),
        ("service.fetch", []),
        ("application.fetch", []),
    ],
)
async def test_http_status_of_a_json_rpc_error(
    one_world: World, dialect: Dialect, method: str, params: list[Any]
) -> None:
    expected = 400 if dialect is CLOUD else 200

    answer = await one_world.call(method, params, dialect=dialect)

    assert answer.error
    assert answer.status == expected


async def test_http_status_of_an_outage(one_world: World, dialect: Dialect, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise StoreUnavailable

    service = await one_world.add_service()
    monkeypatch.setattr(one_world.store.tokens, "fetch", fail)

    answer = await one_world.fetch(service, "any", dialect=dialect)

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "1"


async def test_http_status_of_a_fault_of_ours(
    one_world: World, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    service = await one_world.add_service()
    monkeypatch.setattr(one_world.store.tokens, "fetch", fail)

    answer = await one_world.fetch(service, "any", dialect=dialect)

    assert answer.error["code"] == -32603
    assert answer.status == (500 if dialect is CLOUD else 200)


CLIENT_REFUSED: dict[str, list[Any]] = {
    "oauth2.fetchApplication": [],
    "oauth2.createAuthorizationCode": [],
    "oauth2.createAccessToken": [{"grant_type": "password"}],
    "oauth2.revokeAccessToken": ["token"],
    "oauth2.revokeUserApplication": ["anna"],
    "oauth2.updateAccessToken": ["token"],
}


@pytest.mark.parametrize("method", CLIENT_REFUSED)
@pytest.mark.parametrize("fault", ["unknown", "inactive", "foreign", "wrong secret"])
async def test_a_refused_client_is_4000_with_403_on_local_v2_in_every_method(
    one_world: World, dialect: Dialect, method: str, fault: str
) -> None:
    service = await one_world.add_service()
    own = () if fault == "foreign" else (service,)
    client = await one_world.add_application(*own, active=fault != "inactive")
    credentials = {"client_id": "nobody" if fault == "unknown" else client.client_id}
    if fault == "wrong secret":
        credentials["client_secret"] = "wrong"

    answer = await one_world.call(method, [service.key, credentials, *CLIENT_REFUSED[method]], dialect=dialect)

    assert (answer.status, answer.error["code"]) == {
        "cloud": (400, -2001),
        "local_v2": (403, 4000),
        "local_v3": (200, -2001),
    }[dialect.name]
    assert ("data" in answer.error) is (dialect is LOCAL_V2)


async def test_a_missing_secret_is_4000_with_403_on_local_v2(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()
    client = await one_world.add_application(service)

    answer = await one_world.call(
        "createAccessToken", [service.key, {"client_id": client.client_id}, {"grant_type": "password"}], dialect=dialect
    )

    assert answer.oauth["error"] == "invalid_client"
    assert (answer.status == 403) is (dialect is LOCAL_V2)
    assert answer.error["code"] == (4000 if dialect is LOCAL_V2 else -2001)


async def test_a_batch_with_refused_clients_has_200(one_world: World, dialect: Dialect) -> None:
    service = await one_world.add_service()
    params = f'["{service.key}",{{"client_id":"nobody"}}]'
    body = f'[{{"jsonrpc":"2.0","method":"oauth2.fetchApplication","params":{params},"id":1}}]'

    answer = await one_world.post(body.encode(), dialect=dialect)

    assert answer.status == 200
    assert answer.json[0]["error"]["code"] == (4000 if dialect is LOCAL_V2 else -2001)
