"""The application as a whole: what every answer has, and what none has."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest
from aiohttp import web

from mashery_oauth.provider.app import HEADERS, Runner, create_app
from mashery_oauth.provider.parts import BACKEND
from tests.effort import tally, times
from tests.world import World

from .scene import FORM, Provider, Serve, entry, users

PATHS = (
    "/oauth2/token",
    "/oauth2/revoke",
    "/oauth2/introspect",
    "/oauth2/authorize",
    "/.well-known/oauth-authorization-server",
    "/resource/service",
    "/login",
    "/applications",
    "/nothing",
)


@pytest.fixture
async def provider(serve: Serve, one_world: World) -> Provider:
    """A provider in front of one service."""
    service = await one_world.add_service("draft16")
    return await serve(entry(service) | {"name": "service"})


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_every_answer_has_the_headers_of_a_careful_server(provider: Provider, path: str, method: str) -> None:
    answer = await provider.send(method, path)

    assert answer.status < 500
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"] or "public" in answer.headers["Cache-Control"]
    assert "Strict-Transport-Security" not in answer.headers


async def test_insists_on_tls_where_it_has_it(serve: Serve, one_world: World) -> None:
    service = await one_world.add_service("draft16")
    provider = await serve(entry(service), issuer="https://auth.example.com")

    answer = await provider.get("/nothing")

    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/nothing", "/oauth2", "/oauth2/token/", "/static/../app.py", "/resource"])
async def test_what_is_not_there_is_told_in_two_words(provider: Provider, path: str) -> None:
    answer = await provider.get(f"{path}?secret-of-the-query")

    assert (answer.status, answer.body) == (404, b"Not Found\n")


async def test_no_answer_repeats_what_was_sent(provider: Provider) -> None:
    marks = [f"mark-{number}-of-the-test" for number in range(times(3))]

    for mark in marks:
        for path in PATHS:
            for answer in (
                await provider.get(f"{path}/{mark}?a={mark}", {"X-Mark": mark, "Authorization": f"Basic {mark}"}),
                await provider.send(
                    "POST", path, f"grant_type={mark}&client_id={mark}&token={mark}", {"Content-Type": FORM}
                ),
                await provider.send(mark.upper().replace("-", ""), path),
            ):
                assert mark.encode() not in answer.body.lower()
                # What was posted to the authorization endpoint is asked again, by its own address.
                assert mark not in str({**answer.headers, "Location": ""})
    tally("answers of a provider searched for what was sent", len(marks) * len(PATHS) * 3)


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE-OF-THE-TEST\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nGARBAGE-OF-THE-TEST\r\n\r\n",
        b"POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: GARBAGE-OF-THE-TEST\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: \x00GARBAGE-OF-THE-TEST\r\n\r\n",
    ],
)
@pytest.mark.parametrize("issuer", ["http://127.0.0.1:8084", "https://auth.example.com"])
async def test_what_is_no_http_is_answered_without_a_byte_of_it(provider: Provider, sent: bytes, issuer: str) -> None:
    """An attack found that such an answer named its software, and did not insist on TLS."""
    sock = socket.create_server(("127.0.0.1", 0))
    configuration, backend = replace(provider.configuration, issuer=issuer), provider.http.app[BACKEND]
    runner = Runner(create_app(configuration, backend, users))
    await runner.setup()
    await web.SockSite(runner, sock).start()
    try:
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(sent)
        said = await asyncio.wait_for(reader.read(), 5)
        writer.close()
    finally:
        await runner.cleanup()

    assert said.split(b"\r\n")[0].endswith(b" 400 Bad Request")
    assert b"GARBAGE" not in said
    assert b"\r\nServer:" not in said
    assert (b"\r\nStrict-Transport-Security: max-age=31536000\r\n" in said) is issuer.startswith("https")
    assert all(f"{name}: {value}".encode() in said for name, value in HEADERS.items())
