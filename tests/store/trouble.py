"""Trouble for a server that a test has to itself, and patience until it is over."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from redis import Redis

from mashery_oauth.errors import StoreUnavailable
from mashery_oauth.store import Store
from mashery_oauth.store.connection import connect
from mashery_oauth.store.scripts import load


def node(url: str) -> Redis:
    """A client of the one node, or the first node, of a URL."""
    host = urlsplit(url).netloc.split(",")[0]
    return Redis.from_url(f"redis://{host}")


def nodes(url: str) -> list[Redis]:
    """A client of each node of a cluster's URL."""
    return [Redis.from_url(f"redis://{host}") for host in urlsplit(url).netloc.split(",")]


def ask(client: Redis, *command: str | bytes | int) -> Any:
    """What a node answers to a command for which redis-py has no method."""
    return client.execute_command(*command)  # type: ignore[no-untyped-call]


async def teach(known: Store) -> None:
    """Shows every node all scripts, so that a call has no reason to send one twice."""
    for path in resources.files("mashery_oauth.store").joinpath("lua").iterdir():
        await known.link.everywhere("SCRIPT", "LOAD", load(path.name.removesuffix(".lua")).body)


def process_of(url: str) -> int:
    """The process id of a server."""
    with node(url) as client:
        return int(client.info("server")["process_id"])


@contextmanager
def stalled(process: int) -> Iterator[None]:
    """The process stands still: its connections stay, and nothing answers."""
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


@asynccontextmanager
async def linked(url: str, seconds: float = 5) -> AsyncIterator[Any]:
    """A link to a store."""
    link = connect(url, seconds)
    try:
        yield link
    finally:
        await link.close()


async def outcome(call: Awaitable[Any]) -> Any:
    """What a call gives, or that the store was not available to it."""
    try:
        return await call
    except StoreUnavailable as error:
        return error


async def until(condition: Callable[[], Awaitable[bool]], patience: float = 10.0) -> float:
    """Waits for a condition; the seconds that it took."""
    started = time.monotonic()
    while not await condition():
        if time.monotonic() - started > patience:
            raise TimeoutError(f"It did not happen within {patience:.0f} seconds.")
        await asyncio.sleep(0.01)
    return time.monotonic() - started
