"""What a command prints."""

from __future__ import annotations

import orjson
import pytest

from mashery_oauth.cli.printing import Content, write


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


def test_several_are_a_table_of_which_nothing_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    write([{"name": "x" * 300, "on": False}], as_json=False)

    head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "on"]
    assert row.split() == ["x" * 300, "no"]


def test_none_at_all_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    write([], as_json=False)

    assert capsys.readouterr().out == "none\n"


@pytest.mark.parametrize("content", [{"a": "[bold]\x1b[2J"}, [{"a": "[bold]\x1b[2J"}]])
def test_nothing_moves_the_cursor_or_is_taken_for_markup(capsys: pytest.CaptureFixture[str], content: Content) -> None:
    write(content, as_json=False)

    assert r"[bold]\x1b[2J" in capsys.readouterr().out
