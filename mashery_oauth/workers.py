"""Several worker processes under gunicorn's arbiter, each with aiohttp's uvloop worker."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from types import FrameType
from typing import Any

import structlog
from aiohttp import web
from aiohttp.worker import GunicornUVLoopWebWorker
from gunicorn.app.base import BaseApplication
from prometheus_client import multiprocess

from . import logs
from .errors import StoreUnavailable
from .opening import Place
from .routes import application, open_place, settle
from .rpc.protocol import Runner
from .settings import Settings
from .store import Store
from .store.ring import RingError

PAUSE = 0.5  # seconds between attempts to open the store
_log = structlog.get_logger("mashery_oauth.workers")


class Worker(GunicornUVLoopWebWorker):
    """A worker process: aiohttp's, with the service's own TLS context, and gone as soon as it is told to go."""

    @staticmethod
    def _create_ssl_context(cfg: Any) -> ssl.SSLContext:
        context: ssl.SSLContext = cfg.ssl_context(cfg, None)
        return context

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to finish; aiohttp's would first look at the clock for up to a second."""
        super().handle_exit(sig, frame)
        self._notify_waiter_done()


class Arbiter(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """The service as gunicorn runs it."""

    def __init__(self, settings: Settings, place: Place, sock: socket.socket, context: ssl.SSLContext | None) -> None:
        self._settings, self._place, self._context = settings, place, context
        self._socket = sock.detach()  # gunicorn closes it
        super().__init__()

    def load_config(self) -> None:
        """Options of gunicorn; it takes over a socket that is bound already."""
        settings = self._settings
        options = {
            "bind": f"fd://{self._socket}",
            "workers": settings.workers,
            "worker_class": Worker,
            "graceful_timeout": max(1, round(settings.shutdown_timeout)),
            "timeout": 60,
            "certfile": settings.tls_cert or None,
            "ssl_context": lambda _config, _default: self._context,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "child_exit": _child_exit,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings and value is not None:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """What a worker runs: its own loop, its own connections to the store."""
        return self._runner

    async def _runner(self) -> web.AppRunner:
        logs.configure(self._settings.log_level)
        store = await self._opened()
        app = application(store, self._settings)
        app.on_cleanup.append(_closing(store))
        settle()
        return Runner(app, shutdown_timeout=self._settings.shutdown_timeout)

    async def _opened(self) -> Store:
        """The store, as soon as it can be opened: to gunicorn a worker that cannot begin is a reason to end all.

        Keys that were the store's at the start are not any more where another process has rotated them.
        """
        while True:
            try:
                return await open_place(self._place, self._settings)
            except (StoreUnavailable, RingError) as error:
                _log.error("unavailable", cause=str(error))
                await asyncio.sleep(PAUSE)

    def serve(self) -> int:
        """Until it is told to stop; returns the exit code."""
        master, code = os.getpid(), 0
        try:
            self.run()
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            if os.getpid() != master:  # a worker at its end: store and counts are not its own to close
                os._exit(code)
        return code


def _closing(store: Store) -> Any:
    async def close(_: web.Application) -> None:
        await store.close()

    return close


def _child_exit(_: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
