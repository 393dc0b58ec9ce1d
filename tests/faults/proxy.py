"""A line to a store that understands what it carries: it can harm one command of a call, and knows what arrived."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_GONE = (OSError, asyncio.IncompleteReadError)
_AT_ONCE = 0.001  # seconds: commands of one write come without a pause, and are answered so
_UNCOUNTED = (b"CLUSTER", b"ASKING")  # how a cluster is found, not what a call asks of it


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls a command: whether the store gets it, and what its sender sees of that."""

    name: str
    arrives: bool = False  # the store carries it out
    reply: bytes = b""  # what comes back in the place of the store's answer
    torn: bool = False  # the first half of the store's answer comes back
    cuts: bool = False  # the connection ends; otherwise it stays, silent if there is no reply
    late: bool = False  # it is kept back, and arrives when the plan lets it go
    pause: float = 0  # seconds that the store's answer is held up


@dataclass(frozen=True, slots=True)
class Delivery:
    """A command that the store has carried out or refused."""

    command: bytes
    answer: bytes

    @property
    def writes(self) -> bool:
        """Whether it may have changed something."""
        verb = _verb(self.command)
        return verb in (b"EVALSHA", b"EVAL", b"SET") and not self.answer.startswith(b"-")


@dataclass
class Plan:
    """Which command is hit next, on any of the lines that share this plan; and what has arrived."""

    fault: Fault | None = None
    at: int = 0
    lasting: bool = False
    sent: int = 0  # commands that came here, repetitions too
    between: Callable[[], Awaitable[None]] | None = None  # what happens once when the first command was hit
    hits: list[bytes] = field(default_factory=list)  # verbs of the commands that met the fault
    delivered: list[Delivery] = field(default_factory=list)
    _kept_back: asyncio.Event = field(default_factory=asyncio.Event)
    _underway: list[asyncio.Event] = field(default_factory=list)

    def arm(self, fault: Fault | None, at: int = 1, *, lasting: bool = False) -> None:
        """From now on the ``at``-th command meets the fault; if it lasts, so do all that follow."""
        self.fault, self.at, self.lasting = fault, at, lasting
        self.sent, self.hits, self.delivered = 0, [], []
        self._kept_back = asyncio.Event()

    def disarm(self) -> None:
        """Everything is carried again."""
        self.fault = None

    def release(self) -> None:
        """What was kept back arrives now."""
        self._kept_back.set()

    async def let_go(self) -> None:
        """The same; returns when the store has answered it."""
        self.release()
        for arrived in self._underway:
            await arrived.wait()
        self._underway.clear()

    def meets(self, command: bytes) -> Fault | None:
        """Counts a command; what befalls it."""
        verb = _verb(command)
        if verb in _UNCOUNTED:
            return self.fault if self.lasting and self.hits else None
        self.sent += 1
        if self.fault is None or self.sent < self.at or (self.sent > self.at and not self.lasting):
            return None
        self.hits.append(verb)
        return self.fault

    async def happen(self) -> None:
        """What was to happen in the middle of the call happens, once."""
        event, self.between = self.between, None
        if event is not None:
            await event()

    async def keep_back(self) -> asyncio.Event:
        """Waits until :meth:`let_go`, which then waits for the event."""
        arrived = asyncio.Event()
        self._underway.append(arrived)
        await self._kept_back.wait()
        return arrived


class Proxy:
    """One line. Commands are carried one after the other, each with its answer."""

    def __init__(self, url: str, plan: Plan) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._plan = plan
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, asyncio.Event] = {}
        self.port = 0

    @property
    def url(self) -> str:
        """Where to connect instead of to the store."""
        return f"redis://127.0.0.1:{self.port}"

    async def open(self) -> None:
        """Begins to listen."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Ends all of it."""
        if self._server is not None:
            self._server.close()
        self._plan.release()
        ends = list(self._open.values())
        for writer in list(self._open):
            writer.transport.abort()
        for end in ends:
            await end.wait()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = self._open[writer] = asyncio.Event()
        with suppress(*_GONE):
            store, to_store = await asyncio.open_connection(self._host, self._port)
            with closing(to_store), suppress(*_GONE):
                await self._carry(reader, writer, store, to_store)
        writer.transport.abort()
        del self._open[writer]
        end.set()

    async def _carry(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        store: asyncio.StreamReader,
        to_store: asyncio.StreamWriter,
    ) -> None:
        idle = 0.0  # since when the line is; a new one always was
        while True:
            command = await read_frame(reader)
            waited = time.monotonic() - idle
            fault = self._plan.meets(command)
            if fault is None or fault.pause:
                answer = await self._deliver(command, store, to_store)
                await asyncio.sleep(fault.pause if fault and waited > _AT_ONCE else 0)
                writer.write(answer)
                idle = time.monotonic()
                continue
            if fault.late:
                await self._deliver_late(command, store, to_store)
                return
            answer = await self._deliver(command, store, to_store) if fault.arrives else b""
            await self._plan.happen()
            writer.write(answer[: len(answer) // 2] if fault.torn else fault.reply)
            await writer.drain()
            if fault.cuts:
                await _sent(writer)
                return
            if not fault.reply:
                await reader.read()  # until its sender has lost patience

    async def _deliver(self, command: bytes, store: asyncio.StreamReader, to_store: asyncio.StreamWriter) -> bytes:
        to_store.write(command)
        answer = await read_frame(store)
        self._plan.delivered.append(Delivery(command, answer))
        return answer

    async def _deliver_late(self, command: bytes, store: asyncio.StreamReader, to_store: asyncio.StreamWriter) -> None:
        arrived = await self._plan.keep_back()
        try:
            await self._deliver(command, store, to_store)
        finally:
            arrived.set()


@asynccontextmanager
async def proxy_to(url: str, plan: Plan) -> AsyncIterator[Proxy]:
    """A line for as long as the block runs."""
    proxy = Proxy(url, plan)
    await proxy.open()
    try:
        yield proxy
    finally:
        await proxy.close()


async def _sent(writer: asyncio.StreamWriter) -> None:
    """Half an answer goes out before the connection ends."""
    writer.write_eof()
    await asyncio.sleep(0)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """One command, or one answer, as it stands on the wire (RESP 2)."""
    line = await reader.readuntil(b"\r\n")
    kind, size = line[:1], line[1:-2]
    if size == b"-1":
        return line
    if kind == b"$":
        return line + await reader.readexactly(int(size) + 2)
    if kind == b"*":
        return line + b"".join([await read_frame(reader) for _ in range(int(size))])
    return line


def _verb(command: bytes) -> bytes:
    return command.split(b"\r\n", 3)[2]
