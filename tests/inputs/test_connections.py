"""The bytes of a connection: what is read as one request by us and as two by another never gets that far."""

from __future__ import annotations

import pytest

from tests.effort import tally

from .heard import answers, check_heard
from .line import chunked
from .scene import Scene

WORD = b"chocolate"
BAD_REQUEST = {"jsonrpc": "2.0", "error": {"message": "Bad Request", "code": 400}, "id": None}
HELLO = b'{"jsonrpc":"2.0","method":"test.hello","id":1}'
TLS = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)) + WORD


# Lines of a head, and what is behind it: %d is the length of a call, %b the call, %c the call in a chunk.
LINES = {
    "a length twice": (b"Content-Length: %d\r\nContent-Length: %d", b"%b"),
    "a list of lengths": (b"Content-Length: %d, %d", b"%b"),
    "a length with a sign": (b"Content-Length: +%d", b"%b"),
    "a length in hexadecimal": (b"Content-Length: 0x%d", b"%b"),
    "a length past any number": (b"Content-Length: 99999999999999999999", b"%b"),
    "a length with blanks inside": (b"Content-Length: 1 %d", b"%b"),
    "a blank before the colon": (b"Content-Length : %d", b"%b"),
    "no name": (b": chocolate\r\nContent-Length: %d", b"%b"),
    "a length and chunks": (b"Content-Length: %d\r\nTransfer-Encoding: chunked", b"%c"),
    "chunks and a length": (b"Transfer-Encoding: chunked\r\nContent-Length: %d", b"%c"),
    "chunks twice": (b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"%c"),
    "chunks that are no chunks": (b"Transfer-Encoding: xchunked", b"%c"),
    "chunks that are not the last": (b"Transfer-Encoding: chunked, identity", b"%c"),
    "chunks behind a control character": (b"Transfer-Encoding: \x0bchunked", b"%c"),
    "no chunks at all": (b"Transfer-Encoding: identity", b"%b"),
    "a folded line": (b"Content-Length: %d\r\nX: a\r\n chocolate", b"%b"),
    "a bare carriage return": (b"Content-Length: %d\r\nX: a\rchocolate", b"%b"),
    "a NUL": (b"Content-Length: %d\r\nX: a\x00chocolate", b"%b"),
    "another host": (b"Content-Length: %d\r\nHost: chocolate", b"%b"),
    "a long line": (b"Content-Length: %d\r\nX: " + WORD * 1000, b"%b"),
    "many lines": (b"Content-Length: %d" + b"\r\nX: chocolate" * 1000, b"%b"),
}
SIZES = {  # of a chunk that has the call
    "in hexadecimal with its mark": b"0x%x\r\n%b\r\n0\r\n\r\n",
    "past any number": b"fffffffffffffffff\r\n%b\r\n0\r\n\r\n",
    "with an underscore": b"1_%x\r\n%b\r\n0\r\n\r\n",
    "behind a blank": b" %x\r\n%b\r\n0\r\n\r\n",
    "negative": b"-%x\r\n%b\r\n0\r\n\r\n",
    "none": b"\r\n%b\r\n0\r\n\r\n",
    "with a bare line end": b"%x\n%b\n0\n\n",
    "with a line end in its extension": b"%x;a\nb\r\n%b\r\n0\r\n\r\n",
    "too small": b"1\r\n%b\r\n0\r\n\r\n",
    "with something behind its chunk": b"%x\r\n%bchocolate0\r\n\r\n",
}
STARTS = {  # the first line, in place of one that is right
    "another method": b"CHOCOLATE /v3/json-rpc HTTP/1.1",
    "small letters": b"post /v3/json-rpc HTTP/1.1",
    "a blank before": b" POST /v3/json-rpc HTTP/1.1",
    "a tab": b"POST\t/v3/json-rpc\tHTTP/1.1",
    "something behind": b"POST /v3/json-rpc HTTP/1.1 chocolate",
    "a line before": b"chocolate\r\nPOST /v3/json-rpc HTTP/1.1",
    "HTTP/1.2": b"POST /v3/json-rpc HTTP/1.2",
    "HTTP/0.9": b"POST /v3/json-rpc HTTP/0.9",
    "HTTP/2.0": b"POST /v3/json-rpc HTTP/2.0",
    "no version": b"POST /v3/json-rpc",
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n",
    "a NUL in the path": b"POST /v3/json-rpc\x00 HTTP/1.1",
    "a byte past ASCII in the path": b"POST /v3/json-rpc\xff HTTP/1.1",
    "a byte past ASCII in the query": b"POST /v2/json-rpc/7?apikey=\xff HTTP/1.1",
    "a host that is none": b"POST http://[chocolate/v3/json-rpc HTTP/1.1",
    "a long path": b"POST /v3/json-rpc?" + WORD * 1000 + b" HTTP/1.1",
    "TLS": TLS + b"\r\n",
}


def is_refused(heard: bytes) -> None:
    """:raises AssertionError: it is anything but one answer that says no more than that the request was bad."""
    check_heard(heard)
    (answer,) = answers(heard)
    assert (answer.status, answer.json) == (400, BAD_REQUEST)
    assert WORD not in heard.lower()


@pytest.mark.parametrize("name", LINES)
async def test_a_head_that_may_be_read_in_two_ways_is_refused(hasty: Scene, name: str) -> None:
    body, (line, behind) = hasty.creation, LINES[name]
    sized = line.replace(b"%d", b"%d" % len(body))
    before = await hasty.kept()

    heard = await hasty.line.talk(
        hasty.head(sized) + behind.replace(b"%b", body).replace(b"%c", chunked(body)) + hasty.request(body)
    )

    is_refused(heard)
    assert await hasty.kept() == before
    tally("connections with bad bytes")


@pytest.mark.parametrize("name", SIZES)
async def test_a_chunk_that_may_be_read_in_two_ways_is_refused(hasty: Scene, name: str) -> None:
    body = hasty.creation
    chunk = SIZES[name].replace(b"%x", b"%x" % len(body)).replace(b"%b", body)
    before = await hasty.kept()

    heard = await hasty.line.talk(hasty.head(b"Transfer-Encoding: chunked") + chunk + hasty.request(body))

    is_refused(heard)
    assert await hasty.kept() == before
    tally("connections with bad bytes")


# Found by a run of random bytes: HTTP/2.0, HTTP/0.9 and no version at all were served, and answered in that version.
@pytest.mark.parametrize("name", STARTS)
async def test_a_first_line_that_is_none_is_refused(hasty: Scene, name: str) -> None:
    request = hasty.request(hasty.creation)
    before = await hasty.kept()

    heard = await hasty.line.talk(request.replace(b"POST /v3/json-rpc HTTP/1.1", STARTS[name]))

    is_refused(heard)
    assert heard.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
    assert await hasty.kept() == before
    tally("connections with bad bytes")


@pytest.mark.parametrize("sent", [TLS, b"\x80\x2e\x01\x00\x02", b"\x00" * 100, b"SSH-2.0-chocolate\r\n"])
async def test_another_protocol_is_turned_away_or_outwaited(hasty: Scene, sent: bytes) -> None:
    heard = await hasty.line.talk(sent)

    if heard:
        is_refused(heard)
    assert await hasty.line.talk(hasty.request(HELLO, b"Connection: close"))
