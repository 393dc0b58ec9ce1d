"""Bytes that are no HTTP request: answered in JSON like all others, and never repeated."""

from __future__ import annotations

import orjson
import pytest

from tests.rpc.conftest import Wire
from tests.rpc.test_http import head
from tests.world import World

WORD = b"chocolate"
BAD_REQUEST = {"jsonrpc": "2.0", "error": {"message": "Bad Request", "code": 400}, "id": None}


def parts(heard: bytes) -> tuple[bytes, bytes]:
    """Head and body of an answer."""
    first, _, body = heard.partition(b"\r\n\r\n")
    return first, body


@pytest.mark.keeps("AIOHTTP-PARSING")
@pytest.mark.parametrize(
    "sent",
    [
        b"chocolate\r\n\r\n",
        b"CHOCOLATE chocolate chocolate\r\n\r\n",
        b"POST /v3/json-rpc?chocolate HTTP/9.chocolate\r\n\r\n",
        b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nchoco late: 1\r\n\r\n",
        b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nchocolate\r\n\r\n",
        b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nContent-Length: chocolate\r\n\r\n",
        b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nchocolate",
        b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nchocolate",
        b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nchocolate",
        b"POST /v3/json-rpc?" + b"chocolate" * 1000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nX: " + b"chocolate" * 1000 + b"\r\n\r\n",
        b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nX: \x00chocolate\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03chocolate\r\n\r\n",
    ],
)
async def test_what_is_no_http_gets_a_json_400(wire: Wire, sent: bytes) -> None:
    heard = await wire.send(sent)

    first, body = parts(heard)
    assert first.partition(b" ")[2].startswith(b"400 Bad Request\r\n")
    assert b"Content-Type: application/json\r\n" in first
    assert b"Cache-Control: no-store\r\n" in first
    assert orjson.loads(body) == BAD_REQUEST
    assert WORD not in heard.lower()


@pytest.mark.parametrize("chunk", [b"chocolate\r\n", b"5\r\nchocolate\r\n0\r\n\r\n", b"-1\r\nchocolate\r\n"])
async def test_a_body_in_broken_chunks_gets_a_json_400(one_world: World, wire: Wire, chunk: bytes) -> None:
    heard = await wire.send(head(one_world, b"Transfer-Encoding: chunked") + chunk)

    first, body = parts(heard)
    assert first.partition(b" ")[2].startswith(b"400 Bad Request\r\n")
    assert orjson.loads(body) == BAD_REQUEST
    assert WORD not in heard


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br", b"zstd"])
async def test_a_body_that_does_not_unpack_is_refused_in_json(one_world: World, wire: Wire, encoding: bytes) -> None:
    lines = (b"Connection: close", b"Content-Encoding: " + encoding, b"Content-Length: 9")

    heard = await wire.send(head(one_world, *lines) + WORD)

    first, body = parts(heard)
    assert b"Content-Type: application/json" in first
    assert orjson.loads(body)["error"]["code"] in (400, -32700)
    assert WORD not in heard


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Type: chocolate/\xff"],
        [b"Cookie: chocolate=\xff"],
        [b"Accept-Encoding: chocolate"],
        [b"Upgrade: chocolate", b"Connection: upgrade"],
        [b"Range: chocolate"],
        [b"If-Modified-Since: chocolate"],
        [b"X-HTTP-Method-Override: chocolate"],
    ],
)
async def test_odd_headers_change_nothing(one_world: World, wire: Wire, lines: list[bytes]) -> None:
    request = (
        head(one_world, b"Connection: close", *lines, b"Content-Length: 34") + b'{"method":"test.hello","params":[]}'
    )

    heard = await wire.send(request[:-1])

    assert parts(heard)[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert WORD not in heard
