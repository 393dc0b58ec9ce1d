"""The connections of the client for threads: whatever an answer is made of, it ends with the call's time."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from mashery_oauth.client import Client, TimedOut, calls
from tests.certificates import sign_itself
from tests.effort import tally

from .conftest import Provider
from .line import served

FETCH = calls.fetch_access_tokens("key", [])
LIMIT, SLACK = 0.6, 0.5  # seconds
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
EMPTY = b'{"jsonrpc":"2.0","id":%d,"result":[]}'
# What begins an answer, and what then comes for ever: slowly, a piece at a time, or as fast as it is read.
ENDLESS = {
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a head, drop by drop": (b"HTTP/1.1 200 OK\r\nA: ", b"a"),
    "trailers": (CHUNKED + b"2\r\n[]\r\n0\r\n", b"A: b\r\n"),
    "the length of a chunk, drop by drop": (CHUNKED + b"2;", b"a"),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
}
FAST = ("interim answers", "trailers", "chunks")


@pytest.fixture
def kind() -> type[Client]:
    """No other client."""
    return Client


class Endless:
    """Answers the first connection with what never ends, and the others as is right."""

    def __init__(self, begin: bytes, pieces: Iterator[bytes], gap: float) -> None:
        self.begin, self.pieces, self.gap, self.connections = begin, pieces, gap, 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await reader.readuntil(b"\r\n\r\n")
        if self.connections > 1:
            body = EMPTY % 2
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await reader.read()
        writer.write(self.begin)
        for piece in self.pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(self.gap)


async def check_ends_in_time(provider: Provider, server: Endless, address: str, **options: Any) -> None:
    backend = provider.connect(at=address, timeout=LIMIT, retries=0, **options)

    begun = time.monotonic()
    failure = await backend.failure(FETCH)
    took = time.monotonic() - begun
    after = await backend.send(FETCH)

    assert type(failure) is TimedOut
    assert took < LIMIT + SLACK
    assert after == []
    assert server.connections == 2
    tally("answers without an end")


@pytest.mark.parametrize("what", ENDLESS)
async def test_an_answer_that_never_ends_takes_no_more_than_the_time(provider: Provider, what: str) -> None:
    """Found that each piece that came gave the whole call its time anew, so that it never ended."""
    begin, piece = ENDLESS[what]
    server = Endless(begin, repeat(piece), 0.1)

    async with served(server) as address:
        await check_ends_in_time(provider, server, address)


@pytest.mark.parametrize("what", FAST)
async def test_an_answer_that_never_ends_and_never_waits_takes_no_more_than_the_time(
    provider: Provider, what: str
) -> None:
    begin, piece = ENDLESS[what]
    server = Endless(begin, repeat(piece * 50), 0)

    async with served(server) as address:
        await check_ends_in_time(provider, server, address)


async def test_an_answer_that_never_ends_takes_no_more_than_the_time_with_tls(
    provider: Provider, tmp_path: Path
) -> None:
    begin, piece = ENDLESS["trailers"]
    certificate, key = sign_itself(tmp_path)
    own = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    own.load_cert_chain(certificate, key)
    server = Endless(begin, repeat(piece), 0.1)

    async with served(server, ssl=own) as address:
        trusting = ssl.create_default_context(cafile=certificate)
        await check_ends_in_time(provider, server, address, ssl=trusting)
