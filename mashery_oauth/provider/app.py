"""The provider as one aiohttp application: its parts, its routes, and what every answer has in common."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from functools import partial

import structlog
from aiohttp import hdrs, web

from .. import connections
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
from .backend import CONNECTIONS, Backend
from .configuration import Configuration
from .lifetimes import LIFETIMES, Lifetimes
from .mac import Nonces
from .parameters import LARGEST
from .parts import BACKEND, CONFIGURATION, DOOR, REGISTRY
from .policies import POLICIES, Policies
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
_HSTS = {"Strict-Transport-Security": "max-age=31536000"}
_REASONS = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout"}
_REASONS |= {413: "Request Too Large", 417: "Expectation Failed"}
_log = structlog.get_logger("mashery_oauth.provider")


def create_app(configuration: Configuration, backend: Backend, users: Users) -> web.Application:
    """The provider over a backend.

    :param backend: it is closed with the application.
    :param users: who may log in; a file of them, or any function that knows.
    """
    app = web.Application(client_max_size=LARGEST, middlewares=[_plain_failures])
    app[CONFIGURATION], app[BACKEND], app[DOOR] = configuration, backend, Door(users)
    app[REGISTRY] = Registry(backend, configuration.services)
    app[POLICIES] = Policies(backend, configuration.services)
    app[LIFETIMES], app[resource.NONCES] = Lifetimes(), Nonces()
    sessions.setup(app)
    pages.setup(app)
    for endpoint in (consent, login, applications, token, revocation, introspection, metadata, resource):
        endpoint.add_routes(app)
    app.on_response_prepare.append(_with_headers)
    app.on_cleanup.append(_close)
    return app


async def _with_headers(request: web.Request, response: web.StreamResponse) -> None:
    for name, value in _headers(request.app).items():
        response.headers.setdefault(name, value)
    if hdrs.SERVER in response.headers:
        del response.headers[hdrs.SERVER]


def _headers(app: web.Application) -> Mapping[str, str]:
    configuration = app.get(CONFIGURATION)
    return HEADERS | _HSTS if configuration is not None and configuration.https else HEADERS


@web.middleware
async def _plain_failures(request: web.Request, handler: connections.Handler) -> web.StreamResponse:
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


def _plain(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=_REASONS.get(status, "Error") + "\n", headers=headers)


async def _close(app: web.Application) -> None:
    await app[BACKEND].close()


class Runner(connections.Runner):
    """Runs the application; there is no access log, as addresses have codes and states in them."""

    def __init__(
        self, app: web.Application, *, sock: socket.socket | None = None, shutdown_timeout: float = 10.0
    ) -> None:
        """:param sock: bound; it is listened on from ``setup`` on, if there is one."""
        super().__init__(
            app,
            refuse=partial(_refused, _headers(app)),
            around=partial(_spoken, _headers(app)),
            sock=sock,
            kept_free=CONNECTIONS,
            shutdown_timeout=shutdown_timeout,
        )


class _Unsigned(web.Response):
    """An answer that does not name its software, where no application takes that out."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.pop(hdrs.SERVER, None)


def _refused(headers: Mapping[str, str], status: int) -> web.Response:
    """The answer to what never became a request, and so never came to the application."""
    return _Unsigned(status=status, text=_REASONS.get(status, "Error") + "\n", headers=headers)


def _spoken(headers: Mapping[str, str], handler: connections.Handler) -> connections.Handler:
    """The application's handler, with answers of ours to what aiohttp answers before the application hears of it."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPExpectationFailed:  # its page would repeat an expectation that nobody knows
            return connections.last(_refused(headers, 417))

    return handle
