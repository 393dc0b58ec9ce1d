"""What runs beside the demo's service: the provider, and a sample client that shows how it is used.

Both are in one process of their own, as they would be elsewhere. It ends with the demo, even where nobody is left to
end it.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from threading import Event, Thread
from typing import Any

import click
import orjson
import structlog
from aiohttp import web

from .. import connections, logs, ports
from ..provider.configuration import read_configuration
from ..provider.serving import bind, provider, serve
from .demo_files import PROVIDER_FILE

HOST = "127.0.0.1"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"  # only there in a clone
SAMPLE_CLIENT = "sample_client"
PATIENCE = 10.0  # seconds that requests under way may take at the end
_log = structlog.get_logger("mashery_oauth.cli")


def listen(port: int | None, usual: int) -> socket.socket:
    """A socket to serve on: the port that was asked for; else the usual one, or any, where that is taken.

    :raises click.ClickException: what was asked for cannot be had.
    """
    try:
        return bind(HOST, usual if port is None else port)
    except OSError as error:
        if port is None and usual != 0:
            return bind(HOST, 0)
        problem = ports.not_had(HOST, usual if port is None else port, error, option="--provider-port")
        raise click.ClickException(problem) from None


def url_of(sock: socket.socket) -> str:
    """Where browsers find what is served there."""
    return f"http://{HOST}:{sock.getsockname()[1]}"


def has_sample_client() -> bool:
    """Whether the examples are there: they are documentation, and no part of the package."""
    return (EXAMPLES / SAMPLE_CLIENT).is_dir()


@dataclass(frozen=True, slots=True)
class Watched:
    """The process; should it end too early, nothing is left that takes connections for it."""

    process: SpawnProcess
    socks: tuple[socket.socket, ...]
    told: Event  # that it is to end

    def start(self) -> None:
        """Starts it, and watches it from then on."""
        self.process.start()
        Thread(target=self._watch, name="provider", daemon=True).start()

    def _watch(self) -> None:
        wait([self.process.sentinel])
        if not self.told.is_set():
            for sock in self.socks:
                sock.close()
            _log.error("provider_ended")


@contextmanager
def beside(folder: Path, demo_file: Path, socks: tuple[socket.socket, ...], log_level: str) -> Iterator[Watched]:
    """A process that serves on the sockets, for the block to start; it ends with the block, or the log says so."""
    process = get_context("spawn").Process(
        target=_serve, args=(folder / PROVIDER_FILE, demo_file, socks, log_level), daemon=True
    )
    told = Event()
    try:
        yield Watched(process, socks, told)
    finally:
        told.set()
        for sock in socks:
            sock.close()
        if process.pid is not None:
            process.terminate()
            process.join(PATIENCE)


def _serve(path: Path, demo_file: Path, socks: tuple[socket.socket, ...], log_level: str) -> None:
    """The process."""
    logs.configure(log_level, server="provider")
    connections.raise_limit()
    apps = {socks[0]: provider(read_configuration(path))}
    if len(socks) > 1:
        apps[socks[1]] = _sample_client(orjson.loads(demo_file.read_bytes()), url_of(socks[1]))
    parent = parent_process()
    asyncio.run(serve(apps, parent=None if parent is None else int(parent.sentinel)))


def _sample_client(demo: Mapping[str, Any], origin: str) -> web.Application:
    sys.path.insert(0, str(EXAMPLES))
    made: web.Application = import_module(SAMPLE_CLIENT).create_app(demo, origin)
    return made
