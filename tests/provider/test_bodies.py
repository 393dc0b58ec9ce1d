"""Bodies that never arrive, or arrive broken: an attack found that they were told as faults of our own."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.waiting import until
from tests.world import World

from .scene import FORM, Provider, Serve, entry

PATHS = ["/oauth2/token", "/oauth2/revoke", "/oauth2/introspect", "/oauth2/authorize", "/login", "/logout"]


@pytest.fixture
async def provider(serve: Serve, one_world: World) -> Provider:
    return await serve(entry(await one_world.add_service("rfc6749"), rendering="rfc6749"))


@pytest.mark.parametrize("path", PATHS)
async def test_a_broken_body_is_the_senders_fault(provider: Provider, path: str) -> None:
    with capture_logs() as said:
        answer = await provider.send("POST", path, "xxx", {"Content-Type": FORM, "Content-Encoding": "gzip"})

    assert answer.status == 400
    assert [line for line in said if line["log_level"] == "error"] == []


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_does_not_arrive_is_not_waited_for(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("mashery_oauth.connections.BODY_PATIENCE", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", provider.http.port)

    writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 9\r\n\r\na=".encode())
    async with asyncio.timeout(10):
        head = await reader.readuntil(b"\r\n")
    writer.close()

    assert head.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("path", PATHS)
async def test_a_sender_that_goes_away_is_no_error(provider: Provider, path: str) -> None:
    served: Any = provider.http.server
    server = served.runner.server

    async def is_there() -> bool:
        return len(server.connections) == 1

    async def is_over() -> bool:
        return not server.connections

    with capture_logs() as said:
        _, writer = await asyncio.open_connection("127.0.0.1", provider.http.port)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {FORM}\r\nContent-Length: 9\r\n\r\na=".encode())
        await until(is_there)
        writer.transport.abort()
        await until(is_over)

    assert [line for line in said if line["log_level"] == "error"] == []
