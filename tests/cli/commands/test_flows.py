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

    assert lines[0].split() == ["flow", "on", "in", "profile", "summary"]
    assert [line.split()[0] for line in lines[1:]] == list(FLOWS)


def test_says_of_a_flow_that_is_turned_off_what_lives_on_and_how_to_end_it(run: Run, site: str) -> None:
    key = run("service", "create", "payments", "--site", site, "--set", "flows=password", "--json").json["key"]

    first, again = (run("flows", "forbid", "payments", "password") for _ in range(2))
    as_json = run("flows", "forbid", "payments", "password", "--json")
    ended = run(*first.err.rpartition("mashery-oauth ")[2].split())

    assert first.err.startswith("Tokens that it made before live on; ")
    assert first.err.endswith(f": mashery-oauth revoke service {key}\n")
    assert again.err == f"password was off already. {first.err}"
    assert (as_json.code, as_json.err) == (0, "")
    assert ended.code == 0


def test_says_of_a_flow_that_is_turned_on_that_it_was_on(run: Run, site: str) -> None:
    run("service", "create", "payments", "--site", site)
    run("flows", "forbid", "payments", "password")

    first, again = (run("flows", "allow", "payments", "password") for _ in range(2))

    assert (first.code, first.err) == (0, "")
    assert (again.code, again.err) == (0, "password was on already.\n")


@pytest.mark.parametrize("verb", ["allow", "forbid"])
def test_help_names_the_flows(run: Run, verb: str) -> None:
    shown = " ".join(run("flows", verb, "--help").out.split())

    assert f"FLOW is one of: {', '.join(FLOWS)}." in shown


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
