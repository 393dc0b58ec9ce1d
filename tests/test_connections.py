"""Connections on which too little comes, or no HTTP: they end in bounded time, at the service and at the provider.

An attack found that the provider waited for ever for a head and for a next request.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from resource import RLIMIT_NOFILE, getrlimit

import pytest
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from structlog.testing import capture_logs

from mashery_oauth import connections
from mashery_oauth.provider.app import HEADERS, create_app
from mashery_oauth.provider.app import Runner as ProviderRunner
from mashery_oauth.provider.backend import CONNECTIONS, backend_of
from mashery_oauth.provider.serving import bind
from mashery_oauth.routes import application
from mashery_oauth.rpc.protocol import Runner as ServiceRunner
from mashery_oauth.settings import Settings

from .effort import tally, times
from .provider.scene import configured, entry, users
from .waiting import until
from .world import World

SHORT = 0.3  # seconds
PATIENCE = 20  # seconds
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"  # which the provider does not have, and answers all the same
BEGINNINGS = (b"", b"G", b"GET /healthz HTTP/1.1\r\n", REQUEST[:-2] + b"X: ", b"POST /login HTTP/1.1\r\nHost: x\r\n")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience that a test can wait for."""
    monkeypatch.setattr(connections, "HEAD_PATIENCE", SHORT)


@pytest.fixture
def short_after_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same between two requests, longer than for a first one, which may come late on a busy machine."""
    monkeypatch.setattr(connections, "HEAD_PATIENCE", 5 * SHORT)
    monkeypatch.setattr(connections, "IDLE_PATIENCE", 6 * SHORT)


async def provider_before(world: World) -> web.Application:
    """A provider in front of one service."""
    configuration = configured(world, entry(await world.add_service("rfc6749"), rendering="rfc6749"))
    return create_app(configuration, backend_of(configuration), users)


@pytest.fixture(params=["service", "provider"])
async def runner(request: pytest.FixtureRequest, one_world: World) -> AsyncIterator[connections.Runner]:
    """Either server, as its process runs it; the other tests' patience must be set before."""
    for name in {"short", "short_after_an_answer"} & set(request.fixturenames):
        request.getfixturevalue(name)
    sock = bind("127.0.0.1", 0)
    made: connections.Runner
    if request.param == "service":
        made = ServiceRunner(application(one_world.store, Settings()), sock=sock, shutdown_timeout=1)
    else:
        made = ProviderRunner(await provider_before(one_world), sock=sock, shutdown_timeout=1)
    await made.setup()
    yield made
    await made.cleanup()


async def opened(runner: connections.Runner) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(*runner.addresses[0])


async def heard_after(runner: connections.Runner, sent: bytes) -> bytes:
    """All that comes back until the server closes."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await opened(runner)
        writer.write(sent)
        heard = await reader.read()
        writer.close()
        return heard


@pytest.mark.parametrize("sent", BEGINNINGS, ids=["nothing", "a byte", "a line", "a header", "no end"])
async def test_a_connection_whose_head_does_not_arrive_is_closed(
    short: None, runner: connections.Runner, sent: bytes
) -> None:
    begun = time.monotonic()

    heard = await asyncio.gather(*(heard_after(runner, sent) for _ in range(times(20))))

    assert set(heard) == {b""}
    assert time.monotonic() - begun > SHORT - 0.05
    tally("silent and half-said connections that were closed", len(heard))


async def heard_before_the_end(reader: asyncio.StreamReader) -> bytes:
    """A byte that is sent when the server has closed already ends the connection with a reset."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def test_a_head_that_comes_byte_by_byte_has_no_more_time_for_it(short: None, runner: connections.Runner) -> None:
    reader, writer = await opened(runner)
    closed = asyncio.ensure_future(heard_before_the_end(reader))
    written, begun = 0, time.monotonic()

    async def is_closed() -> bool:
        nonlocal written
        if not closed.done():
            writer.write(b"GET /" if written == 0 else b"a")
            written += 1
        return closed.done()

    await until(is_closed)
    lasted = time.monotonic() - begun
    writer.close()

    assert closed.result() == b""
    assert written > 1
    assert lasted > SHORT - 0.05


async def test_a_connection_that_asks_nothing_more_is_closed(
    short_after_an_answer: None, runner: connections.Runner
) -> None:
    begun = time.monotonic()

    heard = await heard_after(runner, REQUEST + REQUEST + REQUEST[:9])

    assert heard.count(b"HTTP/1.1 ") == 2
    assert 6 * SHORT - 0.05 < time.monotonic() - begun < PATIENCE


async def test_one_connection_too_many_is_closed_and_the_next_is_not(
    monkeypatch: pytest.MonkeyPatch, runner: connections.Runner
) -> None:
    server = runner.server
    assert server is not None
    free = CONNECTIONS if isinstance(runner, ProviderRunner) else 0  # for its backend
    monkeypatch.setattr(connections, "OWN_FILES", getrlimit(RLIMIT_NOFILE)[0] - free - 2)
    monkeypatch.setattr(connections, "FEWEST", 1)

    async def two_are_there() -> bool:
        return len(server.connections) == 2

    async def one_is_there() -> bool:
        return len(server.connections) == 1

    made = [(await opened(runner))[1] for _ in range(2)]
    await until(two_are_there)
    refused = await heard_after(runner, b"")
    made[0].close()
    await until(one_is_there)
    reader, writer = await opened(runner)
    writer.write(REQUEST)
    taken = await asyncio.wait_for(reader.readuntil(b"\r\n"), PATIENCE)
    for each in (*made, writer):
        each.close()

    assert refused == b""
    assert taken.startswith(b"HTTP/1.1 ")


@pytest.fixture
def few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit of open files of which nothing is left to callers."""
    monkeypatch.setattr(connections, "OWN_FILES", getrlimit(RLIMIT_NOFILE)[0])
    monkeypatch.setattr(connections, "FEWEST", 2)


async def test_where_few_files_may_be_open_a_few_are_heard_and_it_is_said(one_world: World, few_files: None) -> None:
    """An attack found that a provider with 164 files said that it serves, and reset everybody."""
    runner = ProviderRunner(await provider_before(one_world), sock=bind("127.0.0.1", 0), shutdown_timeout=1)

    with capture_logs() as said:
        await runner.setup()
    made = [await opened(runner) for _ in range(2)]
    for reader, writer in made:
        writer.write(REQUEST)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n"), PATIENCE)).startswith(b"HTTP/1.1 ")
    refused = await heard_after(runner, b"")
    for _, writer in made:
        writer.close()
    await runner.cleanup()

    assert refused == b""
    (line,) = [line for line in said if line["event"] == "few_open_files"]
    assert (line["log_level"], line["connections"]) == ("warning", 2)
    assert line["needed"] == line["limit"] + CONNECTIONS + 2


def unread(runner: connections.Runner) -> socket.socket:
    """A connection of somebody who takes as little as the system allows before reading."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(runner.addresses[0])
    sock.setblocking(False)
    return sock


async def ask_until_stuck(runner: connections.Runner, sock: socket.socket) -> None:
    """Requests, until the server cannot get rid of its answers."""

    async def is_stuck() -> bool:
        with suppress(BlockingIOError):
            sock.send(REQUEST * 500)
        assert runner.server is not None
        met = [each for each in runner.server.connections if peer_of(each) == sock.getsockname()]
        return any(each.writing_paused for each in met)

    await until(is_stuck)


def peer_of(protocol: RequestHandler) -> object:
    return protocol.transport and protocol.transport.get_extra_info("peername")


async def none_is_there(runner: connections.Runner) -> bool:
    """Whether the server has no connection."""
    assert runner.server is not None
    return not runner.server.connections


@pytest.fixture
def short_for_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience that a test can wait for."""
    monkeypatch.setattr(connections, "WRITE_PATIENCE", 2 * SHORT)


async def test_who_reads_nothing_is_let_go(short_for_writing: None, runner: connections.Runner) -> None:
    """An attack found that such a connection was held without limit."""
    silent = [unread(runner) for _ in range(times(3))]
    with capture_logs() as said:
        await asyncio.gather(*(ask_until_stuck(runner, each) for each in silent))

        await until(lambda: none_is_there(runner))

    for each in silent:
        each.close()
    assert [line["event"] for line in said].count("not_read") == len(silent)
    tally("connections closed that read nothing", len(silent))


async def test_who_reads_slowly_is_not_let_go(short_for_writing: None, runner: connections.Runner) -> None:
    """A little in each patience is enough; the bytes left are counted in the kernel as well."""
    assert runner.server is not None
    slow, loop = unread(runner), asyncio.get_running_loop()
    await ask_until_stuck(runner, slow)

    for _ in range(20):
        assert await loop.sock_recv(slow, 65_536)
        await asyncio.sleep(SHORT / 3)

    assert len(runner.server.connections) == 1
    slow.close()


@pytest.mark.parametrize("end", [b"Connection: close\r\n\r\n", b"\r\n"], ids=["asked for", "after the patience"])
async def test_what_is_left_when_a_connection_is_to_close_is_not_kept_for_ever(
    one_world: World, short_for_writing: None, short_after_an_answer: None, end: bytes
) -> None:
    """Too little for aiohttp to wait for it, and too much for the kernel."""
    sock = bind("127.0.0.1", 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    runner = ProviderRunner(await provider_before(one_world), sock=sock, shutdown_timeout=1)
    await runner.setup()
    silent = unread(runner)

    async def is_left() -> bool:
        assert runner.server is not None
        return any(each._request_count == 60 for each in runner.server.connections)

    with capture_logs() as said:
        silent.send(REQUEST * 59 + REQUEST[:-2] + end)
        await until(is_left)
        await until(lambda: none_is_there(runner))
    silent.close()
    await runner.cleanup()

    assert [line["event"] for line in said].count("not_read") == 1


async def test_an_end_does_not_wait_for_who_reads_nothing(runner: connections.Runner) -> None:
    silent = unread(runner)
    await ask_until_stuck(runner, silent)
    begun = time.monotonic()

    await runner.cleanup()

    assert time.monotonic() - begun < PATIENCE / 2
    silent.close()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"CHOCOLATE\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nCHOC OLATE: 1\r\n\r\n", b"400"),
        (b"GET /CHOCOLATE HTTP/1.1\r\nHost: x\r\nExpect: CHOCOLATE\r\n\r\n", b"417"),
        (b"POST /login HTTP/1.1\r\nHost: x\r\nExpect: CHOCOLATE\r\nContent-Length: 1\r\n\r\nx", b"417"),
    ],
    ids=["no HTTP", "no header", "an expectation", "an expectation of a body"],
)
async def test_what_is_not_understood_is_not_repeated(runner: connections.Runner, sent: bytes, status: bytes) -> None:
    """The provider's answer to an expectation that nobody knows had it in its page."""
    heard = await heard_after(runner, sent)

    assert heard.split()[1] == status
    assert b"CHOCOLATE" not in heard.upper()


async def test_the_provider_refuses_in_its_own_words(one_world: World) -> None:
    sock = bind("127.0.0.1", 0)
    runner = ProviderRunner(await provider_before(one_world), sock=sock)
    await runner.setup()
    try:
        heard = await heard_after(runner, b"CHOCOLATE\r\n\r\n")
    finally:
        await runner.cleanup()

    assert heard.endswith(b"\r\n\r\nBad Request\n")
    assert all(f"{name}: {value}".encode() in heard for name, value in HEADERS.items())


def test_as_many_files_may_be_open_as_the_system_grants(monkeypatch: pytest.MonkeyPatch) -> None:
    set_: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (10, 4000))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_.append(limits))

    connections.raise_limit()

    assert set_ == [(4000, 4000)]
