"""Which scenarios are played by a name."""

from __future__ import annotations

import pytest

from mashery_oauth.replay import NoSuchScenario, cast, rule_sets, scenarios


def names(*wanted: str, profiles: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    return {(rule_set.name, scenario.name) for rule_set, scenario in cast(wanted, profiles)}


def test_without_a_name_it_is_all() -> None:
    assert names() == {(text, scenario.name) for scenario in scenarios() for text in scenario.sets}
    assert {text for text, _ in names()} == set(rule_sets())


def test_a_set_is_all_of_its_scenarios() -> None:
    assert {text for text, _ in names("draft16")} == {"draft16"}
    assert names("draft16", "draft10") == names("draft16") | names("draft10")


def test_a_scenario_is_played_by_every_text_that_has_it() -> None:
    assert names("implicit") == {(text, "implicit") for text in ("draft10", "draft16", "rfc6749")}
    assert names("implicit", profiles=("rfc6749",)) == {("rfc6749", "implicit")}


def test_the_target_says_which_texts_are_meant() -> None:
    assert names(profiles=("draft16",)) == names("draft16")
    assert names("draft10", profiles=("draft16",)) == names("draft10")


def test_a_scenario_beside_its_set_is_played_once() -> None:
    assert len(cast(["draft16", "implicit"], ["draft16"])) == len(cast(["draft16"]))


@pytest.mark.parametrize(("name", "profiles"), [("draft17", ()), ("implicit", ("oauth21",))])
def test_an_unknown_name_is_told(name: str, profiles: tuple[str, ...]) -> None:
    with pytest.raises(NoSuchScenario, match=f"^{name}$"):
        cast([name], profiles)
