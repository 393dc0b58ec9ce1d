"""Each check, as it is written."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.replay import Answer, Malformed
from mashery_oauth.replay.expectations import Expectation, read_expectation
from mashery_oauth.replay.reading import Members

JSON = b'{"error": "a", "n": 5, "one": 1, "text": "5", "yes": true, "none": null, "list": ["a"]}'
ANSWER = Answer(400, {"www-authenticate": 'Basic realm="x"'}, JSON)
SENT = Answer(302, {}, b"", "https://client.example/cb?kept=1&code=abc")
VALUES = {"known": "a", "uri": "https://client.example/cb?kept=1"}


def expectation(written: dict[str, Any]) -> Expectation:
    with Members(written, "some.toml") as members:
        return read_expectation(members)


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"status": 400},
        {"status": [401, 400]},
        {"json": {"error": "a"}},
        {"json": {"error": "${known}"}},
        {"json": {"error": ["b", "${known}"]}},
        {"json": {"error": {"not": "b"}}},
        {"json": {"n": 5, "yes": True}},
        {"json": {"n": {"type": "number"}, "text": {"type": "string"}, "yes": {"type": "boolean"}}},
        {"json": {"list": {"type": "list"}}},
        {"json": {"none": {"absent": True}, "other": {"absent": True}, "n": {"absent": False}}},
        {"json": {"n": {"present": True}, "other": {"present": False}}},
        {"json": {"text": {"matches": "[0-9]"}, "error": {"least_length": 1}}},
        {"header": {"WWW-Authenticate": {"contains": "basic "}, "Pragma": {"lacks": "x"}}},
        {"header": {"WWW-Authenticate": {"lacks": "error="}}},
        {"sent_away": False},
        {"any_of": [{"status": 200}, {"status": 400, "json": {"error": "a"}}]},
    ],
    ids=str,
)
def test_holds(written: dict[str, Any]) -> None:
    assert expectation(written).met(ANSWER, VALUES)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"status": 200}, "status 200"),
        ({"status": [200, 201]}, "status 200 or 201"),
        ({"json": {"error": "b"}}, "json.error b"),
        ({"json": {"error": ["b", "c"]}}, "json.error one of b, c"),
        ({"json": {"error": {"not": "${known}"}}}, "json.error not a"),
        ({"json": {"other": {"not": "a"}}}, "json.other not a"),
        ({"json": {"text": 5}}, "json.text 5"),
        ({"json": {"n": True}}, "json.n True"),
        ({"json": {"one": True}}, "json.one True"),
        ({"json": {"n": {"type": "string"}}}, "json.n a string"),
        ({"json": {"yes": {"type": "number"}}}, "json.yes a number"),
        ({"json": {"error": {"absent": True}}}, "json.error absent"),
        ({"json": {"other": {"present": True}}}, "json.other there"),
        ({"json": {"list": {"present": True}}}, "json.list there"),
        ({"json": {"other": {"absent": False}}}, "json.other there"),
        ({"json": {"error": {"present": False}}}, "json.error absent"),
        ({"json": {"text": {"matches": "[0-4]"}}}, "json.text like [0-4]"),
        ({"json": {"text": {"least_length": 2}}}, "json.text 2 long"),
        ({"json": {"error": {"lacks": "A"}}}, "json.error without A"),
        ({"header": {"Pragma": {"contains": "no-cache"}}}, "header.Pragma with no-cache"),
        ({"sent_away": True}, "sent back to the client"),
        ({"to": "${uri}"}, "sent to https://client.example/cb?kept=1"),
        ({"any_of": [{"status": 200}, {"json": {"error": "b"}}]}, "(status 200) or (json.error b)"),
    ],
    ids=str,
)
def test_does_not_hold_and_says_what_was_expected(written: dict[str, Any], told: str) -> None:
    assert list(expectation(written).unmet(ANSWER, VALUES)) == [told]


@pytest.mark.parametrize(
    ("uri", "met"),
    [
        ("https://client.example/cb?kept=1", True),
        ("https://client.example/cb", True),
        ("https://client.example/c", False),
        ("https://client.example/cb?kept=", False),
        ("https://client.example/cb?other=1", False),
    ],
)
def test_a_redirect_uri_is_kept_whole(uri: str, met: bool) -> None:  # noqa: FBT001
    assert expectation({"to": "${it}"}).met(SENT, {"it": uri}) is met


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"status": "400"}, "some.toml: status is not a status"),
        ({"jsn": {"error": "a"}}, "some.toml: jsn is not known here"),
        ({"json": {"error": {"equal": "a"}}}, "some.toml: json: json.error has no check equal"),
        ({"json": {"error": {"type": "text"}}}, "some.toml: json: json.error has no type text"),
        ({"json": {"error": {"not": {}}}}, "some.toml: json: json.error has not with something"),
        ({"any_of": [{"stats": 1}]}, "some.toml: any_of 1: stats is not known here"),
    ],
)
def test_refuses_what_is_not_in_the_table(written: dict[str, Any], told: str) -> None:
    with pytest.raises(Malformed) as caught:
        expectation(written)

    assert str(caught.value).startswith(told)
