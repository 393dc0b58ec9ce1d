"""The tables of promises: each statement has a test or a reason, and what a test names is a statement."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from .promises.reading import Malformed, Promise, keepers, kept_in, read_table, tables

PAGES = Path(__file__).parent.parent / "docs" / "promises"
NUMBERED = {"draft16": ("D16", 74), "draft10": ("D10", 26)}  # how the statements of these sources are counted
NAME = re.compile(r"\w[\w.-]*").fullmatch

EVERY = [promise for table in tables().values() for promise in table.promises]

each_promise = pytest.mark.parametrize("promise", EVERY, ids=lambda promise: promise.name)
each_table = pytest.mark.parametrize("name", tables())


@each_promise
def test_has_a_test_or_a_reason_and_not_both(promise: Promise) -> None:
    tests = keepers().get(promise.name, ())

    assert bool(tests) != bool(promise.reason), tests


@each_promise
def test_is_told_in_whole_sentences(promise: Promise) -> None:
    told = [text for text in (promise.provider, promise.not_here, promise.decided) if text]

    assert NAME(promise.name)
    assert all(text.endswith(".") for text in (promise.text, *told))


def test_no_name_stands_twice() -> None:
    names = Counter(promise.name for promise in EVERY)

    assert [name for name, count in names.items() if count > 1] == []


def test_no_test_names_a_promise_that_there_is_not() -> None:
    assert set(keepers()) - {promise.name for promise in EVERY} == set()


@pytest.mark.parametrize("name", NUMBERED)
def test_no_number_of_the_source_is_left_out(name: str) -> None:
    prefix, last = NUMBERED[name]

    names = [promise.name for promise in tables()[name].promises]

    assert [found for found in names if found[-1].isdigit()] == [f"{prefix}-{number}" for number in range(1, last + 1)]
    # a further part of a statement, which falls to somebody else, has a letter and comes right behind it
    parts = [(before, found) for before, found in pairwise(names) if not found[-1].isdigit()]
    assert all(found == f"{before}b" for before, found in parts)


@each_table
def test_has_a_page(name: str) -> None:
    page = (PAGES / f"{name}.rst").read_text()

    assert f"\n.. promises:: {name}\n" in page


ENTRY = 'title = "T"\nsource = "S"\n[[promise]]\nname = "X-1"\nsection = "1"\ntext = "Sentence."\n'


def test_reads_a_table() -> None:
    table = read_table(ENTRY + 'decided = "So."\n')

    assert (table.title, table.source) == ("T", "S")
    assert table.promises == (Promise("X-1", "1", "Sentence.", decided="So."),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ENTRY.replace('title = "T"', ""),
        "more = 1\n" + ENTRY,
        ENTRY.replace('section = "1"', ""),
        ENTRY.replace('"Sentence."', '" "'),
        ENTRY + 'because = "So."',
        ENTRY + 'provider = ""',
        ENTRY + 'provider = "So."\nnot_here = "So."',
        ENTRY + 'not_here = "So."\ndecided = "So."',
    ],
)
def test_refuses_a_table_that_says_too_little_or_too_much(text: str) -> None:
    with pytest.raises(Malformed):
        read_table(text)


# The marker is put together here so that these samples are not taken for markers of this file.
MARK = "pytest.mark." + "keeps"
DEF = "def test_a():\n    pass\n"


@pytest.mark.parametrize(
    "source",
    [
        f"@{MARK}('X-1', 'X-2')\nasync {DEF}",
        f"@{MARK}('X-1')\n@{MARK}('X-2', 'X-1')\n{DEF}",
        f"@{MARK.removeprefix('pytest.')}('X-1', 'X-2')\n{DEF}",
        f"@pytest.mark.parametrize('a', [pytest.param(1, marks={MARK}('X-1', 'X-2'))])\n{DEF}",
        f"A: list = [pytest.param(1, marks=[{MARK}('X-1'), {MARK}('X-2')])]\na = parametrize('a', A)\n@a\n{DEF}",
        f"def a():\n    return [pytest.param(1, marks={MARK}('X-1', 'X-2'))]\n@parametrize('a', a())\n{DEF}",
        f"pytestmark = [{MARK}('X-1'), {MARK}('X-2')]\n{DEF}",
    ],
    ids=["one", "several", "short", "parameter", "list", "function", "file"],
)
def test_finds_a_marker_wherever_it_may_stand(source: str) -> None:
    assert kept_in(source) == {"test_a": ["X-1", "X-2"]}


@pytest.mark.parametrize(
    "source",
    [
        f"@{MARK}('X-1')\ndef a():\n    pass\n",
        f"def test_a(request):\n    request.applymarker({MARK}('X-1'))\n",
        f"CASES = [pytest.param(1, marks={MARK}('X-1'))]\n{DEF}",
        f"mark = {MARK}\n@mark('X-1')\n{DEF}",
        f"@{MARK}\n{DEF}",
        f"@{MARK}()\n{DEF}",
        f"@{MARK}(NAME)\n{DEF}",
        f"@{MARK}('X-1', 2)\n{DEF}",
        f"@{MARK}(name='X-1')\n{DEF}",
    ],
    ids=["no-test", "within", "unused", "renamed", "bare", "empty", "name", "number", "keyword"],
)
def test_loses_no_marker_in_silence(source: str) -> None:
    with pytest.raises(Malformed):
        kept_in(source)
