"""The table of switches: a row for each text, and the overlay of one vendor."""

from __future__ import annotations

from dataclasses import fields

import pytest

from mashery_oauth.flows import FLOWS
from mashery_oauth.profiles import PROFILES
from mashery_oauth.provider.renderings import DEFAULT, RENDERINGS, rendering_of


def test_every_profile_has_a_row_of_its_name() -> None:
    rows = {row.profile.name for row in RENDERINGS.values() if row.name == row.profile.name}

    assert rows == set(PROFILES)
    assert DEFAULT in RENDERINGS


def test_barracuda_is_draft_10_but_for_two_switches() -> None:
    barracuda, draft10 = RENDERINGS["barracuda"], RENDERINGS["draft10"]

    differing = {each.name for each in fields(draft10) if getattr(barracuda, each.name) != getattr(draft10, each.name)}

    assert differing == {"name", "lifetime_as_text", "scope_separators"}


@pytest.mark.parametrize("configured", RENDERINGS)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_backends_profile_wins(configured: str, profile: str) -> None:
    chosen = rendering_of(RENDERINGS[configured], profile)

    assert chosen.profile.name == profile
    assert chosen.name == (configured if RENDERINGS[configured].profile.name == profile else profile)


@pytest.mark.parametrize("configured", RENDERINGS)
@pytest.mark.parametrize("profile", ["", "draft99"])
def test_what_a_backend_does_not_tell_is_as_the_file_says(configured: str, profile: str) -> None:
    """A backend without our members of fetchApplication was a fault of the provider's."""
    assert rendering_of(RENDERINGS[configured], profile) is RENDERINGS[configured]


@pytest.mark.parametrize("name", PROFILES)
def test_grant_and_response_types_are_those_of_the_backends_flows(name: str) -> None:
    known = [flow for flow in FLOWS.values() if flow.known_in(name)]
    grant_types = {word for flow in known for word, profiles in flow.grant_types.items() if name in profiles}
    response_types = {flow.response_type for flow in known if flow.response_type}

    assert set(RENDERINGS[name].grant_types) - {"implicit"} == grant_types - {"implicit"}
    assert set(RENDERINGS[name].response_types) == response_types
