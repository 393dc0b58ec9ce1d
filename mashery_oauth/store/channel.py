"""One connection to one node. What is asked within one tick of the event loop goes out in one write.

A caller waits on a future of its own and never touches the connection: one that is cancelled leaves the
stream of answers as it is, so nobody is given somebody else's answer (CVE-2023-28858).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hiredis import pack_command
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as LateError

Command = tuple[str | bytes | int, ...]
Connect = Callable[[], Awaitable[AbstractConnection]]
BATCH = 256  # commands in one write; more wait for the next
WAIT_SHARE = 0.75  # of the time that an exchange has, for replicas to follow


class TooFewReplicas(RedisError):
    """A write was carried out, but not enough replicas said in time that they have it."""


class Channel:
    """A queue of commands over one connection, opened when needed and anew after a failure.

    :param replicas: how many must have what a write to the connection changed before its answers are told.
    """

    def __init__(self, connect: Connect, timeout: float, replicas: int = 0) -> None:
        self._connect, self._timeout = connect, timeout
        self._wait = ("WAIT", replicas, int(timeout * WAIT_SHARE * 1000)) if replicas else None
        self._connection: AbstractConnection | None = None
        self._reads: list[tuple[tuple[str, ...], asyncio.Future[Any]]] = []
        self._queue: list[tuple[tuple[Command, ...], asyncio.Future[Any]]] = []
        self._running: asyncio.Task[None] | None = None
        self._scheduled = False
        self._demoted = False  # the node is no master any more: another one is found by connecting anew
        self._loop = asyncio.get_running_loop()
        self.commands_sent = 0

    def send(self, *commands: Command) -> asyncio.Future[Any]:
        """Queues commands that belong together, in order; the future has the last one's answer.

        It raises what the node answered (``ResponseError``), or what broke the connection or ran out of time.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        self._queue.append((commands, future))
        self._wake()
        return future

    def read(self, keys: tuple[str, ...]) -> asyncio.Future[list[bytes | None]]:
        """Queues a read of keys; all reads of one write are one MGET (a single node only)."""
        future: asyncio.Future[list[bytes | None]] = self._loop.create_future()
        self._reads.append((keys, future))
        self._wake()
        return future

    def _wake(self) -> None:
        if (self._queue or self._reads) and self._running is None and not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._start)

    def _start(self) -> None:
        self._scheduled = False
        reads, self._reads = self._reads[:BATCH], self._reads[BATCH:]
        batch, self._queue = self._queue[:BATCH], self._queue[BATCH:]
        self._running = self._loop.create_task(self._run(reads, batch))

    async def _run(
        self,
        reads: list[tuple[tuple[str, ...], asyncio.Future[Any]]],
        batch: list[tuple[tuple[Command, ...], asyncio.Future[Any]]],
    ) -> None:
        try:
            groups = [commands for commands, _ in batch]
            if reads:
                groups.append((("MGET", *(key for keys, _ in reads for key in keys)),))
            async with asyncio.timeout(self._timeout):
                answers = await (self._exchange(groups) if self._wait is None else self._kept(groups, self._wait))
            if reads:
                _share(reads, answers.pop())
            for (_, future), answer in zip(batch, answers, strict=True):
                _settle(future, answer)
        except Exception as error:  # noqa: BLE001  the state of the stream is unknown: nothing more is read from it
            await self._drop()
            if isinstance(error, TimeoutError | LateError):  # who stands behind has waited as long
                reads, self._reads = [*reads, *self._reads], []
                batch, self._queue = [*batch, *self._queue], []
            for _, future in [*reads, *batch]:
                _settle(future, error)
        finally:
            self._running = None
            self._wake()

    async def _exchange(self, groups: list[tuple[Command, ...]]) -> list[Any]:
        """Sends all, reads all; a node's error is an answer like any other."""
        if self._demoted:
            await self._drop()
        if self._connection is None:
            self._connection = await self._connect()
        connection = self._connection
        packed = [pack_command(command) for commands in groups for command in commands]  # type: ignore[arg-type]
        self.commands_sent += len(packed)
        await connection.send_packed_command(packed, check_health=False)
        return [await self._answer(connection, len(commands)) for commands in groups]

    async def _kept(self, groups: list[tuple[Command, ...]], wait: tuple[str, int, int]) -> list[Any]:
        """The same, and what was done is told only when enough replicas have it."""
        *answers, count = await self._exchange([*groups, (wait,)])
        if isinstance(count, int) and count >= wait[1]:
            return answers
        return [answer if isinstance(answer, ResponseError) else TooFewReplicas() for answer in answers]

    async def _answer(self, connection: AbstractConnection, count: int) -> Any:
        answer: Any = None
        for _ in range(count):
            try:
                answer = await connection.read_response()
            except ResponseError as error:
                answer = error
                self._demoted = self._demoted or isinstance(error, ReadOnlyError)
        return answer

    async def _drop(self) -> None:
        connection, self._connection, self._demoted = self._connection, None, False
        if connection is not None:
            await connection.disconnect(nowait=True)

    async def close(self) -> None:
        """Finishes what is queued, then closes the connection."""
        while self._queue or self._reads or self._running is not None or self._scheduled:  # noqa: ASYNC110
            await asyncio.sleep(0.001)  # happens once in a process: not worth an event of its own
        await self._drop()


def _settle(future: asyncio.Future[Any], answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def _share(reads: list[tuple[tuple[str, ...], asyncio.Future[Any]]], values: Any) -> None:
    """Gives each reader its own slice of the one answer."""
    at = 0
    for keys, future in reads:
        mine = values if isinstance(values, ResponseError) else values[at : at + len(keys)]
        _settle(future, mine)
        at += len(keys)
