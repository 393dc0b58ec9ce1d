"""The list of scenarios."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from mashery_oauth.cli.scenarios import needs_of, write_list
from mashery_oauth.replay import cast, scenarios

ALL = {scenario.name: scenario for scenario in scenarios()}


def listed(*names: str, width: int = 100) -> list[str]:
    out = io.StringIO()
    write_list(cast(names), Console(file=out, width=width))
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("names", [(), ("draft16",), ("barracuda", "oauth21")])
def test_is_no_wider_than_the_console(names: tuple[str, ...], width: int) -> None:
    lines = listed(*names, width=width)

    assert max(map(len, lines)) <= width


def test_tells_of_a_scenario_its_title_its_texts_and_its_needs() -> None:
    lines = listed("resource", "code_used_twice")

    assert lines == [
        "The protected resource",
        "  resource         A token opens the resource",
        "      barracuda, draft10, draft16, oauth21, rfc6749; needs a client with a secret, the URL of a",
        "      resource, the flow client_credentials",
        "",
        "The exchange of a code",
        "  code_used_twice  A code is used twice",
        "      draft10, draft16, oauth21, rfc6749; needs an authorization URL and a redirect URI of the",
        "      client, a user who can sign in, a client with a secret, the flow authorization_code",
        "",
        "2 scenarios; by set: barracuda 1, draft10 2, draft16 2, oauth21 2, rfc6749 2, 9 in all",
    ]


def test_a_text_that_is_alone_is_named_at_the_end_only() -> None:
    lines = listed("barracuda")

    assert [line for line in lines if "barracuda;" in line] == []
    assert lines[-1] == "7 scenarios of barracuda"
    assert "      needs a client with a secret" in lines


def test_every_scenario_is_under_its_topic() -> None:
    topics: dict[str, str] = {}
    topic = ""
    for line in listed()[:-1]:
        if line and not line.startswith(" "):
            topic = line
        elif line.startswith("  ") and line[2] != " ":
            topics[line.split()[0]] = topic

    assert topics == {name: scenario.topic for name, scenario in ALL.items()}


def test_needs_are_in_words() -> None:
    assert list(needs_of(ALL["password"])) == [
        "a client with a secret",
        "a user with a password",
        "the flow password",
    ]
