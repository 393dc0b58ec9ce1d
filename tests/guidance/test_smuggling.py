"""Requests within requests: what comes in one is one request or none, however its length is told."""

from __future__ import annotations

import pytest

from tests.effort import tally
from tests.rpc.conftest import Wire, wire
from tests.rpc.test_http import HELLO, head
from tests.world import World

__all__ = ["wire"]

ECHO = b'{"jsonrpc":"2.0","method":"test.echo","params":["smuggled"],"id":2}'
CLOSE = b"Connection: close"
LENGTH = b"Content-Length: %d"
CHUNKED = b"Transfer-Encoding: chunked"
WHOLE = b"2e\r\n" + HELLO + b"\r\n0\r\n\r\n"


def inner(world: World) -> bytes:
    """A whole request, to be hidden in another."""
    return head(world, CLOSE, LENGTH % len(ECHO)) + ECHO


LENGTHS: list[tuple[bytes, ...]] = [
    (b"Content-Length: %(n)d", b"Content-Length: 0"),
    (b"Content-Length: 0", b"Content-Length: %(n)d"),
    (b"Content-Length: %(n)d, %(n)d",),
    (b"Content-Length: +%(n)d",),
    (b"Content-Length: -%(n)d",),
    (b"Content-Length: 0x2e",),
    (b"Content-Length: 4_6",),
    (b"Content-Length: 46.0",),
    (b"Content-Length: \xb2",),
    (b"Content-Length : %(n)d",),
    (b"Content-Length\x0b: %(n)d",),
    (b"Content-Length: %(n)d", CHUNKED),
    (CHUNKED, b"Content-Length: %(n)d"),
    (b"Transfer-Encoding: xchunked", b"Content-Length: %(n)d"),
    (b"Transfer-Encoding: chunked, identity",),
    (b"Transfer-Encoding: identity, chunked", b"Content-Length: %(n)d"),
    (b"Transfer-Encoding: chunked, chunked",),
    (b"Transfer-Encoding : chunked",),
    (b"Transfer-Encoding:\x0bchunked",),
    (b"Transfer-Encoding\x00: chunked",),
    (b"X: \rTransfer-Encoding: chunked", b"Content-Length: %(n)d"),
    (b"X: \x00", b"Content-Length: %(n)d"),
    (b" X: folded", b"Content-Length: %(n)d"),
    (b"Host: y", b"Content-Length: %(n)d"),
]


@pytest.mark.keeps("AIOHTTP-PARSING")
@pytest.mark.parametrize("lines", LENGTHS, ids=lambda lines: ascii(b" / ".join(lines))[2:60])
@pytest.mark.parametrize("body", [HELLO, WHOLE, b"0\r\n\r\n"], ids=["plain", "chunked", "empty"])
async def test_a_length_told_in_two_ways_hides_no_request(
    one_world: World, wire: Wire, lines: tuple[bytes, ...], body: bytes
) -> None:
    told = [line % {b"n": len(HELLO)} if b"%" in line else line for line in lines]

    heard = await wire.send(head(one_world, *told) + body + inner(one_world))

    tally("requests with an odd length")
    assert b"HTTP/1.1 400 Bad Request\r\n" in heard[:30] or heard.startswith(b"HTTP/1.0 400")
    assert heard.count(b"HTTP/1.") == 1
    assert b"smuggled" not in heard


@pytest.mark.keeps("AIOHTTP-PARSING")
@pytest.mark.parametrize(
    "chunk",
    [
        b"2e;\n\r\n" + HELLO + b"\r\n0\r\n\r\n",
        b"2e;a=\nb\r\n" + HELLO + b"\r\n0\r\n\r\n",
        b"+2e\r\n" + HELLO + b"\r\n0\r\n\r\n",
        b"0x2e\r\n" + HELLO + b"\r\n0\r\n\r\n",
        b"2_e\r\n" + HELLO + b"\r\n0\r\n\r\n",
        b" 2e\r\n" + HELLO + b"\r\n0\r\n\r\n",
        b"2e\n" + HELLO + b"\n0\n\n",
        b"2e\r\n" + HELLO + b"XX0\r\n\r\n",
        b"2e\r\n" + HELLO + b"0\r\n\r\n",
        b"fffffffffffffffff\r\n" + HELLO + b"\r\n0\r\n\r\n",
        b"2e\r\n" + HELLO + b"\r\n0\r\nno trailer\r\n\r\n",
        b"2e\r\n" + HELLO + b"\r\n0\r\nX: \x00\r\n\r\n",
    ],
    ids=lambda chunk: ascii(chunk[:14]),
)
async def test_a_broken_chunk_ends_the_connection(one_world: World, wire: Wire, chunk: bytes) -> None:
    heard = await wire.send(head(one_world, CHUNKED) + chunk + inner(one_world))

    tally("requests with an odd length")
    assert heard.count(b"HTTP/1.") == 1
    assert b" 400 Bad Request\r\n" in heard[:30]
    assert b"smuggled" not in heard


@pytest.mark.keeps("AIOHTTP-PARSING", "GHSA-mfx4-hv73-q22v")
@pytest.mark.parametrize("protocol", [b"websocket", b"h2c", b"TLS/1.2", b"chocolate"])
@pytest.mark.parametrize("method", [b"POST", b"GET"])
@pytest.mark.parametrize("connection", [b"Upgrade", b"Upgrade, HTTP2-Settings", b"upgrade, keep-alive"])
async def test_a_body_behind_an_upgrade_is_a_body(
    one_world: World, wire: Wire, method: bytes, protocol: bytes, connection: bytes
) -> None:
    hidden = inner(one_world)
    shake = (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
    lines = (b"Connection: " + connection, b"Upgrade: " + protocol, *shake, LENGTH % len(hidden))

    first = head(one_world, *lines, method=method) + hidden
    second = head(one_world, CLOSE, LENGTH % len(HELLO)) + HELLO

    heard = await wire.send(first, second, until=b'"id":null')

    assert (b"Parse error" if method == b"POST" else b"Method Not Allowed") in heard
    assert heard.count(b"HTTP/1.1 ") == 2
    assert heard.endswith(b'"result":"Hello!"}')
    assert b"smuggled" not in heard


@pytest.mark.keeps("AIOHTTP-PARSING")
@pytest.mark.parametrize("path", [b"/healthz", b"/metrics", b"/readyz"])
async def test_a_body_that_nobody_reads_is_no_request(one_world: World, wire: Wire, path: bytes) -> None:
    hidden = inner(one_world)

    heard = await wire.send(head(one_world, CLOSE, LENGTH % len(hidden), method=b"GET", path=path) + hidden)

    assert heard.count(b"HTTP/1.1 ") == 1
    assert b'"smuggled"' not in heard
