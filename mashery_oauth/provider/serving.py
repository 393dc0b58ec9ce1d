"""The provider as a process: applications served on sockets until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack

import structlog
from aiohttp import web

from .. import ports
from .app import Runner, create_app
from .backend import backend_of
from .configuration import Configuration
from .parts import BACKEND, CONFIGURATION
from .tables import ConfigurationError
from .users import read_users

_log = structlog.get_logger("mashery_oauth.provider")


def bind(host: str, port: int) -> socket.socket:
    """A socket that listens already, so that whoever comes early waits.

    :raises OSError: host or port cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.getaddrinfo(host or None, port, family)
    except ValueError:  # the resolver is not even asked
        raise OSError(None, ports.NO_NAME) from None
    if "\0" in host:  # it is asked for what stands before
        raise OSError(None, ports.NO_NAME)
    return socket.create_server((host, port), family=family)


def provider(configuration: Configuration) -> web.Application:
    """The provider as its file says.

    :raises ConfigurationError: there is no file of users, or no certificate where one is named.
    :raises UsersError: the users cannot be read.
    """
    if configuration.users is None:
        raise ConfigurationError("users: is missing")
    users = read_users(configuration.users)
    app = create_app(configuration, backend_of(configuration), users)
    app.cleanup_ctx.append(_checked)
    return app


async def _checked(app: web.Application) -> AsyncIterator[None]:
    """Whether the file is right about the backend is told as soon as it is known, which nobody waits for."""
    checking = asyncio.create_task(app[BACKEND].check())
    yield
    checking.cancel()
    await asyncio.wait([checking])


async def serve(apps: Mapping[socket.socket, web.Application], *, parent: int | None = None) -> None:
    """Serves until a signal says stop; requests under way finish.

    :param parent: a descriptor that can be read when the process is gone without which this one is of no use.
    """
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    if parent is not None:
        loop.add_reader(parent, stopped.set)
    async with AsyncExitStack() as stack:
        for sock, app in apps.items():
            runner = Runner(app, sock=sock)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            host, port = sock.getsockname()[:2]
            _log.info("serving", host=host, port=port)
            found = app.get(CONFIGURATION)
            if found is not None and not found.is_at(port):
                _log.warning("not_at_its_issuer", issuer=found.issuer, port=port, look_at=["issuer"])
        await stopped.wait()
