"""Several worker processes under gunicorn's arbiter, each with aiohttp's uvloop worker."""

from __future__ import annotations

import asyncio
import math
import os
import socket
import ssl
from collections import Counter
from functools import partial
from types import FrameType
from typing import Any

import structlog
from aiohttp import web
from aiohttp.worker import GunicornUVLoopWebWorker
from gunicorn import arbiter, glogging
from gunicorn.app.base import BaseApplication
from prometheus_client import multiprocess

from . import logs, ports
from .connections import ARRIVAL_AT_MOST
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
    """A worker process: aiohttp's, but that it listens as the service does, and is gone as soon as it is told to go."""

    sockets: list[Any]
    wsgi: Any
    place = 0  # among the sockets

    def load_wsgi(self) -> None:
        """Listens at its own place; the runner does, as aiohttp's worker has another backlog and TLS of its own."""
        super().load_wsgi()
        own = self.sockets.pop(self.place)
        for other in self.sockets:  # whoever keeps one open keeps it listening
            other.close()
        self.sockets = []
        self.wsgi = partial(self.wsgi, own.sock)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Told to finish; aiohttp's would first look at the clock for up to a second."""
        super().handle_exit(sig, frame)
        self._notify_waiter_done()


class Master(arbiter.Arbiter):  # type: ignore[misc]  # gunicorn carries no types
    """Watches over the workers, and sees to it that each socket has one of them."""

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002  gunicorn calls it so
        """Ends all. Nobody connects any more; the workers take who has connected already."""
        for listener in self.LISTENERS:
            ports.refuse_new(listener.sock)
        super().stop(graceful)

    def handle_ttin(self) -> None:
        """There are as many workers as sockets: with one worker fewer a socket would have nobody."""
        self.log.warning("The number of workers stays as it was at the start")

    handle_ttou = handle_ttin

    def handle_usr2(self) -> None:
        """Data folder, lock and store are this process's own: gunicorn would start another one beside it."""
        self.log.warning("The service is not started anew by a signal: stop it, then start it")


class Log(glogging.Logger):  # type: ignore[misc]  # gunicorn carries no types
    """What gunicorn has to say, said like everything else."""

    def setup(self, cfg: Any) -> None:
        """Leaves it to the handler that all share."""
        super().setup(cfg)
        self.error_log.propagate = True


class Arbiter(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    """The service as gunicorn runs it."""

    def __init__(
        self, settings: Settings, place: Place, sockets: list[socket.socket], context: ssl.SSLContext | None
    ) -> None:
        self._settings, self._place, self._context = settings, place, context
        self._sockets = [sock.detach() for sock in sockets]  # gunicorn closes them
        super().__init__()

    def load_config(self) -> None:
        """Options of gunicorn; it takes over sockets that listen already."""
        settings = self._settings
        options = {
            "bind": [f"fd://{number}" for number in self._sockets],
            "workers": settings.workers,
            "worker_class": Worker,
            "graceful_timeout": math.ceil(settings.shutdown_timeout + 3 * ARRIVAL_AT_MOST),  # they end before that
            "timeout": 60,
            "accesslog": None,
            "errorlog": None,
            "logger_class": Log,
            "loglevel": "warning",
            "pre_fork": _assign,
            "child_exit": _child_exit,
            "control_socket_disable": True,
        }
        for name, value in options.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """What a worker runs: its own loop, its own connections to the store."""
        return self._runner

    async def _runner(self, sock: socket.socket) -> web.AppRunner:
        logs.configure(self._settings.log_level, server="backend")
        store = await self._opened()
        app = application(store, self._settings)
        app.on_cleanup.append(_closing(store))
        settle()
        return Runner(app, sock=sock, tls=self._context, shutdown_timeout=self._settings.shutdown_timeout)

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
            Master(self).run()
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


def _assign(master: Any, worker: Any) -> None:
    """The place where fewest workers are: the one that was left, or, while all are made anew, each in turn."""
    taken = Counter(other.place for other in master.WORKERS.values())
    worker.place = min(range(len(master.LISTENERS)), key=lambda place: taken[place])


def _child_exit(_: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
