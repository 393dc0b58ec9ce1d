"""What a command prints."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import orjson
import pytest
from rich.cells import cell_len

from mashery_oauth.cli.printing import Answer, Content, tell, write

from .processes import COMMAND, command, environment


@pytest.mark.parametrize("content", [{"a": None, "b": ["x"]}, [{"a": 1}, {"a": 2}], []])
def test_is_one_json_document_where_that_is_wanted(capsys: pytest.CaptureFixture[str], content: Content) -> None:
    write(content, as_json=True)

    assert orjson.loads(capsys.readouterr().out) == content


def test_a_file_is_printed_as_it_is_or_as_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    write("[[sites]]\nid = 1\n", as_json=False)
    plain = capsys.readouterr().out
    write("[[sites]]\nid = 1\n", as_json=True)

    assert plain == "[[sites]]\nid = 1\n"
    assert orjson.loads(capsys.readouterr().out) == {"sites": [{"id": 1}]}


def test_one_thing_has_a_line_per_member(capsys: pytest.CaptureFixture[str]) -> None:
    write({"name": "x", "policy": {"flows": ["a", "b"], "ttl": None, "on": True}}, as_json=False)

    assert capsys.readouterr().out.splitlines() == [
        "name          x",
        "policy.flows  a b",
        "policy.ttl    -",
        "policy.on     yes",
    ]


def test_a_space_at_the_edge_of_a_value_is_seen(capsys: pytest.CaptureFixture[str]) -> None:
    write({"one": " ", "two": " +", "none": "", "words": "a b"}, as_json=False)

    assert capsys.readouterr().out.splitlines() == ["one    ' '", "two    ' +'", "none   -", "words  a b"]


def test_what_stands_below_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer([{"key": "k"}], below=("Below \x1b[2J.",))

    tell(answer, as_json=True)
    as_json = capsys.readouterr().out
    tell(answer, as_json=False)

    assert orjson.loads(as_json) == [{"key": "k"}]
    assert capsys.readouterr().out.splitlines()[-1] == r"Below \x1b[2J."


def test_several_are_a_table_of_which_nothing_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    write([{"name": "x" * 300, "on": False}], as_json=False)

    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "on"]
    assert row.split() == ["x" * 300, "no"]


def test_a_table_fits_the_terminal_without_breaking_a_word(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    keys, flows = ["k" * 24, "l" * 24], ["authorization_code", "client_credentials", "refresh_token"]
    rows = [{"key": key, "name": "Café 付款 of a long name", "flows": flows} for key in keys]

    shown = {}
    for width in (30, 80, 200):
        monkeypatch.setenv("COLUMNS", str(width))
        write(rows, as_json=False)
        shown[width] = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()

    for lines in shown.values():
        words = " ".join(lines).split()
        assert [words.count(word) for word in (*keys, *flows, "Café", "付款")] == [1, 1, *[2] * 5]
    assert max(map(cell_len, shown[80])) <= 80
    assert [len(shown[width]) for width in (80, 200)] == [7, 3]


def test_what_people_read_and_what_is_said_of_it_does_not_change_json(capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answer([{"key": "k"}], people=[{"name": "n"}], note="A note.")

    tell(answer, as_json=True)
    as_json = capsys.readouterr()
    tell(answer, as_json=False)
    told = capsys.readouterr()

    assert (orjson.loads(as_json.out), as_json.err) == ([{"key": "k"}], "")
    assert (told.out.split(), told.err) == (["name", "n"], "A note.\n")


def test_what_could_not_be_done_is_an_error_after_what_there_is_to_see(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(click.ClickException, match="refused"):
        tell(Answer({"a": 1}, problem="refused"), as_json=False)

    assert capsys.readouterr().out == "a  1\n"


def test_none_at_all_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    write([], as_json=False)

    assert capsys.readouterr().out == "none\n"


@pytest.mark.parametrize("content", [{"a": "[bold]\x1b[2J"}, [{"a": "[bold]\x1b[2J"}]])
def test_nothing_moves_the_cursor_or_is_taken_for_markup(capsys: pytest.CaptureFixture[str], content: Content) -> None:
    write(content, as_json=False)

    assert r"[bold]\x1b[2J" in capsys.readouterr().out


def test_what_is_done_and_cannot_be_printed_is_said(tmp_path: Path) -> None:
    """Found by an attack: it was a traceback, behind which nobody looked for what had been done."""
    arguments = ["site", "create", "Bank", "--id", "200", "--data-dir", str(tmp_path / "data")]
    with Path("/dev/full").open("w") as full:
        made = subprocess.run(
            [*COMMAND, *arguments], env=environment(tmp_path), stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert made.returncode == 1
    assert made.stderr == b"Error: it is done, and cannot be printed: No space left on device\n"
    assert "Bank" in command(tmp_path, "site", "list", "--data-dir", str(tmp_path / "data")).stdout
