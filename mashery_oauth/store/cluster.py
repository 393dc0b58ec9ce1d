"""A cluster: a channel per master, and the map of slots.

Redirections come before a command is carried out, so they are followed, writes too, until a bound.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from redis.asyncio.connection import AbstractConnection
from redis.crc import key_slot
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    TryAgainError,
)

from ..errors import StoreUnavailable
from .channel import Channel, Command
from .links import LOST, scanned, script_command, translated
from .scripts import Script

Address = tuple[str, int]
PATIENCE = 5.0  # seconds that a redirection or a resharding is followed
_PAUSE = 0.02


class ClusterLink:
    """A cluster: a channel per master, and the map of slots, read again whenever a node says that it moved."""

    def __init__(
        self,
        seeds: Sequence[Address],
        connect: Callable[[Address], Awaitable[AbstractConnection]],
        timeout: float,
        min_replicas: int = 0,
    ) -> None:
        self._known: set[Address] = set(seeds)
        self._connect, self._timeout, self._min_replicas = connect, timeout, min_replicas
        self._channels: dict[tuple[Address, int], Channel] = {}
        self._learning: asyncio.Task[None] | None = None
        self._map: list[Address | None] = [None] * 16384

    @property
    def commands_sent(self) -> int:
        """How many commands were written, for tests of round trips."""
        return sum(channel.commands_sent for channel in self._channels.values())

    def _channel(self, address: Address, replicas: int = 0) -> Channel:
        """The connection to a node; what waits for replicas has one of its own."""
        channel = self._channels.get((address, replicas))
        if channel is None:
            channel = Channel(lambda: self._connect(address), self._timeout, replicas)
            self._channels[address, replicas] = channel
        return channel

    async def read(self, *keys: str) -> list[bytes | None]:
        """See :class:`Link`. Single reads survive a migration in which several keys cannot be read at once."""
        if len(keys) == 1:
            return [await self.run(keys[0], "GET", keys[0])]
        try:
            values: list[bytes | None] = await self._routed(keys[0], ("MGET", *keys), patient=False)
        except TryAgainError:
            values = [await self.run(key, "GET", key) for key in keys]
        return values

    async def read_groups(self, groups: Sequence[Sequence[str]]) -> list[list[bytes | None]]:
        """See :class:`Link`."""
        return await asyncio.gather(*(self.read(*group) for group in groups))

    async def run(self, key: str, *command: str | bytes | int) -> Any:
        """See :class:`Link`."""
        return await self._routed(key, command)

    async def write(self, key: str, *command: str | bytes | int) -> Any:
        """See :class:`Link`."""
        return await self._routed(key, command, replicas=self._min_replicas)

    async def script(self, script: Script, keys: Sequence[str], args: Sequence[str | bytes | int]) -> Any:
        """See :class:`Link`."""
        replicas = self._min_replicas if script.kept else 0
        try:
            return await self._routed(keys[0], script_command(script, keys, args, whole=False), replicas=replicas)
        except NoScriptError:
            return await self._routed(keys[0], script_command(script, keys, args, whole=True), replicas=replicas)

    async def _routed(self, key: str, command: Command, *, patient: bool = True, replicas: int = 0) -> Any:
        """Sends to the owner of the key's slot, and follows where it is told to go."""
        deadline = time.monotonic() + PATIENCE
        slot = key_slot(key.encode())
        asked: Address | None = None
        while True:
            try:
                return await self._once(slot, command, asked, replicas)
            except NoScriptError:
                raise
            except (RedisError, OSError, TimeoutError) as error:
                if isinstance(error, TryAgainError) and not patient:
                    raise
                asked = await self._redirected(error, slot, deadline)

    async def _redirected(self, error: Exception, slot: int, deadline: float) -> Address | None:
        """Where to send instead: the node to ask once, or ``None`` for the slot's owner as known by now."""
        if not isinstance(error, (*LOST, AskError, TryAgainError, ClusterDownError, ReadOnlyError)):
            raise translated(error) from None
        if time.monotonic() > deadline:
            raise StoreUnavailable(str(error) or "no answer in time") from None
        if isinstance(error, MovedError):  # first: to redis-py it is a kind of AskError
            await self._learn()
            if error.host:  # the node that answered the map may not have heard of it yet
                self._map[slot] = (error.host, error.port)
            return None
        if isinstance(error, AskError):
            return error.host, error.port
        await asyncio.sleep(_PAUSE + random.random() * _PAUSE)  # noqa: S311  so that callers do not return in step
        if not isinstance(error, TryAgainError):
            await self._learn()
        return None

    async def _once(self, slot: int, command: Command, asked: Address | None, replicas: int) -> Any:
        if asked is not None:
            return await self._channel(asked, replicas).send(("ASKING",), command)
        owner = self._map[slot]
        if owner is None:
            await self._learn()
            owner = self._map[slot]
            if owner is None:
                raise ClusterDownError("no node holds the slot")
        return await self._channel(owner, replicas).send(command)

    async def _learn(self) -> None:
        """Reads the map of slots again; all who need it at the same time wait for one reading."""
        if self._learning is None or self._learning.done():
            self._learning = asyncio.get_running_loop().create_task(self._read_map())
        await asyncio.shield(self._learning)

    async def _read_map(self) -> None:
        """The map of slots, from any node that answers."""
        for address in random.sample(sorted(self._known), len(self._known)):
            try:
                ranges = await self._channel(address).send(("CLUSTER", "SLOTS"))
            except (RedisError, OSError, TimeoutError):
                continue
            for first, last, master, *_replicas in ranges:
                owner = ((master[0] or address[0].encode()).decode(), int(master[1]))
                self._known.add(owner)
                self._map[first : last + 1] = [owner] * (last - first + 1)
            return

    async def everywhere(self, *command: str) -> list[Any]:
        """See :class:`Link`."""
        await self._learn()
        owners = {owner for owner in self._map if owner}
        try:
            return await asyncio.gather(*(self._channel(owner).send(command) for owner in owners))
        except (RedisError, OSError, TimeoutError) as error:
            raise translated(error) from None

    async def scan(self, pattern: str) -> AsyncIterator[list[str]]:
        """See :class:`Link`."""
        await self._learn()
        for owner in sorted({owner for owner in self._map if owner}):
            channel = self._channel(owner)
            try:
                async for names in scanned(lambda *command, to=channel: to.send(command), pattern):
                    yield names
            except (RedisError, OSError, TimeoutError) as error:
                raise translated(error) from None

    async def close(self) -> None:
        """See :class:`Link`."""
        if self._learning is not None:
            await asyncio.wait([self._learning])
        for channel in self._channels.values():
            await channel.close()
