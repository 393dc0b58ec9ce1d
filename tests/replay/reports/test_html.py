"""A run as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from mashery_oauth.replay.reports.html import html
from mashery_oauth.replay.rules import Rule

from ..made import DRAFT16, report


class Balanced(HTMLParser):
    """Notices an element that is not closed."""

    VOID = ("meta", "link", "br")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_element_is_closed_and_none_is_a_script() -> None:
    parser = Balanced()
    parser.feed(html(report()))
    parser.close()

    assert parser.open == []
    assert not parser.seen & {"script", "img", "iframe", "link", "form", "object"}


def test_nothing_that_a_server_says_is_markup() -> None:
    page = html(report())

    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 3


def test_every_statement_is_told_with_its_verdict() -> None:
    page = html(report())

    told = dict(re.findall(r'<strong>(D16-\w+)</strong> .*?\n<span class="[\w-]+">([\w ]+)</span>', page))
    assert set(told) == set(DRAFT16.rules)
    assert (told["D16-33"], told["D16-34"], told["D16-31"], told["D16-6"]) == ("failed", "failed", "passed", "not run")


def test_says_what_was_left_out_and_why() -> None:
    assert "needs a user who can sign in, the flow implicit" in html(report())


def test_nothing_in_a_statement_is_markup() -> None:
    made = report()
    rule = Rule("X-1", "1", "must", "A <b> and ``a<b``.")
    other = replace(DRAFT16, rules={"X-1": rule})
    page = html(replace(made, played=(replace(made.played[0], rule_set=other),), left_out=()))

    assert "<p>A &lt;b&gt; and <code>a&lt;b</code>.</p>" in page


def test_a_literal_is_code() -> None:
    assert "<code>state</code> comes back exactly" in html(report())


@pytest.mark.parametrize(
    ("must", "strict", "title"), [("failed", False, "Failed"), ("passed", False, "Passed"), ("passed", True, "Failed")]
)
def test_the_title_tells_how_it_went(must: str, strict: bool, title: str) -> None:  # noqa: FBT001
    assert f"<title>{title}: Bank" in html(report(must=must), strict=strict)
