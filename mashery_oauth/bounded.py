"""What a process remembers up to a bound: who asks chooses the names, so there must be one."""

from __future__ import annotations

from typing import TypeVar

Name = TypeVar("Name")
Value = TypeVar("Value")


def keep(kept: dict[Name, Value], most: int, name: Name, value: Value) -> None:
    """One more, as the newest; what came first leaves where there are too many."""
    kept.pop(name, None)
    while len(kept) >= most:
        del kept[next(iter(kept))]
    kept[name] = value
