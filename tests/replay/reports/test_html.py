"""A run as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mashery_oauth.replay import Report
from mashery_oauth.replay.reports.html import html
from mashery_oauth.replay.rules import MUST, Rule
from mashery_oauth.replay.verdict import FAILED, Address, Judged, Verdict

from ...effort import tally, times
from ..made import DRAFT16, ECHO, ONCE, report


class Reader(HTMLParser):
    """Notices an element that is not closed, and keeps links, anchors and texts."""

    VOID = ("meta", "link", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.anchors += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def part(page: str, name: str) -> str:
    """One section of the page."""
    return page.partition(f'<section aria-labelledby="{name}">')[2].partition('<section aria-labelledby="')[0]


def test_every_element_is_closed_and_none_is_a_script() -> None:
    reader = Reader(html(report()))

    assert reader.open == []
    assert not {*reader.seen} & {"script", "img", "iframe", "link", "form", "object"}


def test_every_link_of_the_page_leads_somewhere() -> None:
    reader = Reader(html(report(must="passed")))

    inside = {link.removeprefix("#") for link in reader.links if link.startswith("#")}
    assert inside <= set(reader.anchors)
    assert len(set(reader.anchors)) == len(reader.anchors)
    assert {"draft16-D16-31", "draft16-D16-33", "draft16-D16-34", "draft10-D10-8"} <= inside
    assert {link for link in reader.links if "draft-ietf-oauth-v2-16#section-10.9" in link}


def test_nothing_that_a_server_says_is_markup_or_controls_anything() -> None:
    page = html(report())

    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 4  # the title, the heading, the verdict, the answer
    assert re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", page) == []


HOSTILE = st.lists(
    st.sampled_from(
        ["<script>", "</dd>", "</style>", "&", '"', "'", "-->", "{{ 1 }}", "``", "\x1b[2J", "\x00", "\ud800"]
    )
    | st.text(max_size=5)
).map(lambda parts: "x" + "".join(parts))


def hostile(text: str) -> Report:
    """A run in which every text that is not ours is this one."""
    judged = tuple(
        Judged(text, (ONCE,), MUST, Verdict(*each)) for each in ((FAILED, text, text), ("not run", "", "", text))
    )
    made = report()
    played = replace(made.played[0], title=text, judged=judged)
    left_out = (replace(made.left_out[0], title=text, lacking=(text,)),)
    return replace(made, target=text, played=(played,), left_out=left_out, addresses=(Address(text, text, text),))


@settings(max_examples=times(40), deadline=None)
@given(HOSTILE)
def test_no_text_changes_the_elements_of_the_page(text: str) -> None:
    plain, told = Reader(html(hostile("x"))), Reader(html(hostile(text)))

    assert told.seen == plain.seen
    assert (told.links, told.anchors) == (plain.links, plain.anchors)
    tally("hostile texts put into reports")


def test_the_head_says_what_was_played_where_when_and_by_which_version() -> None:
    head = html(report()).partition("</header>")[0]

    assert "<dt>Token endpoint</dt><dd>https://bank.example/token</dd>" in head
    assert "<dt>Authorization endpoint</dt><dd>https://bank.example/authorize</dd>" in head
    assert "2 January 2026, 03:04:05 UTC, for 1.5 s, by mashery-oauth 1.2.3" in head
    assert "breaks 2 (1 MUST, 1 SHOULD); 1 left out." in head
    assert '<a href="#draft16">Draft 16</a>: 1 scenario: 1 played; 4 checks; 3 statements: 1 passed, 2 failed' in head
    assert '<a href="#failed"><b class="failed">2</b> statements failed</a>' in head
    assert "<dt>Checks</dt><dd>1 passed, 2 failed, 1 not run</dd>" in head


def test_several_targets_are_told_apart() -> None:
    addresses = (Address("One", "https://one.example/token"), Address("Two", "https://two.example/token"))

    page = html(replace(report(), addresses=addresses))

    assert page.index("<dt>Target</dt><dd>One</dd>") < page.index("<dt>Target</dt><dd>Two</dd>")
    assert "<dd>none given</dd>" in page


def test_what_failed_comes_first_with_what_was_expected_and_received() -> None:
    page = html(report())

    failed = part(page, "failed")
    assert page.index('id="failed"') < page.index('id="left-out"') < page.index('id="statements"')
    assert '<a href="#draft16-D16-34">D16-34</a> <span class="level">SHOULD</span>' in failed
    assert "A code that is used again ends the tokens that came of it." in failed
    assert "A code is used twice: <strong>Ended</strong>" in failed
    assert "<dt>Expected</dt><dd>status 400</dd><dt>Received</dt><dd>status 200</dd>" in failed
    assert "D16-31" not in failed


def test_what_was_not_run_says_why() -> None:
    not_run = part(html(report(must="passed")), "not-run")

    assert '<article id="draft16-D16-33" class="not-run">' in not_run
    assert "<dt>Because</dt><dd>no code was had in a step before</dd>" in not_run


def test_what_was_left_out_says_why() -> None:
    left_out = part(html(report()), "left-out")

    assert "<h3>For lack of a user who can sign in, the flow implicit</h3>" in left_out
    assert "A token in the fragment" in left_out


def test_what_passed_is_told_by_section_where_one_opens_it() -> None:
    page = html(report())

    assert "<details open" not in page
    (section,) = [each for each in page.split("<details>") if 'id="draft16-D16-31"' in each]
    assert section.strip().startswith("<summary><h4>§4.1.2</h4>")
    assert ECHO.text.replace("``state``", "<code>state</code>") in section
    assert 'A code is used twice: Echo <span class="mark passed">passed</span>' in section


def test_nothing_in_a_statement_is_markup() -> None:
    made = report()
    rule = Rule("X-1", "1", "must", "A <b> and ``a<b``.")
    other = replace(DRAFT16, rules={"X-1": rule})
    judged = tuple(replace(each, rules=(rule,)) for each in made.played[0].judged)

    page = html(replace(made, played=(replace(made.played[0], rule_set=other, judged=judged),), left_out=()))

    assert "<p>A &lt;b&gt; and <code>a&lt;b</code>.</p>" in page


@pytest.mark.parametrize(
    ("must", "strict", "title"), [("failed", False, "Failed"), ("passed", False, "Passed"), ("passed", True, "Failed")]
)
def test_the_title_tells_how_it_went(must: str, strict: bool, title: str) -> None:  # noqa: FBT001
    assert f"<title>{title}: Bank" in html(report(must=must), strict=strict)


def test_a_run_in_which_nothing_was_played_says_so() -> None:
    page = html(replace(report(), played=()))

    assert "<title>Not run: Bank" in page
    assert "nothing was played: the target lacks something for every scenario." in page


def test_a_run_that_was_not_begun_says_why_and_nothing_else() -> None:
    page = html(replace(report(), played=(), left_out=(), problem="urls.token: <b>nobody</b> listens there."))

    reader = Reader(page)
    assert "<title>Not run: Bank" in page
    assert ": urls.token: &lt;b&gt;nobody&lt;/b&gt; listens there.</span>" in page
    assert reader.open == []
    assert "section" not in reader.seen
