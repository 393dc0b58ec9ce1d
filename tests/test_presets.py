"""What a new service starts with."""

from __future__ import annotations

import pytest

from mashery_oauth.flows import FLOWS
from mashery_oauth.presets import PRESETS, preset
from mashery_oauth.profiles import PROFILES
from mashery_oauth.rails import check_policy

CODE, CLIENT, REFRESH = "authorization_code", "client_credentials", "refresh_token"
FLOWS_ON = {
    "mashery": {CODE, CLIENT},
    "draft10": {CODE, CLIENT, REFRESH},
    "draft16": {CODE, CLIENT, REFRESH},
    "rfc6749": {CODE, CLIENT, REFRESH},
    "oauth21": {CODE, CLIENT, REFRESH},
}


@pytest.mark.parametrize("name", PRESETS)
def test_breaks_no_rail(name: str) -> None:
    check_policy(preset(name), imported=False)


@pytest.mark.parametrize("name", PRESETS)
def test_has_neither_implicit_nor_password_on(name: str) -> None:
    assert preset(name).flows == FLOWS_ON[name]


@pytest.mark.parametrize("name", PRESETS)
def test_has_no_flow_that_its_profile_does_not_know(name: str) -> None:
    policy = preset(name)

    assert all(FLOWS[flow].known_in(policy.profile) for flow in policy.flows)


def test_there_is_one_for_each_profile_and_one_for_the_product_it_stands_in_for() -> None:
    assert set(PRESETS) == {*PROFILES, "mashery"}
    assert {name: preset(name).profile for name in PRESETS if name != "mashery"} == {name: name for name in PROFILES}
    assert preset("mashery").profile == "draft16"


@pytest.mark.parametrize(
    ("name", "match", "https"),
    [
        ("mashery", "registered", True),
        ("draft10", "registered", False),
        ("draft16", "registered", False),
        ("oauth21", "exact", True),
    ],
)
def test_says_how_redirect_uris_are_matched(name: str, match: str, *, https: bool) -> None:
    policy = preset(name)

    assert (policy.redirect_match, policy.force_https) == (match, https)


@pytest.mark.parametrize("name", PRESETS)
def test_rotates_refresh_tokens_with_half_a_minute_of_grace(name: str) -> None:
    policy = preset(name)

    assert (policy.refresh_rotation, policy.refresh_grace) == (True, 30)


def test_keeps_the_documented_lifetimes_of_the_product_it_stands_in_for() -> None:
    policy = preset("mashery")

    assert (policy.access_ttl, policy.code_ttl) == (3600, 300)


def test_is_strictest_for_oauth21() -> None:
    policy = preset("oauth21")

    assert policy.pkce == "required"
    assert policy.access_ttl is not None
    assert policy.access_ttl < 3600
    assert policy.code_ttl == 60
