"""What the servers of a store hold, and what was asked of them."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from redis import Redis

from mashery_oauth.store import keys
from tests.store.trouble import ask, nodes

SLACK = 1024  # bytes that come and go with the time of day
ALIKE = 5  # readings
OURS = keys.CONFIGURATION.encode()


class Nodes:
    """The servers of one store, which nobody else uses."""

    def __init__(self, clients: Sequence[Redis]) -> None:
        self._clients = clients

    def __len__(self) -> int:
        return len(self._clients)

    def each(self, *command: str | bytes | int) -> list[Any]:
        """One command at each."""
        return [ask(client, *command) for client in self._clients]

    @property
    def keys(self) -> int:
        """How many keys there are, those included that have ended and were not yet taken away."""
        return sum(int(client.dbsize()) for client in self._clients)

    @property
    def memory(self) -> int:
        """Bytes in use, without the buffers of connections; the log of slow commands is emptied before."""
        self.each("SLOWLOG", "RESET")
        self.each("MEMORY", "PURGE")
        told = [client.info("memory") for client in self._clients]
        return sum(int(one["used_memory"]) - int(one["mem_clients_normal"]) for one in told)

    async def lonely_memory(self) -> int:
        """Bytes in use with no connection but this, whose buffers would be counted for a while."""
        self.each("CONFIG", "SET", "hz", "100")  # so that what it puts in order now and then is soon in order
        self.each("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        found = [self.memory]
        while len(found) < ALIKE or len(set(found[-ALIKE:])) > 1:
            await asyncio.sleep(0.02)
            found.append(self.memory)
        return found[-1]

    def sizes(self) -> Iterator[tuple[bytes, int]]:
        """Every key but the configuration's, with the bytes that it takes."""
        for client in self._clients:
            found = [key for key in client.scan_iter(count=5000) if not key.startswith(OURS)]
            pipeline = client.pipeline(transaction=False)
            for key in found:
                pipeline.memory_usage(key, samples=0)
            yield from ((key, int(size)) for key, size in zip(found, pipeline.execute(), strict=True) if size)

    def delete(self, letter: str) -> None:
        """Takes every key of a letter away."""
        for client in self._clients:
            for key in client.scan_iter(f"{{???}}{letter}*", count=5000):
                if not key.startswith(OURS):
                    client.delete(key)

    def empty(self) -> None:
        """Takes everything away but the configuration, tables too."""
        for client in self._clients:
            kept = {key: client.dump(key) for key in client.scan_iter(OURS + b"*")}
            ask(client, "FLUSHALL", "SYNC")
            for key, value in kept.items():
                client.restore(key, 0, value or b"")

    def lives(self) -> Iterator[tuple[bytes, int]]:
        """Every key but the configuration's, with its milliseconds to live; -1 for ever."""
        for client in self._clients:
            found = [key for key in client.scan_iter(count=5000) if not key.startswith(OURS)]
            pipeline = client.pipeline(transaction=False)
            for key in found:
                pipeline.pttl(key)
            yield from ((key, left) for key, left in zip(found, pipeline.execute(), strict=True) if left != -2)

    def shorten(self, letter: str = "", life: int = 1) -> int:
        """Ends every key (of one letter) but the configuration's after so many milliseconds; how many."""
        count = 0
        for client in self._clients:
            pipeline = client.pipeline(transaction=False)
            for key in client.scan_iter(f"{{???}}{letter}*", count=5000):
                if not key.startswith(OURS):
                    pipeline.pexpire(key, life)
                    count += 1
            pipeline.execute()
        return count

    def forget_commands(self) -> None:
        """Counts commands from nothing."""
        self.each("CONFIG", "RESETSTAT")

    def commands(self) -> Counter[str]:
        """Every command that was carried out, by scripts too, and how often."""
        found: Counter[str] = Counter()
        for client in self._clients:
            for name, about in client.info("commandstats").items():
                found[name.removeprefix("cmdstat_")] += about["calls"]
        return found


@contextmanager
def watched(url: str) -> Iterator[Nodes]:
    """The servers behind a URL, before they have done much."""
    clients = nodes(url)
    try:
        found = Nodes(clients)
        found.each("CONFIG", "SET", "latency-tracking", "no")  # 30 kB for each command that was ever used
        found.forget_commands()
        yield found
    finally:
        for client in clients:
            client.close()


async def reached(condition: Callable[[], bool], patience: float) -> bool:
    """Whether a condition came true within so many seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.1)
    return True


async def settled(nodes: Nodes, quiet: float = 1.5) -> int:
    """The bytes in use once they have not become fewer for some seconds: tables and buffers shrink late."""
    least, since = nodes.memory, time.monotonic()
    while time.monotonic() - since < quiet:
        await asyncio.sleep(0.1)
        if (now := nodes.memory) < least - SLACK:
            least, since = now, time.monotonic()
    return nodes.memory
