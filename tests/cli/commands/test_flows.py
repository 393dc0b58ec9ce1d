"""``mashery-oauth flows``."""

from __future__ import annotations

import pytest

from mashery_oauth.flows import FLOWS

from ..conftest import Run


def test_switches_a_flow_by_the_words_of_the_issue(run: Run, site: str) -> None:
    run("service", "create", "payments", "--site", site)

    before = run("flows", "payments", "--json").json
    allowed = run("flows", "allow", "payments", "password", "--json").json
    forbidden = run("flows", "forbid", "payments", "password", "--json").json

    assert [row["flow"] for row in before] == list(FLOWS)
    assert {row["flow"] for row in allowed if row["on"]} == {row["flow"] for row in before if row["on"]} | {"password"}
    assert forbidden == before
    assert run("flows", "--json", "payments").json == before


def test_shows_flows_as_a_table(run: Run, site: str) -> None:
    run("service", "create", "payments", "--site", site)

    lines = run("flows", "payments").out.splitlines()

    assert lines[0].split() == ["flow", "on", "known", "summary"]
    assert [line.split()[0] for line in lines[1:]] == list(FLOWS)


def test_refuses_a_flow_and_a_service_that_do_not_exist(run: Run, site: str) -> None:
    run("service", "create", "payments", "--site", site)

    assert "there is no flow 'device'" in run("flows", "allow", "payments", "device").err
    assert run("flows", "nothing").err == "Error: service: there is none with the key or name 'nothing'\n"


@pytest.mark.parametrize("words", [("off", "payments", "password"), ("off", "payments"), ("payments", "password")])
def test_names_the_verbs_to_whoever_uses_another(run: Run, site: str, words: tuple[str, ...]) -> None:
    run("service", "create", "payments", "--site", site)

    refused = run("flows", *words)

    assert (refused.code, refused.out) == (2, "")
    assert '"flows allow SERVICE FLOW" turns a flow on, "flows forbid SERVICE FLOW" turns it off' in refused.err


def test_asks_for_a_service_to_show(run: Run) -> None:
    refused = run("flows", "show")

    assert (refused.code, refused.out) == (2, "")
    assert "name just one" in refused.err
