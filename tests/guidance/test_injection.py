"""Texts that were taken for code elsewhere: here they are data, or refused, and nowhere repeated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from mashery_oauth.dialects import CLOUD, DIALECTS
from mashery_oauth.flows import FLOWS
from tests.effort import tally
from tests.wire.scene import CODE as ASK_CODE
from tests.wire.scene import IMPLICIT, LOOK, TOKEN, Asked
from tests.world import HTTPS, World

from .calls import Call, Members, batch, client_of, outcome
from .payloads import MARK, PAYLOADS, PRODUCT, Target, right, targets

together = pytest.mark.asyncio(loop_scope="module")
payloads = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
EXPECTED_CODES = {-2001, -32602, -32600, 4000}


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a document, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from texts_in(each)


def headers_in(value: Any) -> Iterator[str]:
    """Every header that a provider is told to send on, name and value."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "headers" and isinstance(each, dict):
                yield from texts_in(each)
            yield from headers_in(each)


def fitting(target: Target, base: Members, grant: Members) -> Members:
    """The arguments of a call in which the hostile one is looked at: of createAccessToken, the flow that needs it."""
    if target.path[0] != "token_data":
        return base
    flows = {
        "code": {"grant_type": "authorization_code"},
        "code_verifier": {"grant_type": "authorization_code", "code": grant["access_token"]},
        "refresh_token": {"grant_type": "refresh_token"},
        "response_type": {},
    }
    return base | {"token_data": flows.get(target.path[1], {"grant_type": "password"})}


@together
@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
@pytest.mark.keeps("CVE-2016-4977", "CVE-2019-8400", "GO-2026-4861", "CVE-2026-50630")
@pytest.mark.parametrize("target", list(targets()), ids=str)
async def test_no_argument_of_any_method_is_taken_for_anything_but_data(town: World, target: Target) -> None:
    service = await town.add_service("draft16", flows=frozenset(FLOWS))
    client = await town.add_application(service)
    grant = (await town.token(service, client, {"grant_type": "password"}, user_context="user")).result

    for number, payload in enumerate(PAYLOADS.values()):
        dialect = DIALECTS[number % len(DIALECTS)]
        base = fitting(target, right(target.method, service, client, grant), grant)
        answer = await town.call(target.method, target.filled(base, payload), dialect=dialect)

        assert PRODUCT.encode() not in answer.body
        assert not any("\r" in text or "\n" in text for text in headers_in(answer.json))
        assert all("\r" not in text and "\n" not in text for text in answer.headers.values())
        if "error" in answer.json:
            assert answer.error["code"] in EXPECTED_CODES
            assert answer.status < 500
            assert not any(MARK in text for text in texts_in(answer.error) if not text.startswith(HTTPS))
    tally("hostile arguments", len(PAYLOADS))
    assert await town.store.link.run(MARK, "EXISTS", MARK) == 0
    assert (await town.call("test.hello")).result == "Hello!"


@together
@pytest.mark.keeps("CVE-2016-4977")
@payloads
async def test_a_hostile_user_is_a_user_like_any_other(town: World, payload: str) -> None:
    user = payload[:255]
    service = await town.add_service("rfc6749")
    client = await town.add_application(service)
    mine = (await town.token(service, client, {"grant_type": "password"}, user_context=user)).result
    other = (await town.token(service, client, {"grant_type": "password"}, user_context=user + "x")).json.get("result")

    fetched = (await town.fetch(service, mine["access_token"])).result
    moved = await town.call("updateAccessToken", {
        "service_key": service.key, "client": client_of(client), "access_token": mine["access_token"], "scope": "read",
    })  # fmt: skip
    again = (await town.refresh(service, client, mine["refresh_token"])).result
    await town.call("revokeUserApplication", [service.key, client_of(client), user])

    assert {fetched["user_context"], moved.result["user_context"], again["user_context"]} == {user}
    assert not await town.is_alive(service, mine["access_token"])
    assert other is None or await town.is_alive(service, other["access_token"])


@together
@pytest.mark.keeps("CVE-2016-4977", "CVE-2019-8400")
@payloads
async def test_what_selects_a_flow_is_compared_and_never_carried_out(stage: World, payload: str) -> None:
    service = await stage.add_service("draft16")
    client = await stage.add_application(service)
    named = {"service_key": service.key, "client": client_of(client), "uri": {"redirect_uri": HTTPS}}

    answers = await batch(stage, [
        Call("createAccessToken", named | {"token_data": {"grant_type": payload}}),
        Call("createAccessToken", named | {"token_data": {"response_type": payload}}),
        Call("createAuthorizationCode", named | {"response_type": payload}),
        Call("fetchApplication", named | {"response_type": payload}),
    ])  # fmt: skip

    assert [outcome(answer) for answer in answers] == ["Unsupported grant type"] + ["Unsupported response type"] * 3


@together
@pytest.mark.keeps("CVE-2019-8400", "GO-2026-4861", "CVE-2026-50630", "RFC9700-4.7")
@payloads
@pytest.mark.parametrize("door", [ASK_CODE, TOKEN, IMPLICIT, LOOK], ids=lambda door: door.name)
async def test_a_state_comes_back_whole_and_harmless_or_not_at_all(stage: World, door: Any, payload: str) -> None:
    service = await stage.add_service("rfc6749")
    client = await stage.add_application(service)
    fits = len(payload) <= 4096 and all(letter >= " " and letter != "\x7f" for letter in payload)

    question = Asked(service.key, client.client_id, state=payload, response_type=door.response_type)
    good = await stage.call(door.method, door.arguments(question))
    bad = await stage.call(
        door.method, door.arguments(question) | {"scope": '"', "token_data": {
            "response_type": door.response_type, "grant_type": "implicit" if door is IMPLICIT else None, "scope": '"',
        }}
    )  # fmt: skip

    relayed = bad.oauth["error_response"]
    sent = urlsplit(relayed["headers"]["Location"])
    members = parse_qs(sent.fragment or sent.query, keep_blank_values=True)
    assert outcome(good) == ("ok" if fits else "Invalid state")
    assert members.get("state") == ([payload] if fits else None)
    assert relayed["headers"]["Location"].isascii()
    assert not {"\r", "\n", "<", ">", '"'} & set(relayed["headers"]["Location"])
    if fits and door is ASK_CODE:
        assert parse_qs(urlsplit(good.result["uri"]["redirect_uri"]).query)["state"] == [payload]


@together
@pytest.mark.keeps("CVE-2019-8400", "GO-2026-4861")
@payloads
async def test_an_unknown_method_an_odd_id_and_odd_members_are_not_repeated_in_errors(
    stage: World, payload: str
) -> None:
    service = await stage.add_service()
    bodies = [
        {"jsonrpc": "2.0", "method": payload, "id": 1},
        {"jsonrpc": payload, "method": "test.hello", "id": 1},
        {"jsonrpc": "2.0", "method": "oauth2.fetchAccessToken", "params": {payload: payload}, "id": 1},
        {"jsonrpc": "2.0", "method": "oauth2.fetchAccessToken", "params": payload, "id": 1},
        {"jsonrpc": "2.0", "method": "oauth2.fetchApplication", "id": 1,
         "params": {"service_key": service.key, "include": [payload], "client": {payload: payload}}},
        {"jsonrpc": "2.0", "method": "oauth2.fetchUserApplications", "id": 1,
         "params": {"service_key": service.key, "user_context": "user", "token_status": payload}},
    ]  # fmt: skip

    answers = [await stage.post(orjson.dumps(body), dialect=CLOUD) for body in bodies]
    broken = await stage.post(b'{"jsonrpc": "2.0", "method": ' + orjson.dumps(payload)[:-1])

    assert [answer.status < 500 for answer in answers] == [True] * len(bodies)
    assert all("error" in answer.json for answer in answers)
    assert not any(MARK.encode() in answer.body for answer in [*answers, broken])
