"""One connection, kept as long as the server keeps it: bytes out, one answer in, whatever the bytes are."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from tests.world import Answer

PATIENCE = 20  # seconds


class Closed(Exception):
    """The server closed the connection where an answer was due; carries what had come."""

    def __init__(self, heard: bytes) -> None:
        super().__init__(heard)
        self.heard = heard


@dataclass
class Line:
    """A client that adds nothing of its own to what it is given to send."""

    port: int
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, init=False)

    async def ask(self, request: bytes) -> Answer:
        """Sends one request; its answer.

        :raises Closed: there is none.
        """
        async with asyncio.timeout(PATIENCE):
            reader, writer = self._streams or await self._connected()
            writer.write(request)
            answer = await read_answer(reader)
        if answer.headers.get("Connection", "").lower() == "close":
            await self.close()
        return answer

    async def talk(self, *parts: bytes) -> bytes:
        """Sends parts on a connection of their own, each as soon as the one before has left; all until the end."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                return await _said(reader, writer, parts)
            finally:
                await _closed(writer)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        return self._streams

    async def close(self) -> None:
        """Hangs up."""
        if self._streams is not None:
            streams, self._streams = self._streams, None
            await _closed(streams[1])


async def _said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: tuple[bytes, ...]) -> bytes:
    heard = b""
    with suppress(ConnectionError):  # it has closed while we still had something to say or it to hear
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)  # the server's turn: each part may arrive on its own
        while some := await reader.read(65_536):
            heard += some
    return heard


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(ConnectionError):
        await writer.wait_closed()


async def read_answer(reader: asyncio.StreamReader) -> Answer:
    """The next answer on a connection.

    :raises Closed: the connection ends before it does.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        status, headers = parsed_head(head)
        length = int(headers.get("Content-Length", "0"))
        return Answer(status, headers, await reader.readexactly(length))
    except asyncio.IncompleteReadError as error:
        raise Closed(error.partial) from None


def parsed_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer's head."""
    first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    return int(first.split(" ")[1]), dict(line.split(": ", 1) for line in lines)


def chunked(body: bytes, *, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    """A body in one chunk."""
    return b"%x%b\r\n%b\r\n0\r\n%b\r\n" % (len(body), extension, body, trailer)
