"""A run on a terminal."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from mashery_oauth.replay.letters import unmarked
from mashery_oauth.replay.reports.table import write_tables
from mashery_oauth.replay.verdict import LeftOut

from ..made import DRAFT16, report


def shown(*, strict: bool = False, must: str = "failed", verbose: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=100, highlight=False, markup=False)
    write_tables(report(must=must), console, strict=strict, verbose=verbose)
    return out.getvalue()


def test_tells_every_statement_where_all_are_wanted() -> None:
    verbose = shown(verbose=True).splitlines()

    assert verbose[:10] == [
        "Draft 16 (draft-ietf-oauth-v2-16 of 19 May 2011)",
        "  passed    MUST      D16-31, §4.1.2, §4.1.2.1",
        "      'state' comes back exactly as it was sent, and only then.",
        "  failed    MUST      D16-33, §4.1.2, §10.9",
        "      A code is good once.",
        "  failed    SHOULD    D16-34, §4.1.2, §10.9",
        "      A code that is used again ends the tokens that came of it.",
        "",
        "Draft 10 (draft-ietf-oauth-v2-10 of 11 July 2010)",
        "  left out  MUST      D10-8, §3.1, §3.2",
    ]
    assert [line for line in verbose if line != line.rstrip()] == []
    assert "D16-31" not in shown()


def test_a_statement_keeps_to_the_width_of_the_console() -> None:
    made = report()
    left_out = replace(made.left_out[0], rule_set=DRAFT16, rules=tuple(DRAFT16.rules.values()))
    out = io.StringIO()

    write_tables(replace(made, played=(), left_out=(left_out,)), Console(file=out, width=80), verbose=True)

    statements = out.getvalue().partition("\n\n")[0].splitlines()
    told = " ".join(" ".join(statements).split())
    assert max(map(len, statements)) <= 80
    assert [rule.name for rule in DRAFT16.rules.values() if f"{rule.section} {unmarked(rule.text)}" not in told] == []


def test_tells_what_failed_in_full_before_what_was_not_run() -> None:
    told = shown()

    ended = "failed draft16 code_twice: Ended (SHOULD D16-34)\n  D16-34, §4.1.2, §10.9: A code that is used again ends"
    assert ended in told
    assert "\n  expected: status 400\n  received: status 200\n" in told
    assert "not run draft16 code_twice: Later (MUST D16-33, D16-34)\n  because: no code was had" in told
    assert told.index("failed draft16 code_twice: Ended") < told.index("not run draft16")


def test_what_passed_is_counted_and_not_told() -> None:
    assert "Echo" not in shown()
    assert shown().splitlines()[-4:-1] == [
        "2 scenarios: 1 played, 1 left out",
        "4 checks: 1 passed, 2 failed, 1 not run",
        "4 statements: 1 passed, 2 failed, 1 left out",
    ]


def test_what_is_lacking_has_a_line_with_the_number_of_scenarios() -> None:
    made = report()
    more = tuple(LeftOut(DRAFT16, name, "Title", ("the flow implicit",)) for name in ("one", "two"))
    out = io.StringIO()

    write_tables(replace(made, left_out=(*made.left_out, *more)), Console(file=out, width=100))

    assert [line for line in out.getvalue().splitlines() if line.startswith("left out")] == [
        "left out 3 scenarios for lack of the flow implicit",
        "left out 1 scenario for lack of a user who can sign in",
    ]


def test_each_scenario_that_was_left_out_is_named_where_all_are_wanted() -> None:
    assert "left out draft10 implicit: needs a user who can sign in, the flow implicit\n" in shown(verbose=True)


def test_a_long_answer_stays_on_its_line() -> None:
    made = report()
    (played,) = made.played
    judged = replace(played.judged[1], verdict=replace(played.judged[1].verdict, received="x " * 200 + "end"))
    out = io.StringIO()

    write_tables(replace(made, played=(replace(played, judged=(judged,)),)), Console(file=out, width=100))

    assert [line for line in out.getvalue().splitlines() if line.endswith("x end")] == [f"  received: {'x ' * 200}end"]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_terminal_shows_what_goes_on_further_in_than_what_begins(width: int) -> None:
    """What had no room on a line began where a new one begins."""
    made = report()
    (played,) = made.played
    judged = replace(played.judged[1], verdict=replace(played.judged[1].verdict, received="word " * 100 + "end"))
    out = io.StringIO()

    write_tables(
        replace(made, played=(replace(played, judged=(judged,)),)),
        Console(file=out, width=width, force_terminal=True, no_color=True, highlight=False, markup=False),
    )

    lines = re.sub(r"\x1b\[\d*m", "", out.getvalue()).splitlines()
    begins = next(at for at, line in enumerate(lines) if line.startswith("  received: word"))
    ends = next(at for at, line in enumerate(lines) if line.endswith("word end"))
    assert max(map(len, lines)) <= width
    assert ends > begins
    assert {len(line) - len(line.lstrip()) for line in lines[begins + 1 : ends + 1]} == {4}
    assert " ".join(" ".join(lines[begins : ends + 1]).split()) == f"received: {'word ' * 100}end"


def test_nothing_that_a_server_says_moves_the_cursor() -> None:
    assert "\x1b" not in shown(verbose=True)
    assert "\\x1b[31m" in shown()


def test_the_last_line_tells_how_it_went() -> None:
    lines = [
        shown(must=must, strict=strict).splitlines()[-1]
        for must, strict in (("failed", False), ("passed", False), ("passed", True))
    ]

    assert [line.split(":")[0] for line in lines] == ["failed", "passed", "failed"]
    assert lines[0].endswith(" keeps 1 of 4 statements and breaks 2 (1 MUST, 1 SHOULD); 1 left out; 1.5 s")
