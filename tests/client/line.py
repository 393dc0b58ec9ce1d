"""A line between a client and its backend that understands HTTP: it can lose what it carries, and knows what it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

_GONE = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer as it stands on the wire."""

    first: str
    headers: dict[str, str]  # names in lower case
    head: bytes
    body: bytes

    @property
    def key(self) -> str | None:
        """The Idempotency-Key of a request."""
        return self.headers.get("idempotency-key")

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return orjson.loads(self.body)

    @property
    def query(self) -> dict[str, list[str]]:
        """The query of a request."""
        return parse_qs(urlsplit(self.first.split(" ")[1]).query)


@dataclass(frozen=True, slots=True)
class Fate:
    """What befalls a request: whether the backend gets it, and what its sender sees of that."""

    name: str
    arrives: bool = True  # the backend carries it out
    answer: Callable[[Message], bytes] | None = None  # what comes back; of no answer it is asked for the request's
    part: float = 1.0  # how much of it comes back
    cuts: bool = False  # the connection ends then; otherwise it stays


CARRIED = Fate("carried")
LOST_BEFORE = Fate("lost before it arrives", arrives=False, part=0, cuts=True)
LOST_AFTER = Fate("its answer lost", part=0, cuts=True)
TORN = Fate("its answer torn", part=0.7, cuts=True)
SILENT = Fate("its answer kept back", part=0)
STUCK = Fate("its answer stuck half-way", part=0.7)


@dataclass
class Line:
    """Carries requests to a backend; the next ones may have fates of their own, and the last fate may last."""

    host: str
    port: int
    fates: list[Fate] = field(default_factory=list)
    lasting: Fate = CARRIED
    requests: list[Message] = field(default_factory=list)
    answers: list[Message] = field(default_factory=list)  # of the backend, heard or not
    connections: int = 0
    url: str = ""

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a client, with a connection to the backend behind it."""
        self.connections += 1
        backend, to_backend = await asyncio.open_connection(self.host, self.port)
        with closing(to_backend):
            while await self._carry(reader, writer, backend, to_backend):
                pass

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        backend: asyncio.StreamReader,
        to_backend: asyncio.StreamWriter,
    ) -> bool:
        request = await read_message(reader)
        self.requests.append(request)
        fate = self.fates.pop(0) if self.fates else self.lasting
        answer = request
        if fate.arrives:
            to_backend.write(request.head + request.body)
            answer = await read_message(backend)
            self.answers.append(answer)
        told = answer.head + answer.body if fate.answer is None else fate.answer(answer)
        writer.write(told[: int(len(told) * fate.part)])
        await writer.drain()
        if fate.part < 1 and not fate.cuts:
            await reader.read()  # until its sender has lost patience
        return fate.part == 1 and not fate.cuts


@asynccontextmanager
async def served(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], ssl: SSLContext | None = None
) -> AsyncIterator[str]:
    """The address of somebody who answers connections in some way, for as long as the block runs."""
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(*_GONE, asyncio.CancelledError):
            await answer(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=ssl)
    where = "https://localhost" if ssl else "http://127.0.0.1"
    yield f"{where}:{server.sockets[0].getsockname()[1]}"
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    """A line for as long as the block runs."""
    parts = urlsplit(url)
    line = Line(parts.hostname or "", parts.port or 0)
    async with served(line.connected) as line.url:
        yield line


async def read_message(reader: asyncio.StreamReader) -> Message:
    """One request or answer; its length must be told."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Message(first, headers, head, await reader.readexactly(int(headers.get("content-length", 0))))


def answered(status: int, body: bytes, **headers: str) -> Fate:
    """A fate: the backend is never asked, and somebody else answers."""
    lines = [f"HTTP/1.1 {status} Told", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    told = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return Fate(f"answered {status}", arrives=False, answer=lambda _: told)


def instead(change: Callable[[Any], Any], status: int = 200) -> Fate:
    """A fate: another document comes back, made from the request's."""

    def answer(request: Message) -> bytes:
        body = orjson.dumps(change(request.json))
        return b"HTTP/1.1 %d Told\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body)

    return Fate("answered instead", arrives=False, answer=answer)
