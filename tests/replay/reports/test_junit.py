"""A run for CI systems."""

from __future__ import annotations

from dataclasses import replace
from xml.etree.ElementTree import Element, fromstring

from mashery_oauth.replay.reports.junit import TO_BE_PLAYED, junit

from ..made import report


def cases(*, strict: bool) -> dict[str, Element]:
    suites = fromstring(junit(report(), strict=strict))
    return {case.get("name", ""): case for case in suites.iter("testcase")}


def test_a_must_that_fails_is_a_failure() -> None:
    failure = cases(strict=False)["Twice (D16-33)"].find("failure")

    assert failure is not None
    assert "expected status 400; received <script>" in failure.get("message", "")
    assert failure.text == "§4.1.2, §10.9 D16-33: A code is good once."


def test_a_should_that_fails_is_a_failure_only_for_who_is_strict() -> None:
    usual, strict = (cases(strict=strict)["Ended (D16-34)"][0].tag for strict in (False, True))

    assert (usual, strict) == ("skipped", "failure")


def test_what_was_not_played_is_skipped_and_says_why() -> None:
    skipped = {name: case.find("skipped") for name, case in cases(strict=False).items()}
    messages = {name: element.get("message") for name, element in skipped.items() if element is not None}

    assert messages["Later (D16-33, D16-34)"] == "not run: no code was had in a step before"
    assert messages["A token in the fragment"] == "left out: it needs a user who can sign in, the flow implicit"


def test_nothing_that_a_server_says_is_unfit_for_xml() -> None:
    document = junit(report())

    assert "\x1b" not in document
    assert "\x00" not in document
    assert (
        "&lt;script&gt;alert(1)&lt;/script&gt;\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}&amp;" in document
    )


def test_cases_that_have_one_name_are_told_apart() -> None:
    """CI systems took some of them for repetitions: of 610 cases 17 had the name of another."""
    made = report()
    (played,) = made.played
    twice = (replace(played, judged=(*played.judged, played.judged[3], played.judged[3])), played)

    suites = fromstring(junit(replace(made, played=twice, left_out=made.left_out * 2)))

    names = [(case.get("classname"), case.get("name")) for case in suites.iter("testcase")]
    assert len(names) == len(set(names)) == 12
    assert [name for _, name in names if name and name.startswith("Echo")] == [
        "Echo (D16-31)",
        "Echo (D16-31) #2",
        "Echo (D16-31) #3",
        "Echo (D16-31) #4",
    ]


def test_a_run_that_was_not_begun_is_one_error() -> None:
    problem = "clients.main: <client_id> is wrong"

    suites = fromstring(junit(replace(report(), played=(), left_out=(), problem=problem)))

    (suite,) = suites
    ((case,), (error,)) = (list(suite), list(suite[0]))
    assert [suite.get(name) for name in ("tests", "failures", "skipped", "errors")] == ["1", "0", "0", "1"]
    assert (case.get("name"), error.tag, error.get("message")) == (TO_BE_PLAYED, "error", problem)


def test_counts_what_is_there() -> None:
    first, second = fromstring(junit(report()))

    assert [first.get(name) for name in ("name", "tests", "failures", "skipped")] == ["draft16", "4", "1", "2"]
    assert [second.get(name) for name in ("name", "tests", "failures", "skipped")] == ["draft10", "1", "0", "1"]
