"""References, and what they stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mashery_oauth.replay.variables import Unset, challenge_of, fill, fill_pairs, fresh_values


@given(st.text(), st.text(), st.text())
def test_a_reference_becomes_its_value_and_nothing_else_changes(before: str, value: str, after: str) -> None:
    plain = before.replace("$", ""), after.replace("$", "")

    filled = fill("${x}".join(plain), {"x": value})

    assert filled == value.join(plain)


def test_a_value_that_is_not_there_is_named() -> None:
    with pytest.raises(Unset, match=r"^second\.client_id$"):
        fill("${second.client_id}", {})


def test_what_may_be_missing_takes_its_parameter_along() -> None:
    pairs = (("a", "${x?}"), ("b", "${y?}"), ("${x}", "c"))

    assert fill_pairs(pairs, {"x": "1"}) == [("a", "1"), ("1", "c")]


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_each_playing_has_values_of_its_own() -> None:
    first, second = fresh_values(), fresh_values()

    assert first.keys() == second.keys()
    assert set(first.values()).isdisjoint(second.values())
    assert challenge_of(first["verifier"]) == first["challenge"]
    assert 43 <= len(first["verifier"]) <= 128
