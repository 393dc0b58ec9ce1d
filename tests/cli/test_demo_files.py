"""What of the demo is there to be replayed against, and the file that describes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mashery_oauth.cli.demo import Demo, DemoApplication, DemoCaller, DemoUser
from mashery_oauth.cli.demo_files import write_files
from mashery_oauth.cli.replayed import (
    FILE,
    POLICIES,
    REGISTRATIONS,
    RENDERINGS,
    TEXTS,
    is_replayed,
    service_of,
)
from mashery_oauth.provider.renderings import RENDERINGS as ROWS
from mashery_oauth.replay import Target, cast, rule_sets
from mashery_oauth.replay.target_file import read_targets

LACKING = {
    "code_expired": ("the lifetime of its codes",),  # a code of the demo outlives anybody's patience
    "tls_at_authorization": ("an authorization URL that is not on this machine",),
    "tls_at_token": ("a token URL that is not on this machine",),
}
AWKWARD = 'a "quoted" \\ one, with ä'


def demo(password: str = "password") -> Demo:
    """The part of it that is replayed against."""
    applications = {
        name: DemoApplication(
            client_id=f"id of {name}",
            client_secret="" if each.type == "public" else f"secret of {name}",
            redirect_uris=each.redirect_uris,
            services=each.services,
            type=each.type,
        )
        for name, each in REGISTRATIONS.items()
    }
    services = {name: f"key of {name}" for name in POLICIES}
    return Demo(100, DemoCaller(), services, applications, DemoUser(), DemoUser("tester", password))


def written(folder: Path, made: Demo) -> dict[str, Target]:
    """The targets of the file, by their texts."""
    write_files(folder, made, "http://127.0.0.1:8083", "http://127.0.0.1:8084", "")
    return {target.profiles[0]: target for target in read_targets(folder / FILE)}


def test_there_is_a_service_for_each_text_that_is_played_and_rendered() -> None:
    assert set(TEXTS) == set(rule_sets()) == set(ROWS)
    assert {service_of(text): text for text in rule_sets()} == RENDERINGS
    assert all(is_replayed(name) for name in (*POLICIES, *REGISTRATIONS))


@pytest.mark.parametrize("text", TEXTS)
def test_every_scenario_has_what_it_needs_but_time_and_another_machine(text: str, tmp_path: Path) -> None:
    target = written(tmp_path, demo())[text]

    lacking = {scenario.name: scenario.lacking(rule_set, target) for rule_set, scenario in cast([text])}

    assert {name: needs for name, needs in lacking.items() if needs} == ({} if text == "barracuda" else LACKING)


def test_each_target_has_the_clients_and_the_resource_of_its_own_service(tmp_path: Path) -> None:
    targets = written(tmp_path, demo())

    for text, target in targets.items():
        ids = {client.client_id for client in target.clients.values()}
        assert ids == {f"id of {name}" for name, each in REGISTRATIONS.items() if each.services == (service_of(text),)}
        assert target.resource_url == f"http://127.0.0.1:8084/resource/{service_of(text)}"
        assert target.token_url == "http://127.0.0.1:8084/oauth2/token"


def test_what_is_awkward_in_toml_comes_back_as_it_was(tmp_path: Path) -> None:
    made = demo(AWKWARD)
    name = f"{service_of('draft10')}-main"
    applications = made.applications | {name: replace(made.applications[name], client_secret=AWKWARD)}

    target = written(tmp_path, replace(made, applications=applications))["draft10"]

    assert (target.password, target.clients["main"].client_secret) == (AWKWARD, AWKWARD)
