"""Several worker processes under gunicorn's arbiter, each with aiohttp's uvloop worker."""

from __future__ import annotations

import socket
from typing import Any

from aiohttp import web
from gunicorn.app.base import BaseApplication
from prometheus_client import multiprocess

from . import logs
from .opening import Place
from .routes import application, open_place, settle
from .rpc.protocol import Runner
from .settings import Settings
from .store import Store

WORKER = "aiohttp.worker.GunicornUVLoopWebWorker"


class Arbiter(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """The service as gunicorn runs it."""

    def __init__(self, settings: Settings, place: Place, sock: socket.socket) -> None:
        self._settings, self._place, self._socket = settings, place, sock
        super().__init__()

    def load_config(self) -> None:
        """Options of gunicorn; it takes over a socket that is bound already."""
        settings = self._settings
        options = {
            "bind": f"fd://{self._socket.fileno()}",
            "workers": settings.workers,
            "worker_class": WORKER,
            "graceful_timeout": max(1, round(settings.shutdown_timeout)),
            "timeout": 60,
            "certfile": settings.tls_cert or None,
            "keyfile": settings.tls_key or None,
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
        store = await open_place(self._place, self._settings)
        app = application(store, self._settings)
        app.on_cleanup.append(_closing(store))
        settle()
        return Runner(app, shutdown_timeout=self._settings.shutdown_timeout)

    def serve(self) -> int:
        """Until it is told to stop; returns the exit code."""
        try:
            self.run()
        except SystemExit as end:
            return int(end.code or 0)
        return 0


def _closing(store: Store) -> Any:
    async def close(_: web.Application) -> None:
        await store.close()

    return close


def _child_exit(_: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
