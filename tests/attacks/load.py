"""Many who call again and again while an operator, in another process, changes something."""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.waiting import until
from tests.world import Answer

from .arena import MANY, MAX_CONFIG_AGE
from .conftest import Rivals


@dataclass(frozen=True, slots=True)
class Change:
    """When the operator asked for it, and when it was acknowledged."""

    word: str
    asked: float
    done: float

    @property
    def in_force(self) -> float:
        """From when on it must be so everywhere."""
        return self.done + MAX_CONFIG_AGE


@dataclass(frozen=True, slots=True)
class Call:
    """What was answered, and when it was waited for."""

    began: float
    ended: float
    answer: Answer


@dataclass
class Load:
    """Those who call, and all that they were answered."""

    ask: Callable[[], Awaitable[Answer]]
    calls: list[Call] = field(default_factory=list)
    ended: bool = False

    async def _keep_asking(self) -> None:
        while not self.ended:
            began = time.monotonic()
            answer = await self.ask()
            self.calls.append(Call(began, time.monotonic(), answer))

    @asynccontextmanager
    async def going_on(self, seconds: float) -> AsyncIterator[None]:
        """For as long as the block runs, but not longer than that."""
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for _ in range(MANY):
                group.create_task(self._keep_asking())
            yield
            self.ended = True

    async def begun(self) -> None:
        """Returns when as many as call at once were answered."""

        async def enough() -> bool:
            return len(self.calls) >= MANY

        await until(enough)

    async def settled(self, change: Change) -> None:
        """Returns when as many as call at once were answered for whom the change was certainly in force."""
        seen = certain = 0

        async def enough() -> bool:
            nonlocal seen, certain
            fresh, seen = self.calls[seen:], len(self.calls)
            certain += sum(call.began >= change.in_force for call in fresh)
            return certain >= MANY

        await until(enough)


@asynccontextmanager
async def operator(rivals: Rivals) -> AsyncIterator[Callable[[str], Awaitable[Change]]]:
    """What has the operator do as a line says; the operator's process ends with the block."""
    arena = rivals.arena
    arguments = [rivals.url, arena.toggled.key, arena.client.client_id]
    command = [sys.executable, "-m", "tests.attacks.operating", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    told: Any = process.stdin
    heard: Any = process.stdout

    async def change(line: str) -> Change:
        told.write(f"{line}\n".encode())
        asked, done = map(float, (await heard.readline()).split())
        return Change(line, asked, done)

    try:
        yield change
    finally:
        told.close()
        await process.wait()
