"""What is wrong in a file is told with the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from mashery_oauth.replay.reading import Malformed, Members, read_toml


def test_takes_what_there_is(tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_text('a = "x"\nb = ["y"]\nc = 2\nd = true\ne = { f = "z" }\n[[g]]\nh = 1.5\n')

    with read_toml(file) as members:
        found = (members.text("a"), members.texts("b"), members.count("c", 0), members.flag("d", default=False))
        with members.members("e") as inner:
            text = inner.text("f")
        (table,) = members.tables("g")

    assert (*found, text, table.number("h", 0)) == ("x", ("y",), 2, True, "z", 1.5)


def take_all(members: Members) -> None:
    with members:
        members.text("a")
        members.texts("b")
        members.count("c", 0)
        members.flag("d", default=False)
        members.table("e")
        for table in members.tables("g"):
            with table:
                table.number("h", 0)
        members.word("w", ("a", "b"), "a")


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"a": "x", "z": 1}, "some.toml: z is not known here; there are a, b, c, d, e, g, w"),
        ({}, "some.toml: a is missing"),
        ({"a": 1}, "some.toml: a is not a string"),
        ({"a": "x", "b": "y"}, "some.toml: b is not a list of strings"),
        ({"a": "x", "b": [1]}, "some.toml: b is not a list of strings"),
        ({"a": "x", "c": 1.5}, "some.toml: c is not a whole number"),
        ({"a": "x", "c": True}, "some.toml: c is not a number from 0 to 1_000_000_000"),
        ({"a": "x", "c": -1}, "some.toml: c is not a number from 0 to 1_000_000_000"),
        ({"a": "x", "c": float("nan")}, "some.toml: c is not a number from 0 to 1_000_000_000"),
        ({"a": "x", "c": float("inf")}, "some.toml: c is not a number from 0 to 1_000_000_000"),
        ({"a": "x", "c": 10**400}, "some.toml: c is not a number from 0 to 1_000_000_000"),
        ({"a": "x", "\x1b[2J": 1}, r"some.toml: \x1b[2J is not known here; there are a, b, c, d, e, g, w"),
        ({"a": "x", "d": "yes"}, "some.toml: d is not true or false"),
        ({"a": "x", "e": []}, "some.toml: e is not a table"),
        ({"a": "x", "g": {}}, "some.toml: g is not a list of tables"),
        ({"a": "x", "g": [{"h": 1}, {"i": 1}]}, "some.toml: g 2: i is not known here; there are h"),
        ({"a": "x", "w": "c"}, "some.toml: w is none of a, b"),
    ],
)
def test_names_the_key_that_is_wrong(members: dict[str, object], told: str) -> None:
    with pytest.raises(Malformed) as caught:
        take_all(Members(members, "some.toml"))

    assert str(caught.value) == told


@pytest.mark.parametrize(
    "content",
    [b"a = ", b"a = 1\na = 2", b"\xff", b"a = " + b"[" * 100_000, b"a = " + b"9" * 5000, b"a = '\0'", b"'\0' = 1"],
)
def test_names_the_file_that_is_no_toml(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "some.toml"
    file.write_bytes(content)

    with pytest.raises(Malformed, match=r"^some\.toml: "):
        read_toml(file)


def test_names_the_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"^some\.toml: No such file"):
        read_toml(tmp_path / "some.toml")
