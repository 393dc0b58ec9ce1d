"""A line to a store that can be cut, or held up: what it looks like when the store goes away."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit


class Line:
    """Carries bytes between a store and whoever connects here."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._free = asyncio.Event()
        self._free.set()
        self._is_cut = False
        self.url = ""

    async def open(self) -> None:
        """Begins to listen."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"redis://127.0.0.1:{port}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        upstream_reader, upstream = await asyncio.open_connection(self._host, self._port)
        self._writers += [writer, upstream]
        await asyncio.gather(self._carry(reader, upstream), self._carry(upstream_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._free.wait()
                writer.write(data)
        writer.close()

    def hold(self) -> None:
        """From now on nothing arrives, at either end."""
        self._free.clear()

    def let_go(self) -> None:
        """What was held up arrives."""
        self._free.set()

    def cut(self) -> None:
        """Ends all connections, and every new one at once."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        """Carries again."""
        self._is_cut = False
        self.let_go()

    async def close(self) -> None:
        """Ends all of it."""
        self.cut()
        self.let_go()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
