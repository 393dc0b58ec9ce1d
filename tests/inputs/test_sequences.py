"""Requests behind each other, in pieces, and without an end: each is answered in its turn, or not at all."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from mashery_oauth.dialects import DIALECTS
from tests.effort import tally

from .heard import answers, check_heard
from .line import Line, chunked
from .scene import Scene

HELLO = b'{"jsonrpc":"2.0","method":"test.hello","id":1}'
BAD_REQUEST = {"jsonrpc": "2.0", "error": {"message": "Bad Request", "code": 400}, "id": None}


TAKEN = {
    "chunks": (b"Transfer-Encoding: chunked", chunked(HELLO)),
    "a chunk with an extension": (b"Transfer-Encoding: chunked", chunked(HELLO, extension=b";a=b;c")),
    "a chunk with a long extension": (b"Transfer-Encoding: chunked", chunked(HELLO, extension=b";" + b"a" * 100_000)),
    "chunks with a trailer": (b"Transfer-Encoding: chunked", chunked(HELLO, trailer=b"X: y\r\n")),
    "chunks of one byte": (
        b"Transfer-Encoding: chunked",
        b"".join(b"1\r\n%c\r\n" % byte for byte in HELLO) + b"0\r\n\r\n",
    ),
    "a length with a zero before": (b"Content-Length: 046", HELLO),
    "the longest line": (b"Content-Length: 46\r\nX: " + b"a" * 8187, HELLO),
    "a hundred lines": (b"Content-Length: 46" + b"\r\nX: y" * 100, HELLO),
    "an upgrade that nobody makes": (b"Content-Length: 46\r\nUpgrade: h2c\r\nHTTP2-Settings: x", HELLO),
}


@pytest.mark.parametrize("name", TAKEN)
async def test_what_is_odd_but_plain_is_taken(scene: Scene, name: str) -> None:
    line, body = TAKEN[name]

    answer = await scene.line.ask(scene.head(line) + body)

    assert answer.result == "Hello!"


@pytest.mark.parametrize(
    "path", [b"http://x/v3/json-rpc", b"/v3/json-rpc?x=%ff&y", b"/v3/json-rpc#x", b"/v3/json-rpc/"]
)
async def test_a_path_may_be_written_otherwise(scene: Scene, path: bytes) -> None:
    answer = await scene.line.ask(scene.request(HELLO).replace(b"/v3/json-rpc", path, 1))

    assert answer.result == "Hello!"


@pytest.mark.parametrize("more", [b"", b"Connection: keep-alive\r\n", b"Connection: close\r\n"])
async def test_http_1_0_is_answered_in_kind(hasty: Scene, more: bytes) -> None:
    request = hasty.request(HELLO).replace(b"HTTP/1.1\r\n", b"HTTP/1.0\r\n" + more)

    heard = await hasty.line.talk(request)

    assert heard.startswith(b"HTTP/1.0 200 OK\r\n")
    assert (b"\r\nConnection: keep-alive\r\n" in heard) == (b"keep-alive" in more)
    assert heard.endswith(b'"result":"Hello!"}')


@pytest.mark.parametrize(
    ("method", "statuses"),
    [
        *((method, [405]) for method in (b"GET", b"HEAD", b"TRACE", b"OPTIONS", b"PUT", b"DELETE")),
        (b"CONNECT", [405, 400]),
    ],  # which has no body, so that what follows is the next request
)
async def test_a_call_by_another_method_is_not_carried_out(hasty: Scene, method: bytes, statuses: list[int]) -> None:
    body = hasty.creation
    before = await hasty.kept()

    heard = await hasty.line.talk(hasty.head(b"Content-Length: %d" % len(body), method=method) + body)

    check_heard(heard)
    assert [answer.status for answer in answers(heard)] == statuses
    assert await hasty.kept() == before


async def test_pipelined_calls_are_answered_in_their_order(scene: Scene) -> None:
    calls = [orjson.dumps({"jsonrpc": "2.0", "method": "test.echo", "params": [n], "id": n}) for n in range(200)]
    requests = [scene.request(body, dialect=DIALECTS[n % 3]) for n, body in enumerate(calls)]
    last = scene.request(HELLO, b"Connection: close")

    heard = await scene.line.talk(b"".join(requests) + last)

    assert [answer.result for answer in answers(heard)] == [*range(200), "Hello!"]
    tally("pipelined requests", 201)


async def test_what_is_behind_a_bad_request_is_never_carried_out(scene: Scene) -> None:
    good = scene.request(HELLO)
    before = await scene.kept()

    heard = await scene.line.talk(good * 3 + b"chocolate\r\n\r\n" + scene.request(scene.creation) * 3)

    found = list(answers(heard))
    assert [answer.status for answer in found] in ([200, 200, 200, 400], [400])  # the parser may be ahead of the calls
    assert found[-1].json == BAD_REQUEST
    assert await scene.kept() == before


async def test_a_request_within_a_body_is_not_a_request(scene: Scene) -> None:
    inner = scene.request(scene.creation).decode("latin-1")
    before = await scene.kept()

    heard = await scene.line.talk(scene.request(scene.written("test.echo", [inner]), b"Connection: close"))

    (answer,) = answers(heard)
    assert answer.result == inner
    assert await scene.kept() == before


async def test_a_body_that_a_refused_method_has_is_not_a_request(scene: Scene) -> None:
    inner = scene.request(scene.creation)
    before = await scene.kept()

    heard = await scene.line.talk(
        scene.head(b"Content-Length: %d" % len(inner), method=b"GET")
        + inner
        + scene.request(HELLO, b"Connection: close")
    )

    assert [answer.status for answer in answers(heard)] == [405, 200]
    assert await scene.kept() == before


async def test_a_request_may_come_byte_by_byte(scene: Scene) -> None:
    request = scene.request(HELLO, b"Connection: close")

    heard = await scene.line.talk(*(bytes([byte]) for byte in request))

    assert heard.endswith(b'"result":"Hello!"}')


async def never_ending(line: Line, beginning: bytes, more: bytes) -> bytes:
    """Sends a beginning and then more of the same for as long as the other side listens; what it says."""
    heard = bytearray()
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)

        async def listen() -> None:
            while some := await reader.read(65_536):
                heard.extend(some)

        listening = asyncio.create_task(listen())
        writer.write(beginning)
        while not (listening.done() or writer.is_closing()):
            writer.write(more)
            await asyncio.sleep(0)
        await asyncio.gather(listening, return_exceptions=True)  # it may have been reset: we sent what nobody read
        writer.close()
    return bytes(heard)


@pytest.mark.parametrize(
    ("line", "more"),
    [(b"Content-Length: 1000000000", b" "), (b"Transfer-Encoding: chunked", b"1\r\n \r\n")],
    ids=["sized", "chunked"],
)
async def test_a_body_that_never_ends_is_ended(hasty: Scene, line: bytes, more: bytes) -> None:
    heard = await never_ending(hasty.line, hasty.head(line), more)

    check_heard(heard)
    assert {answer.status for answer in answers(heard)} <= {408, 413}


@pytest.mark.parametrize("beginning", [b"", b"POST /v3/json-rpc HTTP/1.1\r\nX: ", b"POST /v3/json-rpc HTTP/1.1\r\n"])
@pytest.mark.parametrize("more", [b"a", b"\r\n", b"X: y\r\n"])
async def test_a_head_that_never_ends_is_ended(hasty: Scene, beginning: bytes, more: bytes) -> None:
    heard = await never_ending(hasty.line, beginning, more)

    check_heard(heard)
    assert {answer.status for answer in answers(heard)} <= {400}
