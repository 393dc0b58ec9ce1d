"""A run on a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from mashery_oauth.replay.reports.table import write_tables

from ..made import DRAFT16, report


def shown(*, strict: bool = False, must: str = "failed") -> str:
    out = io.StringIO()
    write_tables(report(must=must), Console(file=out, width=300, highlight=False, markup=False), strict=strict)
    return out.getvalue()


def test_has_a_row_for_each_rule() -> None:
    lines = [line.split() for line in shown().splitlines()]

    assert [name for name in DRAFT16.rules if not any(name in line for line in lines)] == []


def test_tells_what_failed_in_full() -> None:
    told = shown()

    assert "failed draft16 code_twice: Ended (SHOULD D16-34)\n  expected: status 400\n  received: status 200\n" in told
    assert "not run draft16 code_twice: Later (MUST D16-33, D16-34)\n  because: no code was had" in told
    assert "left out draft10 implicit: needs a user who can sign in, the flow implicit\n" in told


def test_nothing_that_a_server_says_moves_the_cursor() -> None:
    assert "\x1b" not in shown()
    assert "\\x1b[31m" in shown()


def test_the_last_line_tells_how_it_went() -> None:
    lines = [
        shown(must=must, strict=strict).splitlines()[-1]
        for must, strict in (("failed", False), ("passed", False), ("passed", True))
    ]

    assert [line.split()[0] for line in lines] == ["failed", "passed", "failed"]
    assert "1 passed, 2 failed, 1 not run; 1 scenarios left out; 1.5 s" in lines[0]
