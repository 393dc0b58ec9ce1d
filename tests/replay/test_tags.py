"""The pieces of a page, well formed or not."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.replay.tags import MOST_ATTRIBUTES, MOST_PIECES, Tag, pieces

NAMES, WORDS = st.sampled_from(["form", "input", "p", "B"]), st.text("abc .,'/=-\xe4", max_size=6)


def read(page: str) -> list[tuple[str, dict[str, str]] | str]:
    """Tags as name and attributes, with a slash before the name of an end; texts as they are."""
    return [each if isinstance(each, str) else ("/" * each.ends + each.name, each.attributes) for each in pieces(page)]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("a<B>c</b >d", ["a", ("b", {}), "c", ("/b", {}), "d"]),
        ("<a x=1 y='2>' Z=\"3 '\" w>", [("a", {"x": "1", "y": "2>", "z": "3 '", "w": ""})]),
        ("<a x = 1 x=2/>", [("a", {"x": "1"})]),
        ("<a href=/b/c>", [("a", {"href": "/b/c"})]),
        ("<p don't>t</p>", [("p", {"don't": ""}), "t", ("/p", {})]),
        ("<a x='&lt;&amp;'>&lt;", [("a", {"x": "<&"}), "&lt;"]),
        ("<!doctype html><!-- <a> -- > --><?x <b>y", ["y"]),
        ("1 < 2 <3<<i>", ["1 < 2 <3<", ("i", {})]),
        ("<script>'<a>'</SCRIPT><a>", [("script", {}), ("/script", {}), ("a", {})]),
        ("<textarea><form></textarea><a>", [("textarea", {}), ("/textarea", {}), ("a", {})]),
        ("x<a b='", ["x"]),
        ("x<!-- <a>", ["x"]),
        ("x<script><a>", ["x", ("script", {})]),
    ],
)
def test_tells_tags_and_texts_apart(page: str, found: list[object]) -> None:
    assert read(page) == found


class Library(HTMLParser):
    """The same by the standard library."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.tags: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, [value or "" for _, value in attrs]))


@given(st.lists(st.tuples(NAMES, st.lists(WORDS, max_size=4), WORDS), max_size=8))
def test_reads_a_well_formed_page_as_the_standard_library_does(elements: list[tuple[str, list[str], str]]) -> None:
    page = ""
    for name, values, text in elements:
        attributes = "".join(f' a{number}="{value}"' for number, value in enumerate(values))
        page += f"<{name}{attributes}>{text}</{name}>"
    library = Library()

    library.feed(page)

    begun = [each for each in pieces(page) if isinstance(each, Tag) and not each.ends]
    assert [(each.name, list(each.attributes.values())) for each in begun] == library.tags


@given(st.text("<>/!-='\"ab &#;?\n", max_size=60))
def test_reads_whatever_comes(page: str) -> None:
    texts = [each for each in pieces(page) if isinstance(each, str)]

    assert all(text in page for text in texts)


def test_a_page_with_more_pieces_than_anybodys_is_not_read() -> None:
    assert len(list(pieces("<a>" * MOST_PIECES))) == MOST_PIECES
    with pytest.raises(ValueError, match="too many"):
        list(pieces("<a>" * (MOST_PIECES + 1)))


def test_no_more_attributes_are_read_than_a_tag_has() -> None:
    (tag,) = pieces(f"<a {' '.join(f'b{number}=1' for number in range(2 * MOST_ATTRIBUTES))}>")

    assert isinstance(tag, Tag)
    assert len(tag.attributes) == MOST_ATTRIBUTES
