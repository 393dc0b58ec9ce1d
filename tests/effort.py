"""How much the tests try: a little in ``make test``, EFFORT times as much in ``make torture``; and what they tried."""

from __future__ import annotations

import os
from collections import Counter

EFFORT = int(os.environ.get("EFFORT", "1"))
_tried: Counter[str] = Counter()


def times(count: int) -> int:
    """A number of repetitions, as large as the effort asks for."""
    return count * EFFORT


def tally(what: str, count: int = 1) -> None:
    """Notes what was tried, in the plural: the run's last lines tell how many."""
    _tried[what] += count


def tallies() -> dict[str, int]:
    """All that was noted in this process."""
    return dict(_tried)


def summary() -> list[str]:
    """One line for each kind of thing that was tried."""
    return [f"{count:>12,} {what}" for what, count in sorted(_tried.items())]
