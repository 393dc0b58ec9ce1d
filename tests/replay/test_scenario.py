"""The scenarios of the package hold together, and a wrong one is refused by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from mashery_oauth.replay import Login, Malformed, Target, cast, rule_sets, scenarios
from mashery_oauth.replay.player import Casting
from mashery_oauth.replay.reading import files_in
from mashery_oauth.replay.rules import RuleSet
from mashery_oauth.replay.scenario import WAIT, Scenario, Step, read_scenarios
from mashery_oauth.replay.target import Client
from mashery_oauth.replay.variables import fill, fresh_values

CASTINGS = cast()
URI = "https://client.example/cb"
each_casting = pytest.mark.parametrize("casting", CASTINGS, ids=lambda each: f"{each[0].name}-{each[1].name}")


def least_target(scenario: Scenario, rule_set: RuleSet) -> Target:
    """A target that has what a scenario says that it needs, and no more."""
    needs = set(scenario.requires)
    uris = ((f"{URI}?own=1",) if "redirect_query" in needs else ()) + ((URI,) if "authorize" in needs else ())
    clients = {"main": Client("main", "secret" if "secret" in needs else "", uris[::-1])}
    clients |= {"second": Client("second", "secret")} if "second" in needs else {}
    clients |= {"second": Client("second", "secret", (URI,))} if "one_redirect" in needs else {}
    clients |= {"public": Client("public", "", ("https://public.example/cb",))} if "public" in needs else {}
    return Target(
        "https://server.example/token" if "remote_token" in needs else "http://127.0.0.1/token",
        clients,
        authorize_url="https://server.example/authorize" if needs & {"authorize", "remote_authorize"} else "",
        login=Login() if "user" in needs else None,
        user="user" if "password" in needs else "",
        password="password" if "password" in needs else "",
        scopes=("a", "b")[: 2 if "scopes" in needs else 1 if "scope" in needs else 0],
        pkce="pkce" in needs,
        code_lifetime=1 if "code_lifetime" in needs else 0,
        revoke_url="https://server.example/revoke" if "revoke" in needs else "",
        introspect_url="https://server.example/introspect" if "introspect" in needs else "",
        resource_url="https://server.example/resource" if "resource" in needs else "",
        flows=scenario.flows or rule_set.flows,
    )


def texts_of(step: Step) -> list[str]:
    pairs = (*step.query, *step.params, *step.headers)
    checks = [check.operand for claim in step.claims for check in claim.expectation.checks]
    return [
        *(text for pair in pairs for text in pair),
        *(claim.expectation.to for claim in step.claims),
        *(operand for operand in checks if isinstance(operand, str)),
        step.seconds,
        step.secret or "",
    ]


@each_casting
def test_needs_no_more_than_it_says(casting: Casting) -> None:
    rule_set, scenario = casting
    target = least_target(scenario, rule_set)
    values = fresh_values() | dict(rule_set.values) | dict(target.values(scenario.client))

    assert scenario.lacking(rule_set, target) == ()
    for step in scenario.steps:
        assert target.client(step.client) is not None
        for text in texts_of(step):
            if not text.endswith("?}"):
                fill(text, values)
        values |= dict.fromkeys((name for name, _ in step.save), "saved")


@each_casting
def test_needs_each_thing_that_it_says(casting: Casting) -> None:
    rule_set, scenario = casting
    bare = Target("http://127.0.0.1/token", {"main": Client("main")}, flows=("none",))

    lacking = scenario.lacking(rule_set, bare)

    assert len(lacking) == len(set(scenario.requires)) + len(scenario.flows)


@each_casting
def test_every_step_is_judged_by_its_text(casting: Casting) -> None:
    rule_set, scenario = casting

    silent = [step.title for step in scenario.steps if not any(rule_set.level(claim.rules) for claim in step.claims)]

    assert silent == [step.title for step in scenario.steps if step.send == WAIT]


@pytest.mark.parametrize("text", rule_sets())
def test_every_statement_of_a_set_is_played(text: str) -> None:
    played = {
        name for _, scenario in cast([text]) for step in scenario.steps for each in step.claims for name in each.rules
    }

    assert set(rule_sets()[text].rules) - played == set()


def test_a_scenario_names_the_statements_of_a_text_once_each() -> None:
    (twice,) = [each for each in scenarios() if each.name == "code_used_twice_ends_the_grant"]

    found = {name: [rule.name for rule in twice.rules(rule_set)] for name, rule_set in rule_sets().items()}

    assert found["draft16"][-2:] == ["D16-33", "D16-34"]
    assert len(set(found["draft16"])) == len(found["draft16"])
    assert set(found["rfc6749"]) <= set(rule_sets()["rfc6749"].rules)
    assert "D16-33" not in found["rfc6749"]


def test_every_statement_that_a_scenario_names_is_in_a_set() -> None:
    known = {name for found in rule_sets().values() for name in found.rules}

    named = {name for scenario in scenarios() for step in scenario.steps for each in step.claims for name in each.rules}

    assert named - known == set()


def test_no_line_of_a_scenario_is_long() -> None:
    files = files_in("scenarios") + files_in("sets")

    long = [
        f"{file.name}: {line}" for file in files for line in file.read_text("utf-8").splitlines() if len(line) > 120
    ]

    assert [line for line in long if not line.partition(": ")[2].startswith("text = ")] == []


SCENARIO = """
title = "Topic"
[[given]]
name = "begin"
[[given.step]]
title = "Given"
send = "token"
params = { a = "1" }
[[scenario]]
name = "some"
title = "Some"
sets = ["draft16"]
given = ["begin"]
[[scenario.step]]
title = "With ${each}"
send = "token"
params = { b = ["${each}", "2"] }
each = ["x", "y"]
[[scenario.step.expect]]
rules = ["D16-33"]
json.error = "${each}"
"""


def read(text: str, tmp_path: Path) -> tuple[Scenario, ...]:
    file = tmp_path / "some.toml"
    file.write_text(text)
    return read_scenarios([file])


def test_reads_what_is_given_and_repeats_a_step_for_each_value(tmp_path: Path) -> None:
    (scenario,) = read(SCENARIO, tmp_path)

    assert [(step.title, step.params) for step in scenario.steps] == [
        ("Given", (("a", "1"),)),
        ("With x", (("b", "x"), ("b", "2"))),
        ("With y", (("b", "y"), ("b", "2"))),
    ]
    assert scenario.steps[2].claims[0].expectation.checks[0].operand == "y"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("send =", "sent ="), "given: send is missing"),
        (('params = { b = ["${each}", "2"] }', "params = { b = [1] }"), "step 1: params.b is not a string or a list"),
        (('["draft16"]', '["draft17"]'), "sets has draft17"),
        (('given = ["begin"]', 'given = ["began"]'), "given names began, which no file gives"),
        (('given = ["begin"]', 'requires = ["luck"]'), "requires has luck"),
        (("rules =", 'level = "must"\nrules ='), "expect 1: level is none of"),
        (("json.error", "yaml.error"), "expect 1: yaml is not known here"),
        (("json.error", "distinct"), "expect 1: distinct is no place"),
        (('each = ["x", "y"]', 'save = { c = "body.c" }'), "save.c is no place"),
        (('each = ["x", "y"]', 'wait = "1"'), "step 1: wait is not known here"),
    ],
)
def test_refuses_a_scenario_by_file_and_key(change: tuple[str, str], told: str, tmp_path: Path) -> None:
    with pytest.raises(Malformed) as caught:
        read(SCENARIO.replace(*change), tmp_path)

    assert str(caught.value).startswith("some.toml: ")
    assert told in str(caught.value)


def test_refuses_a_name_that_is_there_twice(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="some is there twice"):
        read(SCENARIO + SCENARIO[SCENARIO.index("[[scenario]]") :], tmp_path)
