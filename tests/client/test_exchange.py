"""How often a call is tried, how soon again, and for how long."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.client import (
    AsyncClient,
    BackendError,
    Call,
    Client,
    ClientCredentials,
    ConnectionFailed,
    Local,
    Throttled,
    TimedOut,
    Unavailable,
    calls,
    endings,
    refusals,
)
from mashery_oauth.client.answers import Reply
from mashery_oauth.client.exchange import FIRST_PAUSE, Conversation, Exchange, Patience
from mashery_oauth.dialects import CLOUD, LOCAL_V3, Dialect
from tests.effort import times

from .conftest import Provider
from .either import caught
from .line import LOST_BEFORE, SILENT, Fate, Line, answered

each_way = pytest.mark.parametrize(
    ("kind", "dialect"), [(AsyncClient, CLOUD), (Client, LOCAL_V3)], ids=["async", "threads"]
)
EMPTY = {"content-length": "0"}
DONE = Reply(200, {"content-length": "40"}, b'{"jsonrpc":"2.0","id":1,"result":true}')
REVOKE = calls.revoke_access_token("key", client=ClientCredentials("client"), access_token="token")
UPDATE = calls.update_access_token("key", client=ClientCredentials("client"), access_token="token")


def conversation(call: Call[Any]) -> Conversation[Any]:
    return Exchange("http://backend", Local("user", "password"), Patience()).single(call)


async def test_an_answer_is_never_asked_for_again(provider: Provider, line: Line, dialect: Dialect) -> None:
    backend = provider.connect(dialect, at=line.url)

    failures = [
        await backend.failure(call)
        for call in (
            calls.fetch_access_token(provider.key, "unknown"),
            calls.fetch_access_token("unknown", "unknown"),
            provider.redeem_call("unknown"),
            calls.update_access_token(provider.key, client=provider.client, access_token="unknown"),
        )
    ]

    wanted = [refusals.UnknownToken, refusals.UnknownService, refusals.InvalidCode, refusals.UpdateFailed]
    assert [type(failure) for failure in failures] == wanted
    assert len(line.requests) == 4


async def test_gives_up_after_two_more_tries(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    line.lasting = LOST_BEFORE

    failure = await backend.failure(calls.fetch_access_token(provider.key, "token"))

    assert type(failure) is ConnectionFailed
    assert len(line.requests) == 3


async def test_all_tries_end_within_the_time_out(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url, timeout=0.6, try_timeout=0.25, retries=10)
    line.lasting = SILENT
    begun = time.monotonic()

    failure = await backend.failure(calls.fetch_access_token(provider.key, "token"))

    assert type(failure) is TimedOut
    assert 0.3 < time.monotonic() - begun < 2
    assert 2 <= len(line.requests) <= 5


async def test_what_is_not_sent_again_may_take_all_of_the_time(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url, timeout=0.5, try_timeout=0.1)
    line.lasting = SILENT
    begun = time.monotonic()

    failure = await backend.failure(replace(UPDATE))

    assert type(failure) is TimedOut
    assert time.monotonic() - begun >= 0.5


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_asks_again_where_somebody_in_between_has_no_answer(provider: Provider, line: Line, status: int) -> None:
    backend = provider.connect(at=line.url)
    line.fates = [answered(status, b"<html>")] * 2

    assert await backend.fetch_access_tokens(provider.key, []) == []
    assert len(line.requests) == 3


@pytest.mark.parametrize(
    "told", [answered(503, b"", Retry_After="60"), answered(429, b"", Retry_After="60")], ids=lambda fate: fate.name
)
async def test_does_not_wait_longer_than_it_may(provider: Provider, line: Line, told: Fate) -> None:
    backend = provider.connect(at=line.url)
    line.lasting = told
    begun = time.monotonic()

    failure = await backend.failure(calls.fetch_access_token(provider.key, "token"))

    assert isinstance(failure, Throttled | Unavailable)
    assert failure.retry_after == 60
    assert time.monotonic() - begun < 3
    assert len(line.requests) == 1


@each_way
async def test_waits_when_the_caller_was_too_quick(provider: Provider, dialect: Dialect) -> None:
    await provider.world.write(replace(provider.world.caller, calls_per_second=1))
    backend = provider.connect(dialect)
    call = calls.fetch_access_tokens(provider.key, [])

    assert await backend.send(call) == []
    assert await backend.send(call) == []


@each_way
async def test_tells_that_the_caller_was_too_quick(provider: Provider, dialect: Dialect) -> None:
    await provider.world.write(replace(provider.world.caller, calls_per_second=1))
    backend = provider.connect(dialect, retries=0)
    call = calls.fetch_access_tokens(provider.key, [])

    failures = [each for each in [await caught(backend.send(call)) for _ in range(6)] if each is not None]

    assert failures
    assert {type(failure) for failure in failures} == {Throttled}
    assert {failure.status for failure in failures} == {403 if dialect is CLOUD else 429}
    assert {failure.retry_after for failure in failures} == {1}


@pytest.mark.parametrize("call", [REVOKE, UPDATE], ids=["revoke", "update"])
@pytest.mark.parametrize(
    "heard",
    [endings.no_connection(), endings.no_connection_in_time(), Reply(429, EMPTY | {"retry-after": "0"}, b"")],
    ids=["nobody there", "no time", "throttled"],
)
def test_what_was_never_sent_is_sent_again_whatever_it_is(call: Call[Any], heard: Any) -> None:
    talk = conversation(call)
    next(talk)

    again = talk.send(heard)

    assert 0 <= again.pause <= FIRST_PAUSE
    with pytest.raises((StopIteration, BackendError)):
        talk.send(DONE)


@pytest.mark.parametrize("heard", [endings.broken(), endings.no_answer_in_time(), Reply(503, EMPTY, b"")])
def test_what_may_have_been_sent_is_sent_again_only_if_it_may_be(heard: Any) -> None:
    talk, update = conversation(REVOKE), conversation(UPDATE)
    next(talk)
    next(update)

    talk.send(heard)

    with pytest.raises(Unavailable):
        update.send(heard)


def test_waits_any_time_up_to_a_bound_that_doubles() -> None:
    pauses: list[list[float]] = [[], []]
    for _ in range(500):
        talk = conversation(REVOKE)
        next(talk)
        for number in range(2):
            pauses[number].append(talk.send(endings.broken()).pause)

    for number, found in enumerate(pauses):
        reach = FIRST_PAUSE * 2**number
        assert 0 <= min(found) < reach / 10
        assert reach * 0.9 < max(found) <= reach


def test_waits_as_long_as_the_backend_asked() -> None:
    talk = conversation(REVOKE)
    next(talk)

    assert 1 <= talk.send(Reply(503, EMPTY | {"retry-after": "1"}, b"")).pause <= 1 + FIRST_PAUSE


@pytest.mark.parametrize("given", [{"timeout": 0}, {"timeout": -1}, {"try_timeout": 0}, {"retries": -1}])
def test_refuses_a_patience_that_cannot_be(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        Patience(**given)


async def test_whoever_has_all_the_time_there_is_may_say_so(provider: Provider) -> None:
    """Found that one of the clients took it, and the calls of the other ended with an ``OverflowError``."""
    backend = provider.connect(timeout=math.inf, try_timeout=math.inf)

    found = await backend.fetch_access_tokens(provider.key, [])

    assert found == []


@pytest.mark.parametrize(
    "address",
    ["", "backend", "ftp://backend", "http://", "http://user:pass@backend", "http://b?apikey=1", "http://b#f", "/v3"],
)
def test_refuses_an_address_that_cannot_be(address: str) -> None:
    with pytest.raises(ValueError, match=r"^url must ") as caught_error:
        Exchange(address, Local("user", "password"), Patience())

    assert "pass@" not in str(caught_error.value)


@pytest.mark.parametrize("address", ["http://backend", "http://backend/", "https://backend:8083/below/"])
def test_keeps_what_stands_before_the_path(address: str) -> None:
    talk = Exchange(address, Local("user", "password"), Patience()).single(REVOKE)

    assert next(talk).request().url == address.rstrip("/") + "/v3/json-rpc"


async def test_one_conversation_knows_nothing_of_another(provider: Provider) -> None:
    backend = provider.connect()
    several = [provider.token_call(user_context=f"user-{number}") for number in range(times(20))]

    made = await asyncio.gather(*(backend.send(call) for call in several))
    told = await backend.fetch_access_tokens(provider.key, [each.access_token for each in made])

    assert [each and each.user_context for each in told] == [f"user-{number}" for number in range(times(20))]
