"""Whether a history of calls that ran at the same time could have happened one after another.

The search of Wing and Gong with Lowe's memory: take any call that no other had ended before, let the specification
do it, go on with the rest; a set of calls done and the state after them is never looked at twice. A call whose answer
nobody saw may have happened at any time after it began, or never.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

NEVER = float("inf")

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what was asked, and what was answered. One that is pending has no answer and no end."""

    name: str
    arguments: tuple[Any, ...]
    began: float
    ended: float = NEVER
    answer: Any = None
    who: int = 0
    number: int = 0

    @property
    def pending(self) -> bool:
        """Whether nobody saw its answer."""
        return self.ended == NEVER

    def __str__(self) -> str:
        arguments = ", ".join(map(str, self.arguments))
        told = "?" if self.pending else self.answer
        return f"{self.began:.6f} {self.ended:.6f} client {self.who}: {self.name}({arguments}) -> {told}"


Step = Callable[[State, Call], Iterable[State]]


def stuck(history: Sequence[Call], initial: State, step: Step[State]) -> list[Call] | None:
    """``None`` where some order explains all answers; else the longest order that explains as many as possible.

    :param step: the states that a call may lead to, given what it answered; none where that is impossible.
    """
    calls = sorted(history, key=lambda call: call.began)
    needed = sum(1 << at for at, call in enumerate(calls) if not call.pending)
    seen: set[tuple[int, State]] = set()
    waiting: list[tuple[int, State, tuple[int, ...]]] = [(0, initial, ())]
    best: tuple[int, ...] = ()
    while waiting:
        done, state, order = waiting.pop()
        if done & needed == needed:
            return None
        if len(order) > len(best):
            best = order
        for at in _next(calls, done):
            for after in step(state, calls[at]):
                found = (done | 1 << at, after)
                if found not in seen:
                    seen.add(found)
                    waiting.append((*found, (*order, at)))
    return [calls[at] for at in best]


def _next(calls: Sequence[Call], done: int) -> list[int]:
    """The calls that may come next: those which began before any that is left had ended."""
    left = [at for at in range(len(calls)) if not done >> at & 1]
    first_end = min(calls[at].ended for at in left)
    return [at for at in left if calls[at].began <= first_end]


def explain(history: Sequence[Call], order: Sequence[Call]) -> str:
    """What a failing test shows: the calls that fit, in an order in which they do, and those that do not."""
    left = [call for call in history if call not in order]
    lines = ["these fit:", *map(str, order), "and then none of these does:", *map(str, left)]
    return "\n".join(lines)
