"""What is sent again and what is not, how often, how soon; and that what is made again is made once."""

from __future__ import annotations

import asyncio
import random
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
    TokenData,
    Unavailable,
    calls,
    endings,
    refusals,
)
from mashery_oauth.client.answers import Reply
from mashery_oauth.client.exchange import FIRST_PAUSE, Conversation, Exchange, Patience
from mashery_oauth.dialects import CLOUD, LOCAL_V3, Dialect
from tests.effort import tally, times

from .conftest import USER, Provider
from .line import CARRIED, LOST_AFTER, LOST_BEFORE, SILENT, STUCK, TORN, Fate, Line, answered
from .test_answers import caught

MISHAPS = [LOST_BEFORE, LOST_AFTER, TORN, SILENT]
LOSSES = [*MISHAPS, STUCK]
TIMED = (SILENT, STUCK)
each_way = pytest.mark.parametrize(
    ("kind", "dialect"), [(AsyncClient, CLOUD), (Client, LOCAL_V3)], ids=["async", "threads"]
)
mishaps = pytest.mark.parametrize("loss", MISHAPS, ids=lambda fate: fate.name)
losses = pytest.mark.parametrize("loss", LOSSES, ids=lambda fate: fate.name)
EMPTY = {"content-length": "0"}
DONE = Reply(200, {"content-length": "40"}, b'{"jsonrpc":"2.0","id":1,"result":true}')
REVOKE = calls.revoke_access_token("key", client=ClientCredentials("client"), access_token="token")
UPDATE = calls.update_access_token("key", client=ClientCredentials("client"), access_token="token")


def patience(loss: Fate) -> float:
    """Seconds for a try that nobody will answer; a bound, where somebody will."""
    return 0.25 if loss in TIMED else 2


def conversation(call: Call[Any]) -> Conversation[Any]:
    return Exchange("http://backend", Local("user", "password"), Patience()).single(call)


@mishaps
async def test_a_code_whose_answer_was_lost_is_made_once(provider: Provider, line: Line, loss: Fate) -> None:
    backend = provider.connect(at=line.url, try_timeout=patience(loss))
    line.fates = [loss] if loss in TIMED else [loss, loss]
    count = len(line.fates)

    made = await backend.send(provider.code_call())

    assert {answer.json["result"]["code"] for answer in line.answers} == {made.code}
    assert len({request.key for request in line.requests}) == 1
    assert len(line.requests) > count
    tally("answers that were lost on their way to a client")


@mishaps
async def test_a_code_is_redeemed_once_though_the_answer_was_lost(provider: Provider, line: Line, loss: Fate) -> None:
    backend = provider.connect(at=line.url, try_timeout=patience(loss))
    code = (await backend.send(provider.code_call())).code
    line.fates = [loss]

    token = await backend.send(provider.redeem_call(code))

    assert await provider.tokens() == 1
    assert await provider.world.is_alive(provider.service, token.access_token)
    assert line.requests[1].key == line.requests[2].key != line.requests[0].key
    tally("answers that were lost on their way to a client")


@mishaps
async def test_a_refresh_token_survives_that_its_successor_was_lost(provider: Provider, line: Line, loss: Fate) -> None:
    await provider.world.set_policy(provider.service, refresh_grace=0)
    backend = provider.connect(at=line.url, try_timeout=patience(loss))
    text = (await backend.send(provider.token_call())).refresh_token
    line.fates = [loss]

    for _ in range(2):
        data = TokenData(grant_type="refresh_token", refresh_token=text)
        call = calls.create_access_token(provider.key, client=provider.client, token_data=data)
        text = (await backend.send(call)).refresh_token

    assert await provider.tokens() == 3
    tally("answers that were lost on their way to a client")


async def test_makes_one_token_whatever_befalls_the_line(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url, try_timeout=0.2, timeout=1)
    unavailable = answered(503, b"", Retry_After="0")

    for number in range(1, times(2) + 1):
        line.fates = random.choices([CARRIED, unavailable, *LOSSES], k=3)
        user = f"{USER}-{number}"
        try:
            made = await backend.send(provider.token_call(user_context=user))
        except Unavailable:
            made = None
        listed = await provider.connect().fetch_user_applications(provider.key, user)

        texts = [text for each in listed for text in each.access_tokens]
        assert len(texts) <= 1
        assert made is None or texts == [made.access_token]
        tally("creates over a line that breaks at random")


async def test_makes_a_key_for_each_call_and_uses_the_one_that_is_given(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    call = provider.token_call()

    for each in (call, call, provider.token_call(idempotency_key="given")):
        await backend.send(each)
    await backend.fetch_access_tokens(provider.key, [])

    first, second, given, none = [request.key for request in line.requests]
    assert (given, none) == ("given", None)
    assert first
    assert second
    assert first != second


async def test_makes_no_key_where_nothing_is_sent_again(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url, retries=0)
    line.fates = [CARRIED, LOST_AFTER]

    await backend.send(provider.token_call())
    failure = await backend.failure(provider.token_call())

    assert isinstance(failure, ConnectionFailed)
    assert [request.key for request in line.requests] == [None, None]


@losses
async def test_an_update_is_never_sent_again(provider: Provider, line: Line, loss: Fate) -> None:
    backend = provider.connect(at=line.url, timeout=patience(loss))
    token = (await provider.connect().send(provider.token_call())).access_token
    line.fates = [loss]
    call = calls.update_access_token(provider.key, client=provider.client, access_token=token, scope="write")

    failure = await backend.failure(call)

    assert isinstance(failure, TimedOut if loss in (SILENT, STUCK) else ConnectionFailed)
    assert len(line.requests) == 1


@losses
async def test_reads_and_revocations_are_sent_again(provider: Provider, line: Line, loss: Fate) -> None:
    backend = provider.connect(at=line.url, try_timeout=patience(loss))
    token = (await provider.connect().send(provider.token_call())).access_token

    line.fates = [loss]
    told = await backend.fetch_access_token(provider.key, token)
    line.fates = [loss]
    dead = await backend.revoke_access_token(provider.key, client=provider.client, access_token=token)

    assert told.user_context == USER
    assert dead is True
    assert len(line.requests) >= 4


async def test_a_batch_is_sent_again_if_all_of_it_may_be(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    read = calls.fetch_access_tokens(provider.key, [])
    line.fates = [LOST_AFTER]

    made, _ = await backend.batch([provider.token_call(), read])

    assert await provider.tokens() == 1
    assert made.access_token
    assert line.requests[0].key == line.requests[1].key is not None


async def test_a_batch_of_several_creates_is_never_sent_again(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    line.fates = [LOST_AFTER]

    with pytest.raises(ConnectionFailed):
        await backend.batch([provider.token_call(), provider.code_call()])

    assert [request.key for request in line.requests] == [None]


async def test_a_batch_with_an_update_is_never_sent_again(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    line.fates = [LOST_AFTER]

    with pytest.raises(ConnectionFailed):
        await backend.batch([calls.fetch_access_tokens(provider.key, []), UPDATE])

    assert len(line.requests) == 1


async def test_a_key_cannot_be_shared_by_a_batch(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)

    with pytest.raises(ValueError, match="idempotency_key"):
        await backend.batch([provider.token_call(idempotency_key="key"), provider.code_call()])

    assert line.requests == []


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
