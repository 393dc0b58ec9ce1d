"""The client for threads: its connections, many threads at once, time-outs between them, and its end."""

from __future__ import annotations

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mashery_oauth.client import BackendError, Client, TimedOut, TokenInfo, calls
from mashery_oauth.dialects import CLOUD
from tests.effort import tally, times
from tests.waiting import until

from .conftest import Provider
from .either import credentials, url
from .forking import forked
from .line import CARRIED, SILENT, STUCK, Line, Message, served
from .test_async_client import users

MANY = 200
THREADS, FEW = 12, 6
EMPTY = b'{"jsonrpc":"2.0","id":2,"result":[]}'


@pytest.fixture
def kind() -> type[Client]:
    """No other client."""
    return Client


def client_of(provider: Provider, at: str = "", **options: float) -> Client:
    return Client(at or url(provider.world), credentials(provider.world, CLOUD), connections=FEW, **options)  # type: ignore[arg-type]


def closing(answer: Message) -> bytes:
    """The answer, after which the connection ends."""
    return answer.head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + answer.body


def in_threads(client: Client, key: str, texts: list[str]) -> list[TokenInfo | BackendError]:
    """What each text stands for, asked by many threads."""

    def told(text: str) -> TokenInfo | BackendError:
        try:
            return client.fetch_access_token(key, text)
        except BackendError as error:
            return error

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(told, texts))


async def test_calls_that_follow_each_other_share_a_connection(provider: Provider, line: Line) -> None:
    def several() -> None:
        with client_of(provider, line.url) as client:
            for _ in range(20):
                client.fetch_access_tokens(provider.key, [])

    await asyncio.to_thread(several)

    assert len(line.requests) == 20
    assert line.connections == 1


async def test_threads_each_get_their_own_answer(provider: Provider, line: Line) -> None:
    tokens = await users(provider, FEW)
    wanted = random.choices(list(tokens.items()), k=times(MANY))

    with client_of(provider, line.url) as client:
        found = await asyncio.to_thread(in_threads, client, provider.key, [text for text, _ in wanted])

    assert [getattr(each, "user_context", each) for each in found] == [user for _, user in wanted]
    assert line.connections <= FEW
    tally("calls of threads on one client", len(wanted))


async def test_an_answer_that_came_too_late_is_nobody_elses(provider: Provider, line: Line) -> None:
    tokens = await users(provider, FEW)
    wanted = random.choices(list(tokens.items()), k=times(60))
    line.fates = random.choices([CARRIED, CARRIED, CARRIED, CARRIED, SILENT, STUCK], k=len(wanted))

    with client_of(provider, line.url, retries=0, timeout=0.5) as client:
        found = await asyncio.to_thread(in_threads, client, provider.key, [text for text, _ in wanted])

    answered = [(each, user) for each, (_, user) in zip(found, wanted, strict=True) if isinstance(each, TokenInfo)]
    assert {type(each) for each in found} <= {TokenInfo, TimedOut}
    assert [each.user_context for each, _ in answered] == [user for _, user in answered]
    assert len(answered) > 10
    tally("calls of threads on one client", len(wanted))


@pytest.mark.parametrize("gap", [0.05, 1.0], ids=["often", "seldom"])
async def test_an_answer_that_comes_drop_by_drop_ends_with_the_time_and_with_its_connection(
    provider: Provider, gap: float
) -> None:
    answers = iter([1000, len(EMPTY)])

    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = next(answers)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
        if length == len(EMPTY):
            writer.write(EMPTY)
        while True:
            await writer.drain()
            await asyncio.sleep(gap)
            writer.write(b" ")

    async with served(dripping) as address:
        backend = provider.connect(at=address, timeout=1.2, retries=0)
        begun = time.monotonic()
        failure = await backend.failure(calls.fetch_access_tokens("key", []))
        took = time.monotonic() - begun
        after = await backend.fetch_access_tokens("key", [])

    assert type(failure) is TimedOut
    assert took < 1.8
    assert after == []


async def test_a_call_that_waits_for_a_connection_has_no_more_time_than_others(provider: Provider, line: Line) -> None:
    """Found that urllib3 does not count the wait for a connection: it took the whole time once more."""
    line.lasting = SILENT
    begun = time.monotonic()

    with client_of(provider, line.url, retries=0, timeout=1.0) as client:
        found = await asyncio.to_thread(in_threads, client, provider.key, ["text"] * THREADS)

    assert {type(each) for each in found} == {TimedOut}
    assert time.monotonic() - begun < 1.8


async def test_a_connection_that_ends_with_its_answer_is_not_used_again(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    call = calls.fetch_access_tokens(provider.key, [])
    line.lasting = replace(CARRIED, answer=closing, cuts=True)

    found = [await backend.send(call) for _ in range(3)]

    assert found == [[], [], []]
    assert line.connections == 3


async def test_a_forked_child_and_its_parent_each_get_their_own_answers(provider: Provider, line: Line) -> None:
    """Found that the two shared a connection and their calls' numbers, so one was told of the other's user."""
    tokens = await users(provider, 4)
    client = client_of(provider, line.url, retries=0)
    await asyncio.to_thread(client.fetch_access_tokens, provider.key, [])
    before = len(line.requests)

    def told(text: str) -> list[str | None]:
        return [client.fetch_access_token(provider.key, text).user_context for _ in range(times(50))]

    (own, user), *others = tokens.items()
    children = [(forked(lambda text=text: told(text)), theirs) for text, theirs in others]  # type: ignore[misc]
    found = await asyncio.to_thread(told, own)
    answers = [(await asyncio.to_thread(child), theirs) for child, theirs in children]

    assert found == [user] * times(50)
    assert answers == [([theirs] * times(50), theirs) for _, theirs in others]
    assert line.connections == 1 + len(children)
    numbers = [request.json["id"] for request in line.requests[before:]]
    assert len(set(numbers)) == len(numbers)
    client.close()
    tally("calls of forked children and their parent", len(numbers))


async def test_a_child_is_not_held_up_by_what_its_parents_threads_were_doing(provider: Provider, line: Line) -> None:
    """Without connections of its own it would wait for those that threads held when it was forked."""
    tokens = await users(provider, 1)
    text, user = next(iter(tokens.items()))
    line.fates = [SILENT] * FEW
    client = client_of(provider, line.url, retries=0, timeout=2.0)

    async def all_asked() -> bool:
        return len(line.requests) == FEW

    asked = asyncio.create_task(asyncio.to_thread(in_threads, client, provider.key, [text] * FEW))
    await until(all_asked)
    child = forked(lambda: client.fetch_access_token(provider.key, text).user_context)

    assert await asyncio.to_thread(child) == user
    assert {type(each) for each in await asked} == {TimedOut}


async def test_cannot_be_used_after_its_end(provider: Provider) -> None:
    client = client_of(provider)
    await asyncio.to_thread(client.fetch_access_tokens, provider.key, [])

    client.close()
    client.close()

    with pytest.raises(RuntimeError, match="The client is closed"):
        client.fetch_access_tokens(provider.key, [])
