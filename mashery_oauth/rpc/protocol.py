"""The connections of the JSON-RPC door: what is no HTTP, or broke the handler, is answered in JSON like all else."""

from __future__ import annotations

import socket
import ssl
from functools import partial

from aiohttp import web

from .. import connections
from ..errors import INTERNAL
from .door import refusal, shortcut

_REASONS = {400: "Bad Request", 408: "Request Timeout", 504: "Gateway Timeout"}


class Runner(connections.Runner):
    """Runs the service; calls are counted instead of listed."""

    def __init__(
        self,
        app: web.Application,
        *,
        sock: socket.socket | None = None,
        tls: ssl.SSLContext | None = None,
        shutdown_timeout: float,
    ) -> None:
        """:param sock: bound; it is listened on from ``setup`` on, if there is one."""
        super().__init__(
            app,
            refuse=_refused,
            around=partial(shortcut, app),
            sock=sock,
            tls=tls,
            shutdown_timeout=shutdown_timeout,
        )


def _refused(status: int) -> web.Response:
    if status >= 500:
        return refusal(status, INTERNAL.message, code=INTERNAL.code)
    return refusal(status, _REASONS.get(status, "Bad Request"))
