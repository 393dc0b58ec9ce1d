"""RFC 7636: its own vector, what is well-formed, who must, and that no way leads round it."""

from __future__ import annotations

from typing import Any

import pytest

from mashery_oauth.errors import Refusal
from mashery_oauth.models import Application, Policy, Request
from mashery_oauth.pkce import check_challenge, check_verifier, is_required, s256
from mashery_oauth.profiles import PROFILES

from .world import World

# RFC 7636 appendix B
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
# the examples of the OAuth 2.1 draft
OTHER = "3641a2d12d66101249cdf7a79c000c1f8c05d2aafcf14bf146497bed", "6fdkQaPm51l13DSukcAH3Mdx7_ntecHYd1vi3n0hMZY"
S256 = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
PLAIN = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
OK, BAD, NONE = "ok", "code_challenge_invalid", "code_challenge_missing"


def application(kind: str = "confidential") -> Application:
    """A client of a type."""
    return Application(id=1, client_id="c", site_id=1, name="a", type=kind)


def verdict(policy: Policy, client: Application, challenge: str | None, method: str | None) -> str:
    """``ok``, or the row that refuses it."""
    try:
        check_challenge(policy, client, Request(code_challenge=challenge, code_challenge_method=method))
    except Refusal as refusal:
        return refusal.row.name
    return OK


@pytest.mark.parametrize(("verifier", "challenge"), [(VERIFIER, CHALLENGE), OTHER])
def test_hashes_a_verifier_as_published(verifier: str, challenge: str) -> None:
    assert s256(verifier) == challenge


@pytest.mark.parametrize("setting", ["optional", "public", "required"])
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_requires_it_where_profile_or_policy_does(profile: str, setting: str, kind: str) -> None:
    everybody = profile == "oauth21" or setting == "required"
    public = profile == "rfc6749" or setting == "public"

    found = is_required(Policy(profile=profile, pkce=setting), application(kind))

    assert found == (everybody or (public and kind == "public"))


@pytest.mark.parametrize(
    ("challenge", "method", "wanted", "in_oauth21"),
    [
        (CHALLENGE, "S256", OK, OK),
        (VERIFIER, "plain", OK, BAD),
        (VERIFIER, None, OK, BAD),
        (CHALLENGE, "s256", BAD, BAD),
        (CHALLENGE, "S512", BAD, BAD),
        (CHALLENGE, "none", BAD, BAD),
        (CHALLENGE + "=", "S256", BAD, BAD),
        (CHALLENGE[:-1], "S256", BAD, BAD),
        (CHALLENGE + "c", "S256", BAD, BAD),
        (CHALLENGE + "\n", "S256", BAD, BAD),
        ("+" + CHALLENGE[1:], "S256", BAD, BAD),
        ("." * 43, "S256", BAD, BAD),
        ("v" * 42, "plain", BAD, BAD),
        ("v" * 43, "plain", OK, BAD),
        ("v" * 128, "plain", OK, BAD),
        ("v" * 129, "plain", BAD, BAD),
        ("v" * 42 + "=", "plain", BAD, BAD),
        ("é" * 43, "plain", BAD, BAD),
        (None, "S256", BAD, BAD),
        (None, "plain", BAD, BAD),
        (None, None, OK, NONE),
    ],
)
def test_judges_a_challenge(challenge: str | None, method: str | None, wanted: str, in_oauth21: str) -> None:
    client = application()

    found = [verdict(Policy(profile=name), client, challenge, method) for name in PROFILES]

    assert found == [wanted, wanted, wanted, in_oauth21]


@pytest.mark.parametrize(
    ("verifier", "is_one"),
    [
        (None, True),
        (VERIFIER, True),
        ("v" * 43, True),
        ("-._~" * 32, True),
        ("v" * 42, False),
        ("v" * 129, False),
        ("v" * 42 + "+", False),
        ("v" * 42 + "\n", False),
        ("v" * 43 + "\n", False),
        ("é" * 43, False),
    ],
)
def test_knows_a_verifier_from_what_is_none(verifier: str | None, *, is_one: bool) -> None:
    request = Request(code_verifier=verifier)

    if is_one:
        check_verifier(request)
    else:
        with pytest.raises(Refusal, match="code_verifier_malformed"):
            check_verifier(request)


@pytest.mark.parametrize(
    ("asked", "wrong", "right"),
    [
        (S256, None, VERIFIER),
        (S256, CHALLENGE, VERIFIER),
        (S256, "w" * 43, VERIFIER),
        (PLAIN, None, VERIFIER),
        (PLAIN, CHALLENGE, VERIFIER),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, VERIFIER, CHALLENGE),
        ({"code_challenge": VERIFIER}, CHALLENGE, VERIFIER),
        ({}, VERIFIER, None),
    ],
)
async def test_cannot_be_downgraded_either_way(
    world: World, asked: dict[str, Any], wrong: str | None, right: str | None
) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)
    code = await world.code(service, client, **asked)

    refused = await world.redeem(service, client, code, code_verifier=wrong)
    accepted = await world.redeem(service, client, code, code_verifier=right)

    assert refused.oauth["error"] == "invalid_grant"
    assert accepted.result["access_token"]
