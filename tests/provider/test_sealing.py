"""What travels in forms: nobody else can make it, read it, or use it for something else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.provider import sealing
from mashery_oauth.provider.sealing import SEALED_FOR, Spent, seal, unseal
from mashery_oauth.provider.sessions import SEALS, cipher

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def request_with(seals: Fernet) -> Any:
    """As much of a request as is looked at."""
    return cast(Any, SimpleNamespace(config_dict={SEALS: seals}))


HERE, ELSEWHERE = request_with(cipher("secret", "forms")), request_with(cipher("another", "forms"))
OTHER_USE = request_with(cipher("secret", "session"))


@given(st.lists(TEXTS))
def test_what_was_sealed_comes_back(values: list[str]) -> None:
    assert unseal(HERE, "target", seal(HERE, "target", *values)) == values


@given(TEXTS)
def test_what_was_sealed_is_good_for_nothing_else(value: str) -> None:
    sealed = seal(HERE, "target", value)

    assert unseal(HERE, "request", sealed) is None
    assert unseal(ELSEWHERE, "target", sealed) is None
    assert unseal(OTHER_USE, "target", sealed) is None
    assert len(value) < 8 or value not in sealed


@given(TEXTS)
def test_what_was_not_sealed_is_nothing(value: str) -> None:
    assert unseal(HERE, "target", value) is None


@given(st.data())
def test_a_letter_more_less_or_other_breaks_the_seal(data: st.DataObject) -> None:
    sealed = seal(HERE, "target", "/applications")
    at = data.draw(st.integers(0, len(sealed) - 1))
    letter = data.draw(st.sampled_from("Aa0-_=."))
    tail = len(sealed) - len(sealed.rstrip("=")) + 1  # the bits of base64 that nobody reads

    changed = sealed[:at] + letter + sealed[at + 1 :]

    if changed != sealed and at < len(sealed) - tail:
        assert unseal(HERE, "target", changed) is None
    assert unseal(HERE, "target", sealed[:at]) is None


def test_a_form_is_remembered_for_as_long_as_its_seal_is_good() -> None:
    now = 0.0
    spent = Spent(lambda: now)

    first = spent.spend("a")
    now = SEALED_FOR - 1
    young = spent.spend("a")
    now = SEALED_FOR
    old = spent.spend("a")

    assert (first, young, old) == (True, False, True)


def test_a_form_that_is_given_back_is_good_again() -> None:
    spent = Spent()
    spent.spend("a")

    spent.give_back("a")
    spent.give_back("b")

    assert spent.spend("a")


def test_no_more_forms_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SPENT_MOST", 2)
    spent = Spent()

    for form in "abc":
        spent.spend(form)

    assert [spent.spend(form) for form in "cba"] == [False, False, True]
