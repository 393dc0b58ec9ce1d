"""A run for programs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from mashery_oauth.replay.reports.plain import plain

from ..made import report


def test_tells_everything_as_json() -> None:
    told: Any = json.loads(json.dumps(plain(report())))

    assert (told["failed"], told["outcome"], told["version"]) == (True, "failed", "1.2.3")
    assert [(each["token_url"], each["authorize_url"]) for each in told["addresses"]] == [
        ("https://bank.example/token", "https://bank.example/authorize")
    ]
    assert told["scenarios"][0]["checks"][1] == {
        "step": "Ended",
        "statements": ["D16-34"],
        "level": "should",
        "outcome": "failed",
        "expected": "status 400",
        "received": "status 200",
    }
    assert told["left_out"] == [
        {"set": "draft10", "name": "implicit", "lacking": ["a user who can sign in", "the flow implicit"]}
    ]
    assert {
        name: [(each["name"], each["outcome"]) for each in found] for name, found in told["statements"].items()
    } == {
        "draft16": [("D16-31", "passed"), ("D16-33", "failed"), ("D16-34", "failed")],
        "draft10": [("D10-8", "left out")],
    }


def test_counts_are_named_for_what_they_count() -> None:
    assert plain(report())["counts"] == {
        "scenarios": {"played": 1, "left out": 1},
        "checks": {"passed": 1, "failed": 2, "not run": 1},
        "statements": {"passed": 1, "failed": 2, "not run": 0, "left out": 1},
    }


def test_who_is_strict_fails_with_a_should() -> None:
    assert [plain(report(must="passed"), strict=strict)["failed"] for strict in (False, True)] == [False, True]


def test_why_a_run_was_not_begun_is_told_and_only_then() -> None:
    begun, problem = plain(report()), plain(replace(report(), played=(), left_out=(), problem="It is wrong."))

    assert "error" not in begun
    assert (problem["error"], problem["outcome"]) == ("It is wrong.", "not run")
    assert set(problem) - set(begun) == {"error"}
