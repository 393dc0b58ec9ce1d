"""oauth2.updateAccessToken: another scope, lifetime or user for a live token."""

from __future__ import annotations

import asyncio
import time
from calendar import timegm
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.dialects import CLOUD, LOCAL_V2, LOCAL_V3, Dialect
from mashery_oauth.models import Application, Service
from mashery_oauth.store.issuing import now_ms
from tests.effort import tally, times
from tests.flows.calls import granted, revoke
from tests.flows.calls import update as change
from tests.model.ageing import let_pass
from tests.waiting import token_expired
from tests.world import SECRET, World


async def made(world: World, **policy: Any) -> tuple[Service, Application, dict[str, Any]]:
    """A service, a client, and what it got for a user's password."""
    service = await world.add_service(**policy)
    client = await world.add_application(service)
    answer = await world.token(service, client, {"grant_type": "password", "scope": "read"}, user_context="anna")
    return service, client, answer.result


def seconds_left(expires: str) -> float:
    """How far ahead a time is."""
    return timegm(time.strptime(expires, "%Y-%m-%dT%H:%M:%SZ")) - time.time()


async def test_changes_scope_user_and_lifetime_and_answers_as_fetch_does(world: World) -> None:
    service, client, token = await made(world)
    named = {
        "service_key": service.key,
        "client": {"client_id": client.client_id, "client_secret": SECRET},
        "access_token": token["access_token"],
        "scope": "myscope",
        "user_context": "myusercontext",
        "expires_in": 60,
    }

    answer = await world.call("updateAccessToken", named, dialect=CLOUD)

    fetched = await world.fetch(service, token["access_token"], dialect=CLOUD)
    assert answer.body == fetched.body
    assert list(answer.result) == [
        "client_id", "token_type", "grant_type", "expires", "scope", "user_context", "extended"
    ]  # fmt: skip
    assert (answer.result["scope"], answer.result["user_context"]) == ("myscope", "myusercontext")
    assert 50 < seconds_left(answer.result["expires"]) <= 60


FORMS = ["nested", "flat", "named flat", "named nested"]


@pytest.mark.parametrize("form", FORMS)
async def test_takes_the_documented_forms(one_world: World, form: str) -> None:
    service, client, token = await made(one_world)
    text, secret = token["access_token"], SECRET
    changes = ["write", 60, "bertha"]
    forms: dict[str, Any] = {
        "nested": [service.key, {"client_id": client.client_id, "client_secret": secret}, text, *changes],
        "flat": [service.key, client.client_id, secret, text, *changes],
        "named flat": {"client_id": client.client_id, "client_secret": secret},
        "named nested": {"client": {"client_id": client.client_id, "client_secret": secret}},
    }
    more = {
        "service_key": service.key,
        "access_token": text,
        "scope": "write",
        "expires_in": 60,
        "user_context": "bertha",
    }
    params = forms[form] | more if isinstance(forms[form], dict) else forms[form]

    answer = await one_world.call("updateAccessToken", params)

    assert (answer.result["scope"], answer.result["user_context"]) == ("write", "bertha")
    assert seconds_left(answer.result["expires"]) <= 60


@pytest.mark.parametrize("form", FORMS[:2])
async def test_a_wrong_secret_is_refused_in_both_positional_forms(one_world: World, form: str) -> None:
    service, client, token = await made(one_world)
    credentials = (
        [{"client_id": client.client_id, "client_secret": "wrong"}] if form == "nested" else [client.client_id, "wrong"]
    )

    answer = await one_world.call("updateAccessToken", [service.key, *credentials, token["access_token"], "write"])

    assert answer.error["message"] == "Invalid client credentials"


@pytest.mark.parametrize("omitted", [None, ""])
@pytest.mark.parametrize("spelled", ["left out", "said"])
async def test_what_is_omitted_stays_as_it_is(one_world: World, spelled: str, omitted: str | None) -> None:
    service, client, token = await made(one_world)
    before = await one_world.fetch(service, token["access_token"])
    params: list[Any] = [service.key, {"client_id": client.client_id}, token["access_token"]]

    answer = await one_world.call("updateAccessToken", params + ([omitted] * 3 if spelled == "said" else []))

    assert answer.body == before.body


@pytest.mark.parametrize(
    ("change", "member", "value"),
    [({"scope": "write"}, "scope", "write"), ({"user_context": "bertha"}, "user_context", "bertha")],
)
async def test_scope_and_user_change_the_grant(world: World, change: dict[str, str], member: str, value: str) -> None:
    service, client, token = await made(world)
    named = {"service_key": service.key, "client": {"client_id": client.client_id}}
    before = await world.fetch(service, token["access_token"])

    answer = await world.call("updateAccessToken", {**named, "access_token": token["access_token"], **change})
    refreshed = await world.refresh(service, client, token["refresh_token"])

    assert answer.result == before.result | {member: value}
    assert refreshed.result[member] == value


async def test_expires_in_changes_this_token_only(world: World) -> None:
    service, client, token = await made(world, access_ttl=3600)

    params = [service.key, {"client_id": client.client_id}, token["access_token"], None, 1]
    await world.call("updateAccessToken", params)
    await token_expired(world.store, token["access_token"])
    refreshed = await world.refresh(service, client, token["refresh_token"])

    assert refreshed.result["expires_in"] == 3600


async def test_a_token_can_be_made_to_live_longer(world: World) -> None:
    service, client, token = await made(world, access_ttl=60)

    params = [service.key, {"client_id": client.client_id}, token["access_token"], None, 100_000]
    answer = await world.call("updateAccessToken", params)

    assert 99_900 < seconds_left(answer.result["expires"]) <= 100_000


async def test_a_token_moves_to_the_list_of_its_new_user(world: World) -> None:
    service, client, token = await made(world)

    params = [service.key, {"client_id": client.client_id}, token["access_token"], None, None, "bertha"]
    await world.call("updateAccessToken", params)
    old = await world.call("fetchUserApplications", [service.key, "anna", "active"])
    new = await world.call("fetchUserApplications", [service.key, "bertha", "active"])

    assert old.result == []
    assert [found["access_tokens"] for found in new.result] == [[token["access_token"]]]


async def test_two_changes_at_once_are_both_made(world: World) -> None:
    service, client, _ = await made(world)
    answers = [await world.token(service, client, {"grant_type": "client_credentials"}) for _ in range(times(20))]
    tokens = [answer.result["access_token"] for answer in answers]

    changes: list[dict[str, Any]] = [{"scope": "narrow"}, {"expires_in": 9000}]
    told = await asyncio.gather(*(change(world, service, client, text, **each) for text in tokens for each in changes))

    assert all("result" in answer.json for answer in told)
    for text in tokens:
        found = (await world.fetch(service, text)).result
        assert found["scope"] == "narrow"
        assert seconds_left(found["expires"]) > 8000
    tally("tokens that were changed twice at once", len(tokens))


async def test_a_scope_that_the_service_does_not_allow_is_refused(one_world: World) -> None:
    service, client, token = await made(one_world, scopes=("read", "write"))

    params = [service.key, {"client_id": client.client_id}, token["access_token"], "read delete"]
    answer = await one_world.call("updateAccessToken", params)

    assert (answer.oauth["error"], answer.error["message"]) == ("invalid_scope", "Invalid scope")
    assert (await one_world.fetch(service, token["access_token"])).result["scope"] == "read"


@pytest.mark.parametrize("dialect", [CLOUD, LOCAL_V2, LOCAL_V3], ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("dead", ["unknown", "revoked", "refresh token", "another's", "of another service"])
async def test_a_token_that_is_not_the_clients_or_not_alive_cannot_be_updated(
    one_world: World, dialect: Dialect, dead: str
) -> None:
    service, client, token = await made(one_world)
    other, other_client = await one_world.add_service(), await one_world.add_application(service)
    await one_world.write(replace(client, services=(service.key, other.key)))
    if dead == "revoked":
        await one_world.call("revokeAccessToken", [service.key, {"client_id": client.client_id}, token["access_token"]])
    text = {"unknown": "a" * 44, "refresh token": token["refresh_token"]}.get(dead, token["access_token"])
    asked_by = other_client if dead == "another's" else client
    asked_at = other if dead == "of another service" else service

    answer = await one_world.call(
        "updateAccessToken", [asked_at.key, {"client_id": asked_by.client_id}, text, "write"], dialect=dialect
    )

    assert (answer.error["code"], answer.error["message"]) == (-2001, "Unable to update token")
    assert answer.oauth["error"] == (404 if dialect is CLOUD else "invalid_request")


async def test_a_handle_updates_nothing(one_world: World) -> None:
    service, client, _ = await made(one_world, secure_tokens=True)
    listed = await one_world.call("fetchUserApplications", [service.key, "anna"])
    (handle,) = listed.result[0]["access_tokens"]

    answer = await one_world.call("updateAccessToken", [service.key, {"client_id": client.client_id}, handle, "write"])

    assert answer.error["message"] == "Unable to update token"


async def test_a_grant_of_a_worker_whose_clock_is_behind_stays_dead_as_long_as_its_token_would_have_lived(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by reading: a longer life counted from the worker's clock, so that the mark could end before the token."""
    service = await one_world.add_service("rfc6749", access_ttl=600)
    client = await one_world.add_application(service)
    made = await granted(one_world, service, client)
    with monkeypatch.context() as behind:
        behind.setattr("mashery_oauth.store.tokens.now_ms", lambda: now_ms() - 3_600_000)
        await change(one_world, service, client, made["access_token"], expires_in=3600)
    await revoke(one_world, service, client, made["refresh_token"])
    await let_pass(one_world, [made], 700)

    other = await granted(one_world, service, client)
    await revoke(one_world, service, client, other["refresh_token"])

    assert not await one_world.is_alive(service, made["access_token"])
