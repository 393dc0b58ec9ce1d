"""A run for programs."""

from __future__ import annotations

import json
from typing import Any

from mashery_oauth.replay.reports.plain import plain

from ..made import report


def test_tells_everything_as_json() -> None:
    told: Any = json.loads(json.dumps(plain(report())))

    assert (told["failed"], told["counts"]) == (True, {"passed": 1, "failed": 2, "not run": 1})
    assert told["scenarios"][0]["steps"][1] == {
        "step": "Ended",
        "rules": ["D16-34"],
        "level": "should",
        "outcome": "failed",
        "expected": "status 400",
        "received": "status 200",
    }
    assert told["left_out"] == [
        {"set": "draft10", "name": "implicit", "lacking": ["a user who can sign in", "the flow implicit"]}
    ]
    assert {rule["name"]: rule["outcome"] for rule in told["rules"]["draft16"]}["D16-31"] == "passed"


def test_who_is_strict_fails_with_a_should() -> None:
    assert [plain(report(must="passed"), strict=strict)["failed"] for strict in (False, True)] == [False, True]
