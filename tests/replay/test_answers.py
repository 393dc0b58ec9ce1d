"""Places in an answer."""

from __future__ import annotations

import pytest

from mashery_oauth.replay import Answer

ANSWER = Answer(
    302,
    {"cache-control": "no-store"},
    b'{"error": "x", "expires_in": 3600}',
    "https://client.example/cb?kept=1&code=a%2Bb+c&empty=&twice=1&twice=2&twice=3#token=d%20e",
)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("json.error", "x"),
        ("json.expires_in", 3600),
        ("json.access_token", None),
        ("header.Cache-Control", "no-store"),
        ("query.code", "a+b c"),
        ("query.empty", ""),
        ("query.twice", ["1", "2", "3"]),
        ("query.token", None),
        ("fragment.token", "d e"),
    ],
)
def test_finds_what_stands_at_a_place(place: str, found: object) -> None:
    assert ANSWER.look(place) == found


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_has_no_members(body: bytes) -> None:
    assert Answer(200, {}, body).json == {}


def test_halves_of_characters_are_replaced() -> None:
    """Found by an attack: a report could not be written with them, so all of it was lost."""
    answer = Answer(200, body=rb'{"access_token": "\ud800abc", "\udfff": ["\ud800"]}')

    assert answer.json == {"access_token": "?abc", "?": ["?"]}
