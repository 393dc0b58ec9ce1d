"""Calls that never become one, through no fault of their JSON: too slow, too many, cut off, or our own trouble."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import orjson
import pytest
from structlog.testing import capture_logs

from mashery_oauth import connections
from mashery_oauth.dialects import CLOUD, Dialect
from mashery_oauth.errors import StoreUnavailable
from tests.rpc.conftest import Wire
from tests.rpc.test_http import HELLO, head
from tests.waiting import until
from tests.world import World

SECRET_TEXT = "the password is swordfish"


async def test_a_body_that_does_not_arrive_gets_408(
    one_world: World, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BODY_PATIENCE", 0.05)

    heard = await wire.first_answer(head(one_world, b"Content-Length: 46") + HELLO[:20])

    assert heard.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"Content-Type: application/json\r\n" in heard
    assert b"Cache-Control: no-store\r\n" in heard
    assert heard.endswith(b'{"jsonrpc":"2.0","error":{"message":"Request Timeout","code":408},"id":null}')


async def test_a_client_that_hangs_up_within_a_body_is_no_error_of_ours(
    one_world: World, wire: Wire, capsys: pytest.CaptureFixture[str]
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    writer.write(head(one_world, b"Content-Length: 46") + HELLO[:20])
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    heard = await wire.send(head(one_world, b"Connection: close", b"Content-Length: 46") + HELLO)

    assert heard.endswith(b'"result":"Hello!"}')
    assert "error" not in capsys.readouterr().out


# Found by a kill of the store under a worker that knew no caller yet: its refusals left no line in the log.
async def test_an_outage_before_the_caller_is_known_gets_503(
    one_world: World, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise StoreUnavailable("no answer in time")

    monkeypatch.setattr(one_world.store.configuration, "fresh", fail)

    with capture_logs() as lines:
        answer = await one_world.call("test.hello", dialect=dialect, headers={"X-Request-Id": "request-7"})

    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "jsonrpc": "2.0",
        "error": {"message": "Service temporarily unavailable", "code": -32603},
        "id": None,
    }
    assert lines == [
        {"event": "unavailable", "request_id": "request-7", "cause": "no answer in time", "log_level": "error"}
    ]


async def test_a_fault_of_ours_outside_of_any_method_is_told_without_its_text(
    one_world: World, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise RuntimeError(SECRET_TEXT)

    monkeypatch.setattr(wire.store.configuration, "fresh", fail)

    heard = await wire.send(head(one_world, b"Content-Length: 46") + HELLO)

    assert heard.partition(b" ")[2].startswith(b"500 Internal Server Error\r\n")
    assert orjson.loads(heard.partition(b"\r\n\r\n")[2]) == {
        "jsonrpc": "2.0",
        "error": {"message": "Internal error", "code": -32603},
        "id": None,
    }
    assert SECRET_TEXT.encode() not in heard


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
async def test_clients_of_both_http_versions_are_answered(one_world: World, wire: Wire, version: bytes) -> None:
    request = head(one_world, b"Connection: close", b"Content-Length: 46").replace(b"HTTP/1.1", version) + HELLO

    heard = await wire.send(request)

    assert heard.startswith(version + b" 200 OK\r\n")
    assert heard.endswith(b'"result":"Hello!"}')


async def test_requests_that_come_at_once_are_answered_in_order(one_world: World, wire: Wire) -> None:
    bodies = [b'{"method":"test.echo","params":[%d],"id":%d}' % (number, number) for number in range(10)]
    requests = [head(one_world, b"Content-Length: %d" % len(body)) + body for body in bodies]
    last = head(one_world, b"Connection: close", b"Content-Length: 46") + HELLO

    heard = await wire.send(b"".join(requests) + last)

    places = [heard.index(b'"result":%d,' % number) for number in range(10)]
    assert places == sorted(places)
    assert heard.endswith(b'"result":"Hello!"}')


async def test_a_caller_that_calls_too_often_is_told_to_wait(world: World, dialect: Dialect) -> None:
    await world.write(replace(world.caller, calls_per_second=2))

    answers = [await world.call("test.hello", dialect=dialect) for _ in range(8)]

    refused = [answer for answer in answers if answer.status != 200]
    assert answers[0].result == answers[1].result == "Hello!"
    assert len(refused) >= 1
    assert {answer.status for answer in refused} == {403 if dialect is CLOUD else 429}
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert {answer.headers["Content-Type"] for answer in refused} == {"application/json"}
    assert {answer.headers.get("X-Mashery-Error-Code") for answer in refused} == {
        "ERR_403_DEVELOPER_OVER_QPS" if dialect is CLOUD else None
    }
    assert all(answer.json["id"] is None for answer in refused)


# Found by a run that sent bodies slowly: a caller was let in for as long as it took, whatever became of it meanwhile.
async def test_a_caller_is_looked_at_again_when_its_body_has_arrived(one_world: World, wire: Wire) -> None:
    lines = (b"Connection: close", b"Content-Length: 46")
    known = await wire.send(head(one_world, *lines) + HELLO)
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    writer.write(head(one_world, *lines, b"Expect: 100-continue"))
    let_in = await reader.readuntil(b"\r\n\r\n")

    await one_world.write(replace(one_world.caller, active=False))

    async def is_known() -> bool:
        return wire.store.configuration.version == one_world.store.configuration.version

    await until(is_known)
    writer.write(HELLO)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()

    assert known.startswith(b"HTTP/1.1 200 ")
    assert let_in.startswith(b"HTTP/1.1 100 ")
    assert answer.startswith(b"HTTP/1.1 401 ")
