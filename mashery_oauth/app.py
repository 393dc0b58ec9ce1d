"""The service: bound, opened, served until it is told to stop; in one process or in several."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable
from functools import partial

import structlog
import uvloop

from . import connections, logs, metrics, ports
from .opening import Place, store_place
from .routes import application, open_place, settle
from .rpc.protocol import Runner
from .settings import Settings
from .store import Store

# Closing its terminal stops a service in one process; there is nobody whom it could replace, start or add.
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
LEFT_ALONE = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU)
Prepare = Callable[[Store, int], Awaitable[None]]
_log = structlog.get_logger("mashery_oauth.app")


class AppError(Exception):
    """The service cannot start; the text says why, in one sentence."""


def bind(settings: Settings) -> socket.socket:
    """The socket to listen on, bound but not yet listening.

    :raises AppError: host or port cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        raise AppError(f"host {settings.host} cannot be used: {error.strerror}") from None
    except ValueError:  # the resolver is not even asked
        raise AppError(f"host {settings.host!r} cannot be used: {ports.NO_NAME}") from None
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise _taken(settings, error) from None
    return sock


def _taken(settings: Settings, error: OSError) -> AppError:
    return AppError(ports.not_had(settings.host, settings.port, error, option="--port"))


def tls(settings: Settings) -> ssl.SSLContext | None:
    """The TLS context, where a certificate is given.

    :raises AppError: certificate or key cannot be used.
    """
    if not settings.tls_cert:
        if settings.tls_key:
            raise AppError("--tls-key is of no use without --tls-cert")
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key or None)
    except (OSError, ssl.SSLError) as error:
        raise AppError(f"TLS certificate {settings.tls_cert} cannot be used: {error.strerror or error}") from None
    return context


def serve(settings: Settings, prepare: Prepare | None = None) -> int:
    """Serves until it is told to stop; calls in flight finish. Returns the exit code.

    :param prepare: awaited with the open store and the port, after the port is bound and before it answers.
    :raises AppError: host, port or certificate cannot be had. What opens the store raises its own.
    """
    logs.configure(settings.log_level, server="backend")
    connections.raise_limit()
    context = tls(settings)
    with bind(settings) as sock, store_place(settings, serving=True) as place:
        if settings.workers > 1:
            return _serve_with_workers(settings, place, sock, context, prepare)
        return uvloop.run(_serve_here(settings, place, sock, context, prepare))


async def _serve_here(
    settings: Settings, place: Place, sock: socket.socket, context: ssl.SSLContext | None, prepare: Prepare | None
) -> int:
    store = await open_place(place, settings)
    try:
        if prepare is not None:
            await prepare(store, sock.getsockname()[1])
        stopped = asyncio.Event()
        _heed_signals(stopped)
        runner = Runner(
            application(store, settings), sock=sock, tls=context, shutdown_timeout=settings.shutdown_timeout
        )
        await runner.setup()
        settle()
        _log.info("serving", host=settings.host, port=sock.getsockname()[1])
        await stopped.wait()
        ports.refuse_new(sock)
        await runner.cleanup()
        _log.info("stopped")
    finally:
        await store.close()
    return 0


def _heed_signals(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # as under nohup
            loop.add_signal_handler(number, stopped.set)
    for number in LEFT_ALONE:
        loop.add_signal_handler(number, partial(_log.warning, "signal_without_effect", number=number))


def _serve_with_workers(
    settings: Settings, place: Place, sock: socket.socket, context: ssl.SSLContext | None, prepare: Prepare | None
) -> int:
    """Several processes under gunicorn, which watches over them; their counts meet in a folder."""
    from .workers import Arbiter  # noqa: PLC0415  gunicorn is not needed by one process

    with metrics.shared():
        uvloop.run(_prepared(settings, place, sock, prepare))
        try:
            sockets = ports.listen(sock, settings.workers)
        except OSError as error:  # another service has begun to listen since the port was bound
            raise _taken(settings, error) from None
        return Arbiter(settings, place, sockets, context).serve()


async def _prepared(settings: Settings, place: Place, sock: socket.socket, prepare: Prepare | None) -> None:
    store = await open_place(place, settings)
    try:
        if prepare is not None:
            await prepare(store, sock.getsockname()[1])
    finally:
        await store.close()
