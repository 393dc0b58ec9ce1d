"""Connections that are opened and not used: they end, and there are never too many of them."""

from __future__ import annotations

import asyncio
import time
from resource import RLIMIT_NOFILE, getrlimit

import pytest

from mashery_oauth import connections
from tests.rpc.conftest import PATIENCE, Wire
from tests.rpc.test_http import HELLO, head
from tests.world import World

SHORT = 0.3  # seconds


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The patience of the server, before it is made."""
    monkeypatch.setattr(connections, "HEAD_PATIENCE", SHORT)
    monkeypatch.setattr(connections, "IDLE_PATIENCE", 2 * SHORT)


@pytest.fixture
def two_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is left to callers."""
    monkeypatch.setattr(connections, "OWN_FILES", getrlimit(RLIMIT_NOFILE)[0] - 2)
    monkeypatch.setattr(connections, "FEWEST", 2)


# Found by a run of a thousand such connections: nothing ever ended them.
@pytest.mark.parametrize("sent", [b"", b"POST", b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nX: "])
async def test_a_connection_whose_first_head_does_not_end_is_closed(short: None, wire: Wire, sent: bytes) -> None:
    begun = time.monotonic()

    heard = await wire.send(sent)

    assert heard == b""
    assert SHORT - 0.05 < time.monotonic() - begun < 2 * SHORT


async def test_a_connection_with_nothing_to_say_any_more_is_closed(short: None, one_world: World, wire: Wire) -> None:
    request = head(one_world, b"Content-Length: %d" % len(HELLO)) + HELLO
    begun = time.monotonic()

    heard = await wire.send(request, request, request[:20], until=b'"result":"Hello!"}')

    assert heard.count(b"200 OK") == 2
    assert time.monotonic() - begun > 2 * SHORT - 0.05


async def test_a_body_may_take_longer_than_a_head(short: None, one_world: World, wire: Wire) -> None:
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(head(one_world, b"Connection: close", b"Content-Length: %d" % len(HELLO)))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 2 * SHORT)

        writer.write(HELLO)
        heard = await reader.read()
        writer.close()

    assert heard.endswith(b'"result":"Hello!"}')


# Found by a run with as many connections as open files: the store's own could not be opened any more.
async def test_connections_leave_open_files_for_the_store(two_connections: None, one_world: World, wire: Wire) -> None:
    call = head(one_world, b"Connection: close", b"Content-Length: %d" % len(HELLO)) + HELLO

    async with asyncio.timeout(PATIENCE):
        first = [await asyncio.open_connection("127.0.0.1", wire.port) for _ in range(2)]
        refused = await wire.send()
        first[0][1].write(call)
        answered = await first[0][0].read()
        later = await wire.send(call)
        for _, writer in first:
            writer.close()

    assert refused == b""
    assert answered.endswith(b'"result":"Hello!"}')
    assert later.endswith(b'"result":"Hello!"}')
