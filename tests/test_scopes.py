"""Scopes: their letters, their separators, and that nothing is narrowed in silence."""

from __future__ import annotations

import pytest

from mashery_oauth.errors import Refusal
from mashery_oauth.models import Policy
from mashery_oauth.scopes import LONGEST, granted, narrowed, split

TWO = Policy(scopes=("read", "write"), default_scopes=("read",))
BOTH = " +"


@pytest.mark.parametrize(
    ("scope", "separators", "words"),
    [
        ("read", " ", ["read"]),
        ("read write", " ", ["read", "write"]),
        ("  read   write ", " ", ["read", "write"]),
        ("write read write", " ", ["write", "read"]),
        ("Read read", " ", ["Read", "read"]),
        ("read+write", " ", ["read+write"]),
        ("read+write", BOTH, ["read", "write"]),
        ("read +write+", BOTH, ["read", "write"]),
        (
            "https://api.example.com/read!#$%&'()*,;=@[]^`{|}~",
            " ",
            ["https://api.example.com/read!#$%&'()*,;=@[]^`{|}~"],
        ),
        ("", " ", []),
        ("   ", " ", []),
    ],
)
def test_splits_into_words(scope: str, separators: str, words: list[str]) -> None:
    assert split(scope, separators) == words


@pytest.mark.parametrize(
    "scope",
    [
        're"ad',
        "re\\ad",
        "read\twrite",
        "read\n",
        "read\x00",
        "réad",
        "read\u00a0write",
        "read\x7f",
        "s" * (LONGEST + 1),
    ],
    ids=ascii,
)
def test_refuses_what_no_scope_may_have(scope: str) -> None:
    with pytest.raises(Refusal, match="invalid_scope"):
        split(scope, " ")


def test_takes_the_longest_that_there_may_be() -> None:
    assert split("s" * LONGEST, " ") == ["s" * LONGEST]


@pytest.mark.parametrize(
    ("policy", "asked", "wanted"),
    [
        (Policy(), None, None),
        (Policy(), "anything at all", "anything at all"),
        (Policy(), "   ", None),
        (Policy(scope_separators=BOTH), "read+write", "read write"),
        (Policy(default_scopes=("a", "b")), None, "a b"),
        (TWO, None, "read"),
        (TWO, "write", "write"),
        (TWO, "write read", "write read"),
    ],
)
def test_grants_what_was_asked_or_else_the_default(policy: Policy, asked: str | None, wanted: str | None) -> None:
    assert granted(policy, asked) == wanted


@pytest.mark.parametrize("asked", ["admin", "read admin", "READ", "read+write", "read,write"])
def test_refuses_what_the_service_does_not_have_rather_than_narrow(asked: str) -> None:
    with pytest.raises(Refusal, match="invalid_scope"):
        granted(TWO, asked)


@pytest.mark.parametrize(
    ("asked", "wanted"), [(None, None), ("read", "read"), ("read  read write", "read write"), ("  ", None)]
)
def test_reads_what_is_wanted_of_a_grant(asked: str | None, wanted: str | None) -> None:
    assert narrowed(TWO, asked) == wanted
