"""The client for asyncio: its connections, many calls at once, calls that are cancelled, and its end."""

from __future__ import annotations

import asyncio
import gc
import random

import pytest

from mashery_oauth.client import AsyncClient, BackendError, Local, TokenInfo, calls
from mashery_oauth.dialects import CLOUD
from tests.effort import tally, times

from .conftest import Provider
from .either import credentials, url
from .forking import forked
from .line import Line

MANY = 200
FEW = 16


@pytest.fixture
def kind() -> type[AsyncClient]:
    """No other client."""
    return AsyncClient


async def users(provider: Provider, count: int) -> dict[str, str]:
    """Tokens of as many users; a user by each token."""
    backend = provider.connect()
    made = await asyncio.gather(*(backend.send(provider.token_call(user_context=f"user-{n}")) for n in range(count)))
    return {token.access_token: f"user-{n}" for n, token in enumerate(made)}


def client_of(provider: Provider, at: str = "", connections: int = FEW) -> AsyncClient:
    return AsyncClient(at or url(provider.world), credentials(provider.world, CLOUD), connections=connections)


async def test_calls_that_follow_each_other_share_a_connection(provider: Provider, line: Line) -> None:
    async with client_of(provider, line.url) as client:
        for _ in range(20):
            await client.fetch_access_tokens(provider.key, [])

    assert len(line.requests) == 20
    assert line.connections == 1


async def test_many_calls_at_once_each_get_their_own_answer(provider: Provider, line: Line) -> None:
    tokens = await users(provider, FEW)
    wanted = random.choices(list(tokens.items()), k=times(MANY))

    async with client_of(provider, line.url) as client:
        found = await asyncio.gather(*(client.fetch_access_token(provider.key, text) for text, _ in wanted))

    assert [each.user_context for each in found] == [user for _, user in wanted]
    assert line.connections <= FEW
    tally("calls at once on one client", len(wanted))


async def test_a_call_that_is_cancelled_leaves_every_other_its_own_answer(provider: Provider, line: Line) -> None:
    tokens = await users(provider, FEW)
    cancelled = 0

    async with client_of(provider, line.url) as client:

        async def told(text: str) -> TokenInfo:
            return await client.fetch_access_token(provider.key, text)

        for _ in range(times(4)):
            wanted = random.choices(list(tokens.items()), k=MANY // 2)
            tasks = [asyncio.create_task(told(text)) for text, _ in wanted]
            for task in random.sample(tasks, MANY // 4):
                await asyncio.sleep(random.choice([0, 0, 0.001]))  # so that each is cancelled at another point
                task.cancel()
            found = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(
                isinstance(each, asyncio.CancelledError) or getattr(each, "user_context", each) == user
                for each, (_, user) in zip(found, wanted, strict=True)
            )
            cancelled += sum(isinstance(each, asyncio.CancelledError) for each in found)
        after = [await told(text) for text in tokens]

    assert [each.user_context for each in after] == list(tokens.values())
    assert cancelled > 10
    tally("calls that were cancelled on their way", cancelled)


async def test_a_time_limit_of_the_caller_ends_a_call(provider: Provider, line: Line) -> None:
    tokens = await users(provider, FEW)

    async with client_of(provider, line.url) as client:

        async def told(text: str) -> TokenInfo | None:
            try:
                async with asyncio.timeout(random.uniform(0, 0.03)):
                    return await client.fetch_access_token(provider.key, text)
            except TimeoutError:
                return None

        wanted = random.choices(list(tokens.items()), k=times(MANY))
        found = await asyncio.gather(*(told(text) for text, _ in wanted))
        after = await client.fetch_access_tokens(provider.key, list(tokens))

    assert [each and each.user_context for each in after] == list(tokens.values())
    assert all(each is None or each.user_context == user for each, (_, user) in zip(found, wanted, strict=True))


async def test_is_made_outside_of_a_loop_and_used_inside(provider: Provider) -> None:
    client = await asyncio.to_thread(client_of, provider)

    async with client:
        assert await client.fetch_access_tokens(provider.key, []) == []


async def test_a_forked_child_and_its_parent_each_get_their_own_answers(provider: Provider, line: Line) -> None:
    """Found with the other client; this one sent the child's calls on the parent's connection."""
    (own, user), (its, theirs) = (await users(provider, 2)).items()
    client = client_of(provider, line.url)
    await client.fetch_access_tokens(provider.key, [])

    async def told(text: str) -> list[str | None]:
        return [(await client.fetch_access_token(provider.key, text)).user_context for _ in range(times(50))]

    child = forked(lambda: asyncio.run(told(its)))
    found = await told(own)
    answers = await asyncio.to_thread(child)
    after = await told(own)
    await client.close()

    assert found == after == [user] * times(50)
    assert answers == [theirs] * times(50)
    assert line.connections == 2
    tally("calls of forked children and their parent", 3 * times(50))


async def test_cannot_be_used_after_its_end(provider: Provider) -> None:
    used, unused = client_of(provider), client_of(provider)
    await used.fetch_access_tokens(provider.key, [])

    for client in (used, unused):
        await client.close()
        await client.close()
        with pytest.raises(RuntimeError, match="The client is closed"):
            await client.fetch_access_tokens(provider.key, [])


async def test_leaves_nothing_open(provider: Provider) -> None:
    """What is left open is a ResourceWarning, and so a failure."""
    async with client_of(provider) as client:
        await client.fetch_access_tokens(provider.key, [])
    del client

    gc.collect()
    await asyncio.sleep(0)

    assert [task for task in asyncio.all_tasks() if "Client" in repr(task.get_coro())] == []


async def test_sends_a_large_call_without_holding_up_the_loop(provider: Provider) -> None:
    """Found that aiohttp warns of bytes above a size, which is a failure where warnings are."""
    async with client_of(provider) as client:
        found = await client.fetch_access_tokens(provider.key, ["t" * 1000] * 900)

    assert found == [None] * 900


async def test_a_call_in_a_closed_port_fails_soon() -> None:
    async with AsyncClient("http://127.0.0.1:1", Local("user", "password")) as client:
        with pytest.raises(BackendError, match="There is no connection to the backend"):
            await client.send(calls.fetch_access_token("key", "token"))
