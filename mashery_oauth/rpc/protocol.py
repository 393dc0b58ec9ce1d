"""aiohttp's own error pages and their log lines, replaced: JSON, and no byte of a request in either."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from functools import partial
from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
from typing import Any
from weakref import WeakSet

import structlog
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from .. import ports
from ..errors import INTERNAL
from .door import refusal, shortcut

HEAD_PATIENCE = 30.0  # seconds for the first request's head to arrive on a new connection
IDLE_PATIENCE = 75.0  # seconds from one answer to the next request's head
ARRIVAL = 0.1  # seconds that handshakes which have begun when all is to end may take
ARRIVAL_AT_MOST = 1.0  # seconds for what is there to be taken, and again for a first request on each connection
OWN_FILES = 64  # open files that are not left to callers: the store's connections, logs, modules

_log = structlog.get_logger("mashery_oauth.http")
_SILENT = logging.getLogger("mashery_oauth.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
_REASONS = {400: "Bad Request", 408: "Request Timeout", 504: "Gateway Timeout"}


class Protocol(RequestHandler):
    """A connection whose broken requests are answered like all others, and whose last request is read to its end."""

    _manager: _Server | None

    def is_awaited(self) -> bool:
        """Whether its first request is still to come; before that there may be a TLS handshake."""
        return self._manager is not None and not self._request_count

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Closed at once where there are too many; aiohttp's own clock is set to the patience with a first request."""
        super().connection_made(transport)
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
            answer = refusal(status, INTERNAL.message, code=INTERNAL.code)
        else:
            _log.info("bad_request", status=status, error=type(exc).__name__)
            answer = refusal(status, _REASONS.get(status, "Bad Request"))
        answer.force_close()
        return answer


class _Server(Server):
    """Makes a protocol for each connection, as many as there may be open files."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._most = getrlimit(RLIMIT_NOFILE)[0]
        self._taken: WeakSet[Protocol] = WeakSet()  # aiohttp's own set has none of those that are shaking hands

    def is_full(self) -> bool:
        """Whether there are more connections than there should be."""
        return self._most != RLIM_INFINITY and len(self._connections) > self._most - OWN_FILES

    def awaits(self) -> bool:
        """Whether somebody has connected who has asked nothing yet."""
        return any(protocol.is_awaited() for protocol in self._taken)

    def __call__(self) -> RequestHandler:
        made = Protocol(self, loop=self._loop, **self._kwargs)
        self._taken.add(made)
        return made


class Runner(web.AppRunner):
    """Runs an application over such connections, without an access log: calls are counted instead."""

    def __init__(
        self,
        app: web.Application,
        *,
        sock: socket.socket | None = None,
        tls: ssl.SSLContext | None = None,
        shutdown_timeout: float,
    ) -> None:
        """:param sock: bound; it is listened on from :meth:`setup` on, if there is one."""
        super().__init__(
            app, access_log=None, logger=_SILENT, shutdown_timeout=shutdown_timeout, keepalive_timeout=IDLE_PATIENCE
        )
        self._socket, self._tls = sock, tls

    async def setup(self) -> None:
        """Starts the application, and then listens."""
        await super().setup()
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
            shortcut(self.app, made.request_handler),
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            loop=asyncio.get_running_loop(),
            **_options(made),
        )


def _options(server: Server) -> dict[str, Any]:
    return dict(server._kwargs)  # noqa: SLF001  aiohttp offers no other way to its connections' class
