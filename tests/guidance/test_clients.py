"""What clients were let in with, told, and allowed to widen elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.dialects import DIALECTS, Dialect
from mashery_oauth.flows import FLOWS
from tests.effort import tally
from tests.world import HTTPS, SECRET, World

from .calls import CHALLENGE, VERIFIER, Call, batch, client_of, granted, oauth_error, outcome

NO_SECRETS: list[Any] = [None, "", " ", "\t", "\n", "\x00", "null", "undefined", "None", SECRET + " ", " " + SECRET,
                         SECRET.upper(), SECRET[:-1], SECRET + "\x00", "*", "%"]  # fmt: skip
NO_STRINGS: list[Any] = [0, False, True, [], [SECRET], {}, {"$ne": 1}, 1.5]
OBJECTS = ("application.fetch", "service.fetch")

together = pytest.mark.asyncio(loop_scope="module")
dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


async def grants(world: World, service: Any, client: Any) -> list[dict[str, Any]]:
    """What every flow of the token step would take."""
    code = await world.code(service, client, **CHALLENGE)
    refresh = (await world.token(service, client, {"grant_type": "password"}, user_context="user")).result
    return [
        {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER},
        {"grant_type": "refresh_token", "refresh_token": refresh["refresh_token"]},
        {"grant_type": "password"},
        {"grant_type": "client_credentials"},
    ]


@together
@pytest.mark.keeps("CVE-2026-44476", "RFC9700-2.5")
@pytest.mark.parametrize("has_secret", [True, False], ids=["with-secret", "without-any"])
async def test_a_client_that_can_keep_a_secret_gets_nothing_without_it(town: World, *, has_secret: bool) -> None:
    service = await town.add_service("rfc6749")
    client = await town.add_application(service)
    flows = await grants(town, service, client)
    if not has_secret:
        await town.write(replace(client, secrets=()))

    tried = [(data, secret) for data in flows for secret in NO_SECRETS + NO_STRINGS + ([] if has_secret else [SECRET])]
    calls = [
        Call(
            "createAccessToken",
            {
                "service_key": service.key,
                "client": client_of(client, secret),
                "token_data": data,
                "uri": {"redirect_uri": HTTPS},
            },
        )
        for data, secret in tried
    ]
    answers = await batch(town, calls)

    tally("secrets that are none", len(calls))
    for (_, secret), answer in zip(tried, answers, strict=True):
        if secret is None or isinstance(secret, str):
            assert oauth_error(answer) == "invalid_client"
        else:
            assert answer.error["code"] == -32602
    if has_secret:
        accepted = [await town.token(service, client, data, uri={"redirect_uri": HTTPS}) for data in flows]
        assert [outcome(answer) for answer in accepted] == ["ok"] * len(flows)


SHOWN = {
    "fetchApplication": {"id", "external_id", "name", "attributes"},
    "fetchUserApplications": {"id", "name", "client_id", "access_tokens"},
    "application.fetch": {"id", "name", "external_id", "uri", "status", "object_type"},
    "service.fetch": {"service_key", "name", "object_type"},
    "fetchAccessToken": {
        "client_id", "token_type", "grant_type", "expires", "scope", "user_context", "extended",
    },
}  # fmt: skip


@together
@dialects
@pytest.mark.keeps("CVE-2020-10187", "DOT-1736", "RFC9700-2.5")
@pytest.mark.parametrize("secure", [False, True], ids=["tokens", "handles"])
async def test_what_is_told_of_a_client_is_what_is_documented_and_no_secret(
    town: World, dialect: Dialect, *, secure: bool
) -> None:
    service = await town.add_service("rfc6749", secure_tokens=secure)
    client = await town.add_application(service, external_id="17", attributes="{}", flows=frozenset(FLOWS))
    made = (await town.token(service, client, {"grant_type": "password"}, user_context="user")).result
    include = {"include": ["uri", "type", "profile", "scopes"]}
    look = {"service_key": service.key, "client": client_of(client)}

    told = {
        "fetchApplication": await town.call("fetchApplication", look, dialect=dialect),
        "fetchUserApplications": await town.call("fetchUserApplications", [service.key, "user"], dialect=dialect),
        "application.fetch": await town.call("application.fetch", [client.id], dialect=dialect),
        "service.fetch": await town.call("service.fetch", [service.key], dialect=dialect),
        "fetchAccessToken": await town.fetch(service, made["access_token"], dialect=dialect),
    }
    more = await town.call("fetchApplication", look | include, dialect=dialect)

    for name, answer in told.items():
        one = answer.result[0] if name == "fetchUserApplications" else answer.result
        assert set(one) <= SHOWN[name]
    assert set(more.result) <= SHOWN["fetchApplication"] | {"uri", "type", "profile", "scopes"}
    secrets = [SECRET, *client.secrets, town.apikey_secret, town.password, made["refresh_token"]]
    if secure:
        secrets.append(made["access_token"])
    bodies = [answer.body for answer in (*told.values(), more)]
    assert not [secret for secret in secrets for body in bodies if secret.encode() in body]


@together
@pytest.mark.keeps("CVE-2023-34246", "RFC9700-2.1")
@pytest.mark.parametrize("kind", ["public", "confidential"])
@pytest.mark.parametrize("native", [False, True])
async def test_a_provider_can_learn_whose_identity_is_not_proven(town: World, kind: str, *, native: bool) -> None:
    service = await town.add_service("rfc6749")
    secret = None if kind == "public" else SECRET
    client = await town.add_application(service, type=kind, native=native, secret=secret)

    look = {"service_key": service.key, "client": {"client_id": client.client_id}, "include": ["type"]}
    answer = await town.call("fetchApplication", look)

    assert answer.result["type"] == kind


@together
@pytest.mark.keeps("CVE-2026-70665", "RFC9700-2.3", "RFC9700-2.2.1")
@pytest.mark.parametrize("profile", ["draft10", "draft16", "rfc6749", "oauth21"])
async def test_no_scope_is_had_that_the_service_does_not_have(town: World, profile: str) -> None:
    known = frozenset(name for name, flow in FLOWS.items() if flow.known_in(profile))
    service = await town.add_service(profile, flows=known, scopes=("read", "write"), default_scopes=("read",))
    client = await town.add_application(service)
    wrong = ["admin", "read admin", "READ", "read,write", "read\twrite", "*", "read\u00a0write", "r" * 1025]
    named = {"service_key": service.key, "client": client_of(client)}
    selectors: list[dict[str, Any]] = [
        {"grant_type": "none" if profile == "draft10" else "client_credentials"},
        {"grant_type": "password"},
        {"response_type": "token"},
    ]
    made = await granted(town, service, client)

    calls = [Call("createAccessToken", named | {"token_data": each | {"scope": scope}, "uri": {"redirect_uri": HTTPS}})
             for each in selectors for scope in wrong]  # fmt: skip
    calls += [Call("createAuthorizationCode", named | CHALLENGE | {"scope": scope, "uri": {"redirect_uri": HTTPS}})
              for scope in wrong]  # fmt: skip
    calls += [Call("updateAccessToken", named | {"access_token": made["access_token"], "scope": scope})
              for scope in wrong]  # fmt: skip
    answers = await batch(town, calls)

    off = {"unsupported_grant_type", "unsupported_response_type"} if profile == "oauth21" else set()
    assert {oauth_error(answer) for answer in answers} == {"invalid_scope"} | off
    fetched = (await town.fetch(service, made["access_token"])).result
    assert set((fetched["scope"] or "").split()) <= {"read", "write"}


@together
@pytest.mark.keeps("CVE-2026-114616", "CVE-2024-37568")
@pytest.mark.parametrize("algorithm", ["hmac-sha-1", "hmac-sha-256"])
async def test_a_mac_key_is_long_and_its_algorithm_the_services_own(town: World, algorithm: str) -> None:
    service = await town.add_service("draft16", token_type="mac", mac_algorithm=algorithm)
    client = await town.add_application(service)
    asks = {"mac_algorithm": "none", "algorithm": "none", "token_type": "bearer", "mac_key": "", "alg": "none"}

    made = (await town.token(service, client, {"grant_type": "client_credentials"} | asks, **asks)).result
    changed = await town.call("updateAccessToken", {
        "service_key": service.key, "client": client_of(client), "access_token": made["access_token"], "scope": "a",
        "extended": asks, **asks,
    })  # fmt: skip
    fetched = (await town.fetch(service, made["access_token"])).result

    assert made["token_type"] == fetched["token_type"] == changed.result["token_type"] == "mac"
    assert made["extended"] == fetched["extended"] == changed.result["extended"]
    assert (made["extended"]["mac_algorithm"], len(made["extended"]["mac_key"])) == (algorithm, 32)
