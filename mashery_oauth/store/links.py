"""How commands reach the right node: here one node, or the master that Sentinel names; ``cluster`` has the other way.

Every command that goes through a link may be sent twice: scripts are handed their own candidates and answer a
repetition as the first time. So a lost connection is tried once more.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    InvalidResponse,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import (
    ConnectionError as LostError,
)
from redis.exceptions import (
    TimeoutError as LateError,
)

from ..errors import StoreUnavailable
from .channel import Channel, Command, TooFewReplicas
from .scripts import Script

SCANNED = 1000  # keys that a node looks at in one go: some tenths of a millisecond
LOST = (LostError, LateError, InvalidResponse, OSError, TimeoutError)  # nobody knows what became of the command
_AGAIN = (*LOST, ReadOnlyError)  # the last where the master became a replica: Sentinel knows another by now
_TROUBLE = (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    TryAgainError,
)
_TROUBLE_WORDS = ("MISCONF", "NOREPLICAS", "MASTERDOWN", "BUSY", "LOADING", "NOAUTH", "CLUSTERDOWN", "OOM", "TRYAGAIN")


class Forbidden(StoreUnavailable):
    """The store's access list does not let us do that."""


class Link(Protocol):
    """What the records need of a store."""

    async def read(self, *keys: str) -> list[bytes | None]:
        """The values of keys of one hash tag, ``None`` for a missing one."""

    async def read_groups(self, groups: Sequence[Sequence[str]]) -> list[list[bytes | None]]:
        """The same for several groups of keys, each of one hash tag, all at once."""

    async def run(self, key: str, *command: str | bytes | int) -> Any:
        """One command at the node that holds ``key``."""

    async def write(self, key: str, *command: str | bytes | int) -> Any:
        """The same for what must not be lost: told only when as many replicas have it as are wanted."""

    async def script(self, script: Script, keys: Sequence[str], args: Sequence[str | bytes | int]) -> Any:
        """One script with all the keys that it may touch; a write, unless the script says otherwise."""

    async def everywhere(self, *command: str) -> list[Any]:
        """One command at each node that holds keys."""

    def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """All keys that fit, some at a time; one may come twice. For operators: it goes through the whole store."""

    async def close(self) -> None:
        """Ends all connections."""


def translated(error: Exception) -> Exception:
    """What the layers above are told: unavailable, or a fault of ours."""
    if isinstance(error, NoPermissionError):
        return Forbidden(str(error))
    if isinstance(error, TooFewReplicas):
        return StoreUnavailable("too few replicas have the write")
    if isinstance(error, LOST + _TROUBLE):
        return StoreUnavailable(str(error) or "no answer in time")
    if isinstance(error, ResponseError) and str(error).startswith(_TROUBLE_WORDS):
        return StoreUnavailable(str(error))
    return error


def script_command(script: Script, keys: Sequence[str], args: Sequence[str | bytes | int], *, whole: bool) -> Command:
    verb, text = ("EVAL", script.body) if whole else ("EVALSHA", script.sha)
    return (verb, text, len(keys), *keys, *args)


async def scanned(ask: Callable[..., Awaitable[Any]], pattern: str) -> AsyncIterator[list[str]]:
    """The keys of one node that fit a pattern."""
    cursor = b"0"
    while True:
        cursor, names = await ask("SCAN", cursor, "MATCH", pattern, "COUNT", SCANNED)
        if names:
            yield [name.decode() for name in names]
        if cursor == b"0":
            return


class SingleLink:
    """One node, or the master that Sentinel names at the time of connecting."""

    def __init__(
        self, connect: Callable[[], Awaitable[AbstractConnection]], timeout: float, min_replicas: int = 0
    ) -> None:
        self._channel = self._writes = Channel(connect, timeout)
        if min_replicas:  # a connection of its own: what stands behind WAIT waits too
            self._writes = Channel(connect, timeout, min_replicas)

    @property
    def commands_sent(self) -> int:
        """How many commands were written, for tests of round trips."""
        return sum(channel.commands_sent for channel in {self._channel, self._writes})

    async def read(self, *keys: str) -> list[bytes | None]:
        """See :class:`Link`."""
        try:
            return await self._channel.read(keys)
        except _AGAIN:
            values: list[bytes | None] = await self._again(lambda: self._channel.read(keys))
            return values
        except RedisError as error:
            raise translated(error) from None

    async def read_groups(self, groups: Sequence[Sequence[str]]) -> list[list[bytes | None]]:
        """See :class:`Link`."""
        values = iter(await self.read(*(key for group in groups for key in group)))
        return [[next(values) for _ in group] for group in groups]

    async def run(self, key: str, *command: str | bytes | int) -> Any:
        """See :class:`Link`."""
        return await self._sent(self._channel, command)

    async def write(self, key: str, *command: str | bytes | int) -> Any:
        """See :class:`Link`."""
        return await self._sent(self._writes, command)

    async def _sent(self, channel: Channel, command: Command) -> Any:
        try:
            return await channel.send(command)
        except _AGAIN:
            return await self._again(lambda: channel.send(command))
        except NoScriptError:
            raise
        except RedisError as error:
            raise translated(error) from None

    async def _again(self, attempt: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await attempt()
        except NoScriptError:
            raise
        except (RedisError, OSError, TimeoutError) as error:
            raise translated(error) from None

    async def script(self, script: Script, keys: Sequence[str], args: Sequence[str | bytes | int]) -> Any:
        """See :class:`Link`."""
        channel = self._writes if script.kept else self._channel
        try:
            return await self._sent(channel, script_command(script, keys, args, whole=False))
        except NoScriptError:
            return await self._sent(channel, script_command(script, keys, args, whole=True))

    async def everywhere(self, *command: str) -> list[Any]:
        """See :class:`Link`."""
        return [await self.run("", *command)]

    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """See :class:`Link`."""
        async for names in scanned(lambda *command: self.run("", *command), pattern):
            yield names

    async def close(self) -> None:
        """See :class:`Link`."""
        for channel in {self._channel, self._writes}:
            await channel.close()
