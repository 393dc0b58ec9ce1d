"""What is sent again when an answer was lost on its way, and what is not; and that what is made again is made once."""

from __future__ import annotations

import random

import pytest

from mashery_oauth.client import (
    ClientCredentials,
    ConnectionFailed,
    TimedOut,
    TokenData,
    Unavailable,
    calls,
)
from tests.effort import tally, times

from .conftest import USER, Provider
from .line import CARRIED, LOST_AFTER, LOST_BEFORE, SILENT, STUCK, TORN, Fate, Line, answered

UPDATE = calls.update_access_token("key", client=ClientCredentials("client"), access_token="token")
MISHAPS = [LOST_BEFORE, LOST_AFTER, TORN, SILENT]
LOSSES = [*MISHAPS, STUCK]
TIMED = (SILENT, STUCK)
mishaps = pytest.mark.parametrize("loss", MISHAPS, ids=lambda fate: fate.name)
losses = pytest.mark.parametrize("loss", LOSSES, ids=lambda fate: fate.name)


def patience(loss: Fate) -> float:
    """Seconds for a try that nobody will answer; a bound, where somebody will."""
    return 0.25 if loss in TIMED else 2


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
