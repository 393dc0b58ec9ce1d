"""What is off, what is not listened to, and what is not confused, whatever a service's policy says."""

from __future__ import annotations

import pytest

from mashery_oauth.methods import METHODS
from tests.wire.scene import DOORS, Asked
from tests.world import World

from .calls import Call, batch, client_of, granted, outcome

together = pytest.mark.asyncio(loop_scope="module")


@together
@pytest.mark.keeps("RFC9700-2.1.2", "RFC9700-2.4")
@pytest.mark.parametrize("preset", ["mashery", "draft10", "draft16", "rfc6749", "oauth21"])
async def test_a_new_service_has_neither_implicit_nor_password(town: World, preset: str) -> None:
    service = await town.add_service(preset, all_flows=False)
    client = await town.add_application(service)

    by_password = await town.token(service, client, {"grant_type": "password"}, user_context="user")
    asked = [Asked(service.key, client.client_id, response_type=door.response_type) for door in DOORS]
    by_browser = [
        await town.call(door.method, door.arguments(question))
        for door, question in zip(DOORS, asked, strict=True)
        if door.flow == "implicit"
    ]

    assert outcome(by_password) == "Flow password is not enabled for this service"
    assert {outcome(answer) for answer in by_browser} == {"Flow implicit is not enabled for this service"}


@together
@pytest.mark.keeps("RFC9700-4.12")
@pytest.mark.parametrize("profile", ["draft10", "draft16", "rfc6749", "oauth21"])
async def test_no_redirection_repeats_a_post(town: World, profile: str) -> None:
    service = await town.add_service(profile)
    client = await town.add_application(service)
    calls = [
        Call(
            door.method,
            door.arguments(Asked(service.key, client.client_id, scope='"', response_type=door.response_type)),
        )
        for door in DOORS
    ]

    answers = await batch(town, calls)

    statuses = {answer.oauth["error_response"]["status"] for answer in answers if answer.oauth["error_response"]}
    assert statuses == {303 if profile == "oauth21" else 302}


@together
@pytest.mark.keeps("RFC9700-4.15")
async def test_a_client_is_never_taken_for_a_user(town: World) -> None:
    service = await town.add_service("rfc6749")
    client = await town.add_application(service)
    made = (await town.token(service, client, {"grant_type": "client_credentials"})).result

    fetched = (await town.fetch(service, made["access_token"])).result
    listed = (await town.call("fetchUserApplications", [service.key, client.client_id])).result

    assert (fetched["user_context"], fetched["grant_type"], listed) == (None, "client_credentials", [])


@together
@pytest.mark.keeps("CVE-2026-50623", "RFC9700-4.13")
@pytest.mark.parametrize("method", [*METHODS, "rpc.discover", "no.such"])
@pytest.mark.parametrize("path", ["/v2/json-rpc", "/v3/json-rpc", "/v2/java/json-rpc", "/v2/json-rpc/{site}"])
async def test_no_method_is_called_by_who_does_not_say_who_they_are(town: World, path: str, method: str) -> None:
    service = await town.add_service("rfc6749")
    client = await town.add_application(service)
    made = await granted(town, service, client)
    params = {"service_key": service.key, "client": client_of(client), "access_token": made["access_token"],
              "user_context": "user", "id": client.id}  # fmt: skip
    said_by_a_proxy = {
        "X-Forwarded-User": town.caller.user, "X-Remote-User": town.caller.user, "Remote-User": town.caller.user,
        "X-Forwarded-For": "127.0.0.1", "X-SSL-Client-Verify": "SUCCESS", "X-Original-URL": "/healthz",
        "X-Forwarded-Client-Cert": f"Subject={town.caller.user}", "Authorization": f"Bearer {made['access_token']}",
    }  # fmt: skip
    body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}

    for headers in ({}, said_by_a_proxy):
        async with town.http.post(path.format(site=town.site.id), json=body, headers=headers) as answer:
            told = await answer.json()
            assert answer.status == (403 if "site" in path else 401)
            assert told["error"] == {"message": "Not Authorized", "code": answer.status}

    assert await town.is_alive(service, made["access_token"])


@together
@pytest.mark.keeps("RFC9700-4.3.2")
async def test_an_access_token_in_an_address_is_looked_at_by_nobody(town: World) -> None:
    service = await town.add_service("rfc6749")
    client = await town.add_application(service)
    made = await granted(town, service, client)
    body = {"jsonrpc": "2.0", "method": "oauth2.fetchAccessToken", "params": {"service_key": service.key}, "id": 1}
    query = f"access_token={made['access_token']}&service_key={service.key}"

    async with town.http.post(f"/v3/json-rpc?{query}", json=body, headers=town.basic()) as answer:
        told = await answer.json()

    assert (told["error"]["code"], told["error"]["data"][0]["field"]) == (-32602, "access_token")
