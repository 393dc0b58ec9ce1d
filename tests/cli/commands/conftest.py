"""Servers beside a command that is typed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator

import pytest
from aiohttp.test_utils import TestServer

from ...replay.server import Server

Serve = Callable[..., tuple[Server, str]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers in a thread beside the command, which has a loop of its own."""
    loop, running = asyncio.new_event_loop(), list[TestServer]()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def serve(text: str, *faults: str) -> tuple[Server, str]:
        server = Server(text, *faults, one_uri=True)
        running.append(TestServer(server.app()))
        asyncio.run_coroutine_threadsafe(running[-1].start_server(), loop).result(10)
        return server, str(running[-1].make_url("/")).rstrip("/")

    yield serve
    asyncio.run_coroutine_threadsafe(_close(running), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


async def _close(running: list[TestServer]) -> None:
    for each in running:
        await each.close()
    for _ in range(10):  # turns of the loop, in which connections notice that they are closed
        await asyncio.sleep(0)
