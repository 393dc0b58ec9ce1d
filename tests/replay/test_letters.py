"""What is left of letters that control a terminal, a browser or an XML parser."""

from __future__ import annotations

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.replay.letters import fit, printable, unmarked

CONTROLS = [
    *(chr(code) for code in (*range(9), 11, 12, *range(14, 32), *range(127, 160))),
    "\ud800",
    "\udfff",
    "\uffff",
]
TURNING = ["\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"]


@pytest.mark.parametrize("letter", [*CONTROLS, *TURNING], ids=ascii)
def test_nothing_that_controls_is_left(letter: str) -> None:
    assert fit(f"a{letter}b") == "a\N{REPLACEMENT CHARACTER}b"
    assert printable(f"a{letter}b").isprintable()


def test_what_is_to_be_taken_literally_is_quoted() -> None:
    assert unmarked("``none`` and ``a=b`` yield no `refresh` token.") == "'none' and 'a=b' yield no `refresh` token."


def test_what_people_write_stays() -> None:
    text = "tab\t, line\n, naïve, 日本語, \N{HORIZONTAL ELLIPSIS}, \N{GRINNING FACE}, &<>"

    assert fit(text) == text


@given(st.text(st.characters(exclude_categories=[])))
def test_a_text_that_fits_is_xml(text: str) -> None:
    escaped = fit(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    assert fromstring(f"<x>{escaped}</x>").tag == "x"
    assert fit(text).encode().decode() == fit(text)
    assert printable(text).isprintable()
