"""The line of the log that a call leaves: what is in it, for which calls, and that a caller cannot write into it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from mashery_oauth import logs
from mashery_oauth.dialects import CLOUD, DIALECTS, Dialect
from mashery_oauth.models import Application, Service
from mashery_oauth.rpc import noting
from mashery_oauth.store.tokens import Tokens

from ..world import HTTPS, SECRET, World

CLIENT = {"grant_type": "client_credentials"}
MEMBERS = {"request_id", "caller", "site", "method", "service", "client", "flow", "outcome", "row", "seconds"}


@pytest.fixture
def entries() -> Iterator[list[Any]]:
    """What is logged, level and all."""
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.verbosity, "calls", True)


async def staged(world: World, **policy: Any) -> tuple[Service, Application]:
    service = await world.add_service("draft16", **policy)
    return service, await world.add_application(service)


def own(entries: list[Any]) -> list[dict[str, Any]]:
    """The lines of calls."""
    return [entry for entry in entries if "method" in entry]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_a_refusal_says_who_asked_whom_for_what_and_which_rule_refused(
    one_world: World, entries: list[Any], dialect: Dialect
) -> None:
    service, client = await staged(one_world)

    await one_world.call(
        "createAccessToken",
        {
            "service_key": service.key,
            "client": {"client_id": client.client_id, "client_secret": SECRET},
            "token_data": {"grant_type": "authorization_code", "code": "a" * 44},
            "uri": {"redirect_uri": HTTPS},
        },
        dialect=dialect,
        headers={"X-Request-Id": "request-7"},
    )

    (entry,) = own(entries)
    assert set(entry) >= MEMBERS
    assert (entry["event"], entry["log_level"]) == ("refused", "info")
    assert (entry["request_id"], entry["caller"]) == ("request-7", one_world.caller.apikey)
    assert (entry["service"], entry["client"]) == (service.key, client.client_id)
    assert (entry["method"], entry["flow"]) == ("oauth2.createAccessToken", "authorization_code")
    assert (entry["outcome"], entry["row"]) == ("refused", "invalid_code")


async def test_positional_arguments_are_understood_too(one_world: World, entries: list[Any]) -> None:
    service, client = await staged(one_world)
    params = [service.key, {"client_id": client.client_id, "client_secret": "wrong"}, {"response_type": "token"}]

    await one_world.call("createAccessToken", params)

    (entry,) = own(entries)
    assert (entry["service"], entry["client"], entry["flow"]) == (service.key, client.client_id, "implicit")


async def test_a_success_is_only_said_where_every_call_is(
    one_world: World, entries: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, client = await staged(one_world)

    await one_world.token(service, client, CLIENT)
    monkeypatch.setattr(logs.verbosity, "calls", True)
    await one_world.token(service, client, CLIENT)

    (entry,) = own(entries)
    assert (entry["event"], entry["log_level"], entry["outcome"], entry["row"]) == ("call", "debug", "ok", None)
    assert entry["flow"] == "client_credentials"


async def test_a_token_that_has_ended_is_no_event(one_world: World, entries: list[Any]) -> None:
    service, _ = await staged(one_world)

    await one_world.fetch(service, "a" * 44)

    assert own(entries) == []


async def test_a_slow_call_is_an_event(one_world: World, entries: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    service, client = await staged(one_world)

    monkeypatch.setattr(noting, "SLOW", 0.0)
    await one_world.token(service, client, CLIENT)

    (entry,) = own(entries)
    assert (entry["event"], entry["log_level"], entry["client"]) == ("slow", "warning", client.client_id)
    assert entry["seconds"] > 0


async def test_a_fault_of_ours_is_told_by_kind_and_place_without_its_text(
    one_world: World, entries: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, client = await staged(one_world)

    async def fail(*_: Any) -> Any:
        raise RuntimeError("a secret that it stumbled over")

    monkeypatch.setattr(Tokens, "issue", fail)
    await one_world.token(service, client, CLIENT)

    (entry,) = own(entries)
    assert (entry["event"], entry["log_level"], entry["row"]) == ("internal_error", "error", "internal_error")
    assert entry["cause"] == "RuntimeError"
    assert isinstance(entry["exc_info"], RuntimeError)
    shown = logs._where(None, "error", dict(entry))
    assert shown["exception"] == "RuntimeError"
    assert "stumbled" not in str(shown)


async def test_each_call_of_a_batch_is_a_line_of_the_same_request(
    one_world: World, entries: list[Any], every_call: None
) -> None:
    body = b'[{"jsonrpc":"2.0","method":"test.hello","id":1},{"jsonrpc":"2.0","method":"test.hello","id":2}]'

    await one_world.post(body)
    await one_world.post(body)

    said = [entry["request_id"] for entry in own(entries)]
    assert len(said) == 4
    assert (said[0], said[2]) == (said[1], said[3])
    assert said[0] != said[2]


INJECTED = ["two\nlines", "\r\nevent", '"},{"event":"forged"}', "{{7*7}}", "%s%n", "\x1b[31m", "\u2028", "x" * 4000]


# CVE-2026-50629: a client identifier could end its line of the log, and begin another.
@pytest.mark.parametrize("text", INJECTED, ids=range(len(INJECTED)))
async def test_nothing_that_is_sent_comes_into_a_line(
    one_world: World, entries: list[Any], every_call: None, text: str
) -> None:
    service, client = await staged(one_world)
    about = {"service_key": service.key, "client": {"client_id": client.client_id, "client_secret": text}}

    for method, params in (
        ("createAccessToken", {**about, "token_data": {"grant_type": text, "scope": text, "code": text}}),
        ("createAccessToken", {"service_key": text, "client": {"client_id": text}, "token_data": {"grant_type": text}}),
        ("createAuthorizationCode", {**about, "response_type": text, "scope": text, "user_context": text[:255]}),
        ("fetchAccessToken", [text, text]),
        (f"unheard.{text}", [text]),
        ("revokeUserApplication", {"service_key": text, "client": [text], "user_context": {text: text}}),
    ):
        await one_world.call(method, params, headers={"X-Request-Id": "x" * 65}, dialect=CLOUD)

    assert len(own(entries)) == 6
    for entry in entries:
        assert "x" * 65 not in str(entry)
        assert all(text not in str(value) for value in entry.values())


async def test_a_line_names_a_client_only_where_there_is_one(one_world: World, entries: list[Any]) -> None:
    service, _ = await staged(one_world)

    await one_world.call(
        "createAuthorizationCode", {"service_key": service.key, "client": {"client_id": "a-secret-by-mistake"}}
    )

    (entry,) = own(entries)
    assert (entry["service"], entry["client"], entry["row"]) == (service.key, None, "unknown_client")


# Found by a new user: a provider asks each of its services whose client it has, and the log was full of their answers.
async def test_a_client_that_is_looked_for_and_not_found_is_only_said_where_every_call_is(
    one_world: World, entries: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, client = await staged(one_world)
    about = {"service_key": service.key, "client": {"client_id": "somebody"}}

    await one_world.call("fetchApplication", about)
    quiet = len(own(entries))
    monkeypatch.setattr(logs.verbosity, "calls", True)
    await one_world.call("fetchApplication", about)
    wrong = {"client_id": client.client_id, "client_secret": "wrong"}
    await one_world.call("fetchApplication", about | {"client": wrong})

    assert quiet == 0
    assert [(entry["log_level"], entry["row"]) for entry in own(entries)] == [
        ("debug", "unknown_client"),
        ("info", "wrong_secret"),
    ]


async def test_what_was_revoked_is_noted_with_how_much_it_was(world: World, entries: list[Any]) -> None:
    service, client = await staged(world)
    for _ in range(3):
        await world.token(service, client, {"grant_type": "password"}, user_context="alice")
    about = {"service_key": service.key, "client": {"client_id": client.client_id}}
    token = (await world.token(service, client, CLIENT)).result["access_token"]

    await world.call("revokeUserApplication", {**about, "user_context": "alice"})
    await world.call("revokeUserApplication", {**about, "user_context": "alice"})
    await world.call("revokeAccessToken", {**about, "access_token": token})
    await world.call("revokeAccessToken", {**about, "access_token": "a" * 44})

    noted = [(entry["what"], entry["tokens"]) for entry in entries if entry["event"] == "revoked"]
    assert noted == [("user and application", 3), ("user and application", 0), ("grant", None)]


async def test_a_revocation_counts_what_it_ends_and_the_user_was_issued(world: World, entries: list[Any]) -> None:
    service, client = await staged(world)
    other = await world.add_application(service)
    for whose, user in ((client, "alice"), (client, "alice"), (client, "alice"), (other, "alice"), (client, "bob")):
        made = (await world.token(service, whose, {"grant_type": "password"}, user_context=user)).result
    about = {"service_key": service.key, "client": {"client_id": client.client_id, "client_secret": SECRET}}
    await world.call("updateAccessToken", {**about, "access_token": made["access_token"], "user_context": "alice"})
    listed = (await world.call("fetchUserApplications", {"service_key": service.key, "user_context": "alice"})).result
    (issued,) = [each["access_tokens"] for each in listed if each["client_id"] == client.client_id]
    await world.call("revokeAccessToken", {**about, "access_token": issued[0]})

    await world.call("revokeUserApplication", {**about, "user_context": "alice"})

    (noted,) = [entry["tokens"] for entry in entries if entry.get("what") == "user and application"]
    assert noted == 2


async def test_more_tokens_than_a_script_may_count_are_not_counted(
    world: World, entries: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mashery_oauth.store.users.COUNTED", 2)
    service, client = await staged(world)
    for _ in range(3):
        await world.token(service, client, {"grant_type": "password"}, user_context="alice")

    about = {"service_key": service.key, "client": {"client_id": client.client_id}}
    await world.call("revokeUserApplication", {**about, "user_context": "alice"})

    (noted,) = [entry["tokens"] for entry in entries if entry["event"] == "revoked"]
    assert noted is None
