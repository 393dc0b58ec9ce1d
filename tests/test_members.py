"""Members of a record from plain values and from words."""

from typing import Any

import pytest

from mashery_oauth.members import changed_policy, policy_of_preset, read_members, spell_members, types_of
from mashery_oauth.models import Application, Policy
from mashery_oauth.operation import OperationError

WORDS = {
    "profile": ("draft10", "draft10"),
    "flows": ("password", frozenset({"password"})),
    "access_ttl": ("off", None),
    "access_ttl_max": ("60", 60),
    "refresh_rotation": ("no", False),
    "scopes": ("read, write", ("read", "write")),
    "default_scopes": ("", ()),
    "grant_aliases": ("partners=read", {"partners": "read"}),
    "token_cap": ("5", 5),
}


def test_knows_every_member_of_a_policy() -> None:
    assert list(types_of(Policy)) == list(Policy.__dataclass_fields__)


@pytest.mark.parametrize("name", WORDS)
def test_a_word_becomes_the_members_value(name: str) -> None:
    word, value = WORDS[name]

    assert read_members(Policy, spell_members(Policy, {name: word})) == {name: value}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("access_ttl", "soon"),
        ("access_ttl", "1.5"),
        ("access_ttl", "9" * 5000),
        ("force_https", "perhaps"),
        ("grant_aliases", "partners"),
    ],
)
def test_a_word_that_cannot_be_read_is_refused(name: str, word: str) -> None:
    with pytest.raises(OperationError) as refusal:
        read_members(Policy, spell_members(Policy, {name: word}))

    assert refusal.value.field == name


def test_a_text_may_say_off() -> None:
    assert read_members(Application, {"external_id": "off", "flows": "off"}) == {"external_id": "off", "flows": None}


@pytest.mark.parametrize(
    ("name", "value"), [("code_ttl", "off"), ("code_ttl", True), ("scopes", [1]), ("grant_aliases", {"a": 1})]
)
def test_refuses_a_value_of_another_type(name: str, value: Any) -> None:
    with pytest.raises(OperationError, match=f"^{name}: must be "):
        read_members(Policy, {name: value})


def test_refuses_a_member_that_there_is_not() -> None:
    with pytest.raises(OperationError, match="ttl: there is no such member; there are: profile, flows"):
        changed_policy(Policy(), {"ttl": 1})


def test_refuses_a_preset_that_there_is_not() -> None:
    with pytest.raises(OperationError, match="preset: must be one of: mashery"):
        policy_of_preset("draft9")
