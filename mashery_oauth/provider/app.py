"""The provider as one aiohttp application: its parts, its routes, and what every answer has in common."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import hdrs, web
from aiohttp.web_protocol import RequestHandler
from aiohttp.web_server import Server

from ..client import AsyncClient
from . import (
    applications,
    consent,
    introspection,
    login,
    metadata,
    pages,
    resource,
    revocation,
    sessions,
    token,
)
from .configuration import Configuration
from .lifetimes import LIFETIMES, Lifetimes
from .mac import Nonces
from .parameters import LARGEST
from .parts import BACKEND, CONFIGURATION, DOOR, REGISTRY
from .registry import Registry
from .users import Door, Users

# On every answer; a page that shows something says itself what it may load.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_HSTS = "max-age=31536000"
_REASONS = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 413: "Request Too Large"}
_log = structlog.get_logger("mashery_oauth.provider")
_SILENT = logging.getLogger("mashery_oauth.provider.silent")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def create_app(configuration: Configuration, client: AsyncClient, users: Users) -> web.Application:
    """The provider over a backend.

    :param client: calls the backend; it is closed with the application.
    :param users: who may log in; a file of them, or any function that knows.
    """
    app = web.Application(client_max_size=LARGEST, middlewares=[_plain_failures])
    app[CONFIGURATION], app[BACKEND], app[DOOR] = configuration, client, Door(users)
    app[REGISTRY] = Registry(client, configuration.services)
    app[LIFETIMES], app[resource.NONCES] = Lifetimes(), Nonces()
    sessions.setup(app)
    pages.setup(app)
    for endpoint in (consent, login, applications, token, revocation, introspection, metadata, resource):
        endpoint.add_routes(app)
    app.on_response_prepare.append(_with_headers)
    app.on_cleanup.append(_close)
    return app


async def _with_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.app[CONFIGURATION].https:
        response.headers.setdefault("Strict-Transport-Security", _HSTS)
    if hdrs.SERVER in response.headers:
        del response.headers[hdrs.SERVER]


@web.middleware
async def _plain_failures(request: web.Request, handler: _Handler) -> web.StreamResponse:
    """What goes wrong outside of a page or an endpoint is told in two words, and none of the request's."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _plain(error.status, {name: value for name, value in error.headers.items() if name == hdrs.ALLOW})
    except Exception as error:  # noqa: BLE001  whatever it was, its text is not for whoever asked
        _log.error("failed", error=type(error).__name__, exc_info=error)
        return _plain(500)


def _plain(status: int, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=_REASONS.get(status, "Error") + "\n", headers=headers)


async def _close(app: web.Application) -> None:
    await app[BACKEND].close()


class _Protocol(RequestHandler):
    """A connection on which what is no HTTP is answered without a byte of it."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """See :class:`aiohttp.web_protocol.RequestHandler`."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is under way already")
        _log.info("bad_request", status=status, error=type(exc).__name__)
        answer = web.Response(status=status, text=_REASONS.get(status, "Error") + "\n", headers=HEADERS)
        answer.force_close()
        return answer


class _Server(Server):
    """Makes such a protocol for each connection."""

    def __call__(self) -> RequestHandler:
        return _Protocol(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs the application over such connections. There is no access log: addresses have codes and states in them."""

    def __init__(self, app: web.Application, *, shutdown_timeout: float = 10.0) -> None:
        super().__init__(app, access_log=None, logger=_SILENT, shutdown_timeout=shutdown_timeout)

    async def _make_server(self) -> Server:
        made = await super()._make_server()
        options: dict[str, Any] = dict(made._kwargs)  # noqa: SLF001  aiohttp offers no other way to its connections' class
        return _Server(made.request_handler, request_factory=made.request_factory, loop=self._loop_of(made), **options)

    @staticmethod
    def _loop_of(made: Server) -> Any:
        return made._loop  # noqa: SLF001  as above
