"""The real service on a store of its own, as a session of tests starts it, with a second door for the tests.

``python -m mashery_oauth.testing.service FD``, where FD is a socket of which somebody has the other end. When that end
is closed the service stops and takes its folder along: a session that is killed leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ..app import serve
from ..rpc import noting
from ..settings import Settings
from ..store import Store
from ..store.sockets import socket_path
from .controls import Controls
from .door import START
from .recording import Recording

LONGEST = 64 * 1024 * 1024  # bytes of a line
# Freshness: nobody but this process changes its configuration, so how old that is may be left to the tests.
# Nothing is to survive, so nothing waits for a disk.
SETTINGS = Settings(port=0, max_config_age=3600, fsync="no", shutdown_timeout=1, min_replicas=0)


def main() -> int:
    """Serves until it is told to stop, or until nobody is at the other end."""
    door = socket.socket(fileno=int(sys.argv[1]))
    listening: list[asyncio.Task[None]] = []
    with TemporaryDirectory(prefix="mashery_oauth-") as folder:
        settings = replace(SETTINGS, data_dir=Path(folder))

        async def prepare(store: Store, port: int) -> None:
            listening.append(asyncio.create_task(_listen(door, store, folder, port)))
            listening[0].add_done_callback(_stop)

        return serve(settings, prepare)


async def _listen(door: socket.socket, store: Store, folder: str, port: int) -> None:
    """Says where the service is as soon as it answers, then answers line by line."""
    recording = Recording()
    noting.witnesses.append(recording.witness)
    reader, writer = await asyncio.open_unix_connection(sock=door, limit=LONGEST)
    await _answers(port)
    started = {"number": START, "result": {"port": port, "folder": folder}}
    writer.write(json.dumps(started).encode() + b"\n")  # orjson has no words for a folder's name that is no UTF-8
    controls = Controls(store, socket_path(Path(folder)), recording)
    while line := await reader.readline():
        writer.write(await controls.answer(line))


def _stop(listening: asyncio.Task[None]) -> None:
    """Nobody is there any more; unless it is the service that stops."""
    if not listening.cancelled():
        signal.raise_signal(signal.SIGTERM)


async def _answers(port: int) -> None:
    """Returns when the port does."""
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main())
