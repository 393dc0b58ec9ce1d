"""Many connections to one service, all open before an attack begins: what is asked at once is under way at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from tests.world import Answer

HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds for one answer; nothing here takes long, but nothing may hang
TOGETHER = 50  # connections that are opened at once: fewer than any system lets wait


def written(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST as its bytes."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {HOST}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One keep-alive connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, request: bytes) -> None:
        """Sends bytes, without waiting for anything."""
        self.writer.write(request)

    async def answer(self) -> Answer:
        """The next answer on it."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            body = await self.reader.readexactly(int(headers["Content-Length"]))
        return Answer(int(head[0].split(" ", 2)[1]), headers, body)


class Crowd:
    """Lines to one port. Each carries one call at a time, and the one that has rested longest is taken."""

    def __init__(self, port: int) -> None:
        self.resting: deque[Line] = deque()
        self._port = port
        self._open: set[Line] = set()

    async def opened(self) -> Line:
        """A new line, which a process has taken: it has answered."""
        line = Line(*await asyncio.open_connection(HOST, self._port))
        self._open.add(line)
        line.send(f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        await line.answer()
        return line

    def hang_up(self, line: Line) -> None:
        """Closes a line as a broken network does: at once, whatever is under way."""
        self._open.discard(line)
        line.writer.transport.abort()

    async def gathered(self, count: int) -> None:
        """Returns when so many lines are open and at rest."""
        while (missing := count - len(self.resting)) > 0:
            self.resting.extend(await asyncio.gather(*(self.opened() for _ in range(min(missing, TOGETHER)))))

    async def taken(self) -> Line:
        """A line for the caller alone."""
        return self.resting.popleft() if self.resting else await self.opened()

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One call; its line is closed if the answer is not waited for."""
        line = await self.taken()
        try:
            line.send(written(path, headers, body))
            answer = await line.answer()
        except BaseException:
            self.hang_up(line)
            raise
        self.resting.append(line)
        return answer

    async def close(self) -> None:
        """Closes every line."""
        for line in self._open:
            line.writer.close()
        await asyncio.gather(*(line.writer.wait_closed() for line in self._open), return_exceptions=True)
