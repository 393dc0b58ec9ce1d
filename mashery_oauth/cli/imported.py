"""What became of a file's entries: for a program every one, for people those that are not as they were."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..operations.importing import REFUSED, SAME, Verdict
from .printing import Answer, Row


def told(verdicts: Sequence[Verdict]) -> Answer:
    """The verdicts. A problem that many entries have stands once, under the table: it may be longer than a line."""
    rows: list[Row] = [
        {"kind": each.kind, "key": each.key, "outcome": each.outcome, "problem": each.problem} for each in verdicts
    ]
    changed: list[Row] = [
        {"kind": each.kind, "key": each.key, "name": each.name, "outcome": each.outcome}
        for each in verdicts
        if each.outcome != SAME
    ]
    refused = sum(each.outcome == REFUSED for each in verdicts)
    return Answer(
        rows,
        people=changed if changed or not rows else "",
        below=(*_problems(verdicts), *_rest(len(rows) - len(changed))),
        problem=f"{refused} of {len(rows)} entries refused, nothing was written" if refused else "",
    )


def _problems(verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Each problem under those that have it."""
    found: dict[str, list[str]] = {}
    for each in verdicts:
        if each.outcome == REFUSED:
            found.setdefault(each.problem, []).append(_entry(each))
    for problem, entries in found.items():
        yield from ("", f"{', '.join(entries)}:", f"  {problem}")


def _entry(verdict: Verdict) -> str:
    return f"{verdict.kind} {verdict.key} ({verdict.name})" if verdict.name else f"{verdict.kind} {verdict.key}"


def _rest(same: int) -> Iterator[str]:
    if same:
        yield f"{same} {'entry is' if same == 1 else 'entries are'} the same as before"
