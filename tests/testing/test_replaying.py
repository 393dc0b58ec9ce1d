"""Scenarios as tests: named for their statements, and each failure says what was expected by which one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mashery_oauth.replay import Login, Target, rule_sets
from mashery_oauth.testing import Backend, Unmet, replay_tests, serve

from ..effort import tally
from .example import (
    Fault,
    caches_tokens,
    forgets_the_redirect_uri,
    loses_the_state,
    new_provider,
    says_nothing_of_a_missing_response_type,
)

Play = Callable[..., None]


class Requesting:
    """What a test asks pytest for: the target."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def getfixturevalue(self, name: str) -> Target:
        assert name == "target"
        return self._target


@pytest.fixture
def play(backend: Backend) -> Play:
    """Plays a scenario of draft 16 against the example's provider, as its test would."""

    def run(scenario: str, fault: Fault | None = None, *, strict: bool = False, **members: Any) -> None:
        service = backend.service(scopes=["read", "write"])
        with serve(new_provider(backend, service.key, fault)) as provider:
            given: dict[str, Any] = {
                "authorize_url": f"{provider.url}/authorize",
                "login": Login(),
                "scopes": ("read",),
            } | members
            target = backend.target(f"{provider.url}/token", user="alice", password="wonderland", **given)
            test = replay_tests("draft16", strict=strict)
            (casting,) = [each.values[0] for each in params(test) if each.values[0][1].name == scenario]
            tally("scenarios that were played as tests")
            test(casting, Requesting(target))

    return run


def params(test: Callable[..., None]) -> list[Any]:
    """What a test is parametrised with."""
    (mark,) = [each for each in test.pytestmark if each.name == "parametrize"]  # type: ignore[attr-defined]
    return list(mark.args[1])


def test_each_scenario_is_a_test_that_names_its_statements() -> None:
    found = params(replay_tests("draft16"))

    names = {each.values[0][1].name: each.id for each in found}
    known = rule_sets()["draft16"].rules
    assert len(found) > 20
    assert len(set(names.values())) == len(found)
    for name, given in names.items():
        assert given.startswith(f"{name}-")
        assert set(given.removeprefix(f"{name}-").split("+")) <= set(known)
    assert "D16-33" in names["code_used_twice"]


def test_scenarios_of_several_texts_are_told_apart() -> None:
    names = [each.id for each in params(replay_tests("draft10", "draft16"))]

    assert len(set(names)) == len(names)
    assert {name.partition("-")[0] for name in names} == {"draft10", "draft16"}


@pytest.mark.parametrize("scenario", ["authorize", "code", "code_used_twice"])
def test_a_provider_that_does_it_well_passes(play: Play, scenario: str) -> None:
    play(scenario)


@pytest.mark.parametrize(
    ("scenario", "fault", "said"),
    [
        ("code", forgets_the_redirect_uri, ["D16-55", "expected: ", "received: status 400", "invalid_request"]),
        ("authorize", loses_the_state, ["D16-31", "must", "expected: query.state"]),
        ("code", caches_tokens, ["D16-57", "expected: header.Cache-Control with no-store", "received: status 200"]),
    ],
)
def test_a_failure_says_what_was_expected_by_which_statement(
    play: Play, scenario: str, fault: Fault, said: list[str]
) -> None:
    with pytest.raises(pytest.fail.Exception) as failed:
        play(scenario, fault)

    told = str(failed.value)
    assert [part for part in said if part not in told] == []
    assert told.startswith("Draft 16: ")
    assert "wonderland" not in told


def test_what_a_provider_only_should_do_is_a_warning(play: Play) -> None:
    with pytest.warns(Unmet, match="D16-5, .*should"):
        play("response_type", says_nothing_of_a_missing_response_type)


def test_what_a_provider_only_should_do_fails_where_it_is_strict(play: Play) -> None:
    with pytest.raises(pytest.fail.Exception, match="D16-5, "):
        play("response_type", says_nothing_of_a_missing_response_type, strict=True)


def test_what_was_left_out_has_not_passed(play: Play) -> None:
    with pytest.raises(pytest.skip.Exception, match="needs a user who can sign in"):
        play("code", login=None)


def test_plays_in_a_test_that_has_a_loop_of_its_own(backend: Backend, play: Play) -> None:
    async def within() -> None:
        play("code")

    import asyncio  # noqa: PLC0415  this test alone is about it

    asyncio.run(within())
    assert backend.calls.of("createAccessToken").last.outcome == "ok"
