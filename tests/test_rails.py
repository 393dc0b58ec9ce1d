"""What a policy may say."""

from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Policy
from mashery_oauth.operation import OperationError
from mashery_oauth.presets import PRESETS, preset
from mashery_oauth.rails import check_policy

YEARS = 315_360_000


def check(**members: Any) -> None:
    check_policy(replace(Policy(), **members), imported=False)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_within_its_rails(name: str) -> None:
    check_policy(preset(name), imported=False)


@pytest.mark.parametrize("profile", ["draft10", "draft16", "rfc6749", "oauth21"])
def test_every_flow_that_a_profile_knows_may_be_on(profile: str) -> None:
    known = frozenset(name for name, flow in FLOWS.items() if flow.known_in(profile))

    check_policy(Policy(profile=profile, flows=known), imported=False)


@pytest.mark.parametrize(
    ("member", "lowest", "highest"),
    [
        ("code_ttl", 10, 3600),
        ("access_ttl", 1, YEARS),
        ("refresh_idle_ttl", 60, YEARS),
        ("refresh_absolute_ttl", 60, YEARS),
        ("refresh_grace", 0, 300),
        ("inactive_retention", 0, 2_592_000),
        ("token_cap", 1, 10_000),
    ],
)
def test_numbers_have_two_ends(member: str, lowest: int, highest: int) -> None:
    for value in (lowest, highest):
        check(**{member: value})
    for value in (lowest - 1, highest + 1):
        with pytest.raises(OperationError, match=f"^{member}: must be {lowest} to {highest}"):
            check(**{member: value})


@pytest.mark.parametrize("member", ["access_ttl", "refresh_idle_ttl", "refresh_absolute_ttl", "token_cap"])
def test_some_numbers_can_be_switched_off(member: str) -> None:
    check(**{member: None})


@pytest.mark.parametrize("member", ["code_ttl", "refresh_grace", "inactive_retention", "access_ttl_max"])
def test_other_numbers_cannot_be_switched_off(member: str) -> None:
    with pytest.raises(OperationError, match=f"^{member}: "):
        check(**{member: None})


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"profile": "draft9"}, "profile"),
        ({"redirect_match": "prefix"}, "redirect_match"),
        ({"redirect_match": "any"}, "redirect_match"),
        ({"pkce": "plain"}, "pkce"),
        ({"token_type": "jwt"}, "token_type"),
        ({"token_type": "mac", "profile": "oauth21"}, "token_type"),
        ({"mac_algorithm": "hmac-md5"}, "mac_algorithm"),
        ({"revocation": "all"}, "revocation"),
        ({"access_ttl": 61, "access_ttl_max": 60}, "access_ttl"),
        ({"flows": frozenset({"device"})}, "flows"),
        ({"flows": frozenset({"implicit"}), "profile": "oauth21"}, "flows"),
        ({"scopes": ("a b",)}, "scopes"),
        ({"scopes": ("",)}, "scopes"),
        ({"scopes": ('"',)}, "scopes"),
        ({"scopes": ("a",), "default_scopes": ("b",)}, "default_scopes"),
        ({"default_scopes": ("x" * 1000, "y" * 1000)}, "default_scopes"),
        ({"scope_separators": ","}, "scope_separators"),
        ({"scope_separators": " +"}, "scope_separators"),
        ({"scope_separators": " +", "profile": "draft10", "scopes": ("a+b",)}, "scopes"),
        ({"grant_aliases": {"partners": "read"}}, "grant_aliases"),
        ({"grant_aliases": {"password": "read"}, "profile": "draft10"}, "grant_aliases"),
        ({"grant_aliases": {"": "read"}, "profile": "draft10"}, "grant_aliases"),
        ({"grant_aliases": {"partners": "a b"}, "profile": "draft10"}, "grant_aliases"),
        ({"grant_aliases": {"partners": "a"}, "profile": "draft10", "scopes": ("b",)}, "grant_aliases"),
    ],
)
def test_refuses_and_names_the_member(members: dict[str, Any], field: str) -> None:
    with pytest.raises(OperationError) as refusal:
        check(**members)

    assert refusal.value.field == field


def test_an_import_may_bring_any_redirect_uri() -> None:
    check_policy(Policy(redirect_match="any"), imported=True)


def test_draft_10_may_have_a_second_separator_and_aliases() -> None:
    policy = Policy(profile="draft10", scope_separators=" +", grant_aliases={"partners": "read"})

    check_policy(policy, imported=False)
