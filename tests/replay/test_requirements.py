"""What a target lacks is said in words."""

from __future__ import annotations

from mashery_oauth.replay import Client, Target, rule_sets, scenarios
from mashery_oauth.replay.requirements import REQUIREMENTS

BY_NAME = {scenario.name: scenario for scenario in scenarios()}
BARE = Target("https://server.example/token", {"main": Client("id", "secret")})


def test_says_everything_that_is_missing() -> None:
    lacking = BY_NAME["revoke_foreign"].lacking(rule_sets()["rfc6749"], BARE)

    assert lacking == (
        "an authorization URL and a redirect URI of the client",
        "a user who can sign in",
        "a second client with a secret",
        "a revocation URL",
    )


def test_a_flow_is_there_if_the_target_says_so_or_else_its_text() -> None:
    draft16 = rule_sets()["draft16"]
    alone, implicit = BY_NAME["client_credentials"], BY_NAME["implicit"]
    only_implicit = Target(BARE.token_url, BARE.clients, flows=("implicit",))

    assert "the flow implicit" in implicit.lacking(draft16, BARE)
    assert alone.lacking(draft16, BARE) == ()
    assert "the flow implicit" not in implicit.lacking(draft16, only_implicit)
    assert alone.lacking(draft16, only_implicit) == ("the flow client_credentials",)


def test_every_requirement_is_needed_by_a_scenario() -> None:
    assert {name for scenario in scenarios() for name in scenario.requires} == set(REQUIREMENTS)
