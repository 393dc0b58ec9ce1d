"""Answers in a redirect URI: added to what it has, and read back as they were sent."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.provider.redirecting import with_members

MEMBERS = st.dictionaries(st.text("abc", min_size=1), st.text(st.characters(exclude_categories=["Cs"])), min_size=1)
URIS = ("https://c.example/cb", "https://c.example/cb?own=1", "https://c.example/cb?", "https://c.example/cb?own=1&",
        "com.example.app:/cb")  # fmt: skip


@pytest.mark.parametrize("component", ["query", "fragment"])
@given(uri=st.sampled_from(URIS), members=MEMBERS)
def test_what_is_added_is_read_back_and_what_was_there_stays(component: str, uri: str, members: dict[str, str]) -> None:
    made = urlsplit(with_members(uri, component, urlencode(members)))

    before, added = urlsplit(uri), parse_qsl(getattr(made, component), keep_blank_values=True)
    assert made[:3] == before[:3]
    assert added[-len(members) :] == list(members.items())
    assert parse_qsl(made.query, keep_blank_values=True)[: len(parse_qsl(before.query))] == parse_qsl(before.query)
