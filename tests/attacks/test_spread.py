"""The attacks are what they seem: many calls at once, on all processes."""

from __future__ import annotations

from pathlib import Path

from .arena import MANY, Front
from .conftest import Rivals


def connections(pid: int) -> int:
    """How many sockets a process has open."""
    return sum(str(entry.readlink()).startswith("socket:") for entry in Path(f"/proc/{pid}/fd").iterdir())


async def test_every_process_has_its_part_of_the_connections(rivals: Rivals, front: Front) -> None:
    await front.at_once(front.call("test.hello") for _ in range(MANY))

    held = {pid: connections(pid) for pid in rivals.pids}

    assert len(held) == rivals.workers
    assert min(held.values()) > MANY // (2 * rivals.workers), held
