"""Connections of callers: bounded in number and in time, closed with care, and told in few words what is no HTTP.

aiohttp's own error pages and their log lines are replaced: no byte of a request is in either.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import resource
import socket
import ssl
import struct
import termios
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any
from weakref import WeakSet

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler, RequestPayloadError
from aiohttp.web_server import Server

from . import ports

HEAD_PATIENCE = 30.0  # seconds for the first request's head to arrive on a new connection
IDLE_PATIENCE = 75.0  # seconds from one answer to the next request's head
BODY_PATIENCE = 30.0  # seconds for a body to arrive
WRITE_PATIENCE = 30.0  # seconds in which nothing at all of an answer is taken
ARRIVAL = 0.1  # seconds that handshakes which have begun when all is to end may take
ARRIVAL_AT_MOST = 1.0  # seconds for what is there to be taken, and again for a first request on each connection
OWN_FILES = 64  # open files that are not left to callers: the store's connections, logs, modules
FEWEST = 16  # connections that are taken even where so few files may be open that none would be left

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refuse = Callable[[int], web.Response]  # the answer to what never became a request, for an HTTP status

_log = structlog.get_logger("mashery_oauth.http")
_SILENT = logging.getLogger("mashery_oauth.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Protocol(RequestHandler):
    """A connection whose broken requests are answered like all others, and whose last request is read to its end."""

    _manager: _Server | None

    def __init__(self, manager: _Server, refuse: Refuse, **options: Any) -> None:
        super().__init__(manager, **options)
        self._refuse = refuse
        self._line: asyncio.Transport | None = None  # aiohttp forgets its own before all is written
        self._impatience: asyncio.TimerHandle | None = None

    def is_awaited(self) -> bool:
        """Whether its first request is still to come; before that there may be a TLS handshake."""
        return self._manager is not None and not self._request_count

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Closed at once where there are too many; aiohttp's own clock is set to the patience with a first request."""
        super().connection_made(transport)
        self._line = self.transport
        if self._manager is not None and self._manager.is_full():
            self.force_close()
        elif self._keepalive_handle is not None:
            self._keepalive_handle.cancel()
            self._next_keepalive_close_time = asyncio.get_running_loop().time() + HEAD_PATIENCE
            self._process_keepalive()  # too early: so it sets itself anew

    def data_received(self, data: bytes) -> None:
        """Once it is told to close, aiohttp's drops the rest of a body, and so the call that waits for it."""
        request = self._current_request
        if not (self._close or self._force_close) or request is None or request.content.is_eof():
            super().data_received(data)
            return
        state = self._close, self._force_close
        self._close = self._force_close = False
        super().data_received(data)
        self._close, self._force_close = state

    async def start(self) -> None:
        """Answers requests; what is left of the answers at the end is written without aiohttp."""
        try:
            await super().start()
        finally:
            self._watch_writing()

    def pause_writing(self) -> None:
        """The other side takes no more for now."""
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        """It has taken nearly all."""
        super().resume_writing()
        self._end_watching()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing is left to be written."""
        self._line = None
        self._end_watching()
        super().connection_lost(exc)

    def _watch_writing(self) -> None:
        """Until all is written, somebody must take something now and then."""
        if self._impatience is None and self._line is not None and self._line.get_write_buffer_size():
            self._expect_less(self._line, _unsent(self._line))

    def _expect_less(self, line: asyncio.Transport, unsent: int) -> None:
        loop = asyncio.get_running_loop()
        self._impatience = loop.call_later(WRITE_PATIENCE, self._judge_writing, line, unsent)

    def _judge_writing(self, line: asyncio.Transport, before: int) -> None:
        """Any difference is a reader: also more than before, as the rest of an answer may have come behind."""
        left = _unsent(line)
        if left != before:
            self._expect_less(line, left)
            return
        _log.info("not_read", unsent=left)
        line.abort()

    def _end_watching(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no HTTP, or broke the handler; the connection is closed behind it."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is under way already")
        if status >= 500:
            _log.error("http", status=status, error=type(exc).__name__, exc_info=exc)
        else:
            _log.info("bad_request", status=status, error=type(exc).__name__)
        return last(self._refuse(status))


class _Server(Server):
    """Makes a protocol for each connection, as many as there may be open files."""

    def __init__(self, handler: Any, refuse: Refuse, kept_free: int, **options: Any) -> None:
        super().__init__(handler, **options)
        self._refuse = refuse
        self._most, self._kept_free = resource.getrlimit(resource.RLIMIT_NOFILE)[0], kept_free
        self._taken: WeakSet[Protocol] = WeakSet()  # aiohttp's own set has none of those that are shaking hands

    def is_full(self) -> bool:
        """Whether there are more connections than there should be."""
        return self._most != resource.RLIM_INFINITY and len(self._connections) > max(self._left(), FEWEST)

    def warn_of_few(self) -> None:
        """Says so where the limit of open files leaves hardly any to callers."""
        if self._most != resource.RLIM_INFINITY and self._left() < FEWEST:
            needed = OWN_FILES + self._kept_free + FEWEST
            _log.warning("few_open_files", limit=self._most, needed=needed, connections=FEWEST)

    def _left(self) -> int:
        return self._most - OWN_FILES - self._kept_free

    def awaits(self) -> bool:
        """Whether somebody has connected who has asked nothing yet."""
        return any(protocol.is_awaited() for protocol in self._taken)

    def __call__(self) -> RequestHandler:
        made = Protocol(self, self._refuse, loop=self._loop, **self._kwargs)
        self._taken.add(made)
        return made


class Runner(web.AppRunner):
    """Runs an application over such connections, without an access log: addresses may hold what is secret."""

    def __init__(
        self,
        app: web.Application,
        *,
        refuse: Refuse,
        around: Callable[[Handler], Handler],
        sock: socket.socket | None = None,
        tls: ssl.SSLContext | None = None,
        kept_free: int = 0,
        shutdown_timeout: float,
    ) -> None:
        """Nothing is served before :meth:`setup`.

        :param refuse: answers what is no HTTP.
        :param around: makes of the application's handler the one that is called.
        :param sock: bound; it is listened on from :meth:`setup` on, if there is one.
        :param kept_free: open files that are not left to callers, besides ``OWN_FILES``.
        """
        super().__init__(
            app, access_log=None, logger=_SILENT, shutdown_timeout=shutdown_timeout, keepalive_timeout=IDLE_PATIENCE
        )
        self._refuse, self._around = refuse, around
        self._socket, self._tls, self._kept_free = sock, tls, kept_free

    async def setup(self) -> None:
        """Starts the application, and then listens."""
        await super().setup()
        if isinstance(self.server, _Server):
            self.server.warn_of_few()
        if self._socket is not None:
            await web.SockSite(self, self._socket, backlog=ports.BACKLOG, ssl_context=self._tls).start()

    async def cleanup(self) -> None:
        """Ends. Who has connected before is heard: the kernel resets what nobody takes, aiohttp closes the silent."""
        if self._socket is not None and self.sites:
            await asyncio.sleep(ARRIVAL)
            await self._passed(partial(ports.has_waiting, self._socket))
            for site in self.sites:
                await site.stop()
            await self._passed(self._awaits)
        await super().cleanup()

    async def _passed(self, holds: Callable[[], bool]) -> None:
        end = asyncio.get_running_loop().time() + ARRIVAL_AT_MOST
        while holds() and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110  nothing tells when it has passed
            await asyncio.sleep(ARRIVAL / 10)

    def _awaits(self) -> bool:
        return isinstance(self.server, _Server) and self.server.awaits()

    async def _make_server(self) -> Server:
        made = await super()._make_server()
        return _Server(
            self._around(made.request_handler),
            self._refuse,
            self._kept_free,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=asyncio.get_running_loop(),
            **_options(made),
        )


def _options(server: Server) -> dict[str, Any]:
    return dict(server._kwargs)  # noqa: SLF001  aiohttp offers no other way to its connections' class


def _unsent(line: asyncio.Transport) -> int:
    """Bytes that the other side has not taken, in the process and in the kernel.

    A large buffer of the kernel hides from the process for minutes that a slow reader reads.
    """
    left = line.get_write_buffer_size()
    with suppress(OSError):  # a system that does not tell, or a socket that is closed
        told = fcntl.ioctl(line.get_extra_info("socket").fileno(), termios.TIOCOUTQ, bytes(4))
        left += struct.unpack("i", told)[0]
    return left


def last(answer: web.Response) -> web.Response:
    """The answer after which its connection is closed: who knows what else is in there."""
    answer.force_close()
    return answer


async def read_body(request: web.Request) -> bytes:
    """The body, in bounded time.

    :raises web.HTTPBadRequest: it is broken, or its sender has gone.
    :raises web.HTTPRequestTimeout: it does not arrive.
    :raises web.HTTPRequestEntityTooLarge: it is larger than the application takes.
    """
    try:
        async with asyncio.timeout(BODY_PATIENCE):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest from None


def raise_limit() -> None:
    """As many open files, and so connections, as the system grants."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # macOS says "no limit" and does not mean it
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
