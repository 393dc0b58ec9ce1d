"""Allow and deny: what the user was shown is what is done, for this user, and nothing without this user."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.waiting import until
from tests.world import HTTPS

from .test_authorization import CHALLENGE, PROFILES, of_profile
from .visiting import ANNA, OpenStage, Stage, Visitor

FORM = "/oauth2/authorize"
RENDERINGS = (*((profile, profile) for profile in PROFILES), ("draft10", "barracuda"))
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


async def whose(stage: Stage, access_token: str) -> tuple[str | None, str | None]:
    """User and scope of a token."""
    record = (await stage.world.fetch(stage.service, access_token)).result
    return record["user_context"], record["scope"]


async def redeemed(stage: Stage, code: str) -> dict[str, Any]:
    """What the backend gives for a code."""
    answer = await stage.world.redeem(stage.service, stage.application, code, code_verifier=VERIFIER)
    return dict(answer.result)


@pytest.mark.parametrize(("profile", "rendering"), RENDERINGS)
async def test_allowing_gives_the_client_a_code_of_this_user(
    open_stage: OpenStage, profile: str, rendering: str
) -> None:
    stage = await open_stage(profile, rendering=rendering)
    anna = await stage.visitor()
    page = await stage.at_consent(anna, scope="read write", redirect_uri=HTTPS, **CHALLENGE)

    page = await anna.decide(page, "allow")

    assert page.status == (303 if profile == "oauth21" else 302)
    assert page.location.startswith(f"{HTTPS}?code=")
    assert page.answer["state"] == "xyz"
    assert page.answer.get("iss") == (stage.issuer if profile == "oauth21" else None)
    assert page.source == ""
    token = await redeemed(stage, page.answer["code"])
    assert await whose(stage, token["access_token"]) == (ANNA.user_context, "read write")


def test_the_challenge_is_that_of_the_verifier() -> None:
    digest = hashlib.sha256(VERIFIER.encode()).digest()

    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == CHALLENGE["code_challenge"]


async def test_the_code_needs_the_verifier_that_was_asked_with(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    page = await anna.decide(await stage.at_consent(anna, **CHALLENGE), "allow")

    answer = await stage.world.redeem(stage.service, stage.application, page.answer["code"])

    assert answer.oauth["error"] == "invalid_grant"


@pytest.mark.parametrize("profile", ["draft10", "draft16", "rfc6749"])
async def test_allowing_the_implicit_flow_gives_a_token_in_the_fragment(open_stage: OpenStage, profile: str) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()
    page = await stage.at_consent(anna, response_type="token", scope="read")

    page = await anna.decide(page, "allow")

    assert page.status == 302
    assert page.location.startswith(f"{HTTPS}#")
    assert page.answer["state"] == "xyz"
    assert ("token_type" in page.answer) == (profile != "draft10")
    assert await whose(stage, page.answer["access_token"]) == (ANNA.user_context, "read")


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("decision", ["deny", "", "ALLOW"])
async def test_anything_but_allow_is_denied(open_stage: OpenStage, profile: str, decision: str) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()
    page = await stage.at_consent(anna, **CHALLENGE)

    page = await anna.decide(page, decision)

    assert page.status == (303 if profile == "oauth21" else 302)
    assert page.location.startswith(f"{HTTPS}?error=access_denied&")
    assert page.answer["state"] == "xyz"
    assert page.answer.get("iss") == (stage.issuer if profile == "oauth21" else None)


@pytest.mark.parametrize(("profile", "joint"), [("draft10", "?"), ("draft16", "#"), ("rfc6749", "#")])
async def test_denying_the_implicit_flow_is_told_where_its_text_says(
    open_stage: OpenStage, profile: str, joint: str
) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()
    page = await stage.at_consent(anna, response_type="token")

    page = await anna.decide(page, "deny")

    assert page.location.startswith(f"{HTTPS}{joint}error=access_denied&")


async def test_where_no_uri_is_registered_a_denial_is_told_to_the_user_and_a_code_to_the_client(
    open_stage: OpenStage,
) -> None:
    stage = await open_stage("draft16", client={"redirect_uris": ()})
    anna = await stage.visitor()

    denied = await anna.decide(await stage.at_consent(anna, redirect_uri=HTTPS), "deny")
    allowed = await anna.decide(await anna.authorize(**stage.request(redirect_uri=HTTPS)), "allow")

    assert (denied.status, denied.location) == (200, "")
    assert "You have denied it The application gets nothing of yours. You can close this page." in denied.text
    assert allowed.location.startswith(f"{HTTPS}?code=")


async def test_shows_who_asks_for_what_and_where_the_user_goes(open_stage: OpenStage) -> None:
    stage = await open_stage(client={"name": "Payment Planner"})
    anna = await stage.visitor()

    page = await stage.at_consent(anna, scope="write other write read")

    assert "Allow Payment Planner to use your account?" in page.text
    assert "You are logged in as Anna Example" in page.text
    assert "wants to: Make payments in your name Use the permission other See your payments Whatever" in page.text
    assert "you go on to client.example.com" in page.text


async def test_shows_the_scopes_of_a_barracuda_client_one_by_one(open_stage: OpenStage) -> None:
    stage = await open_stage("draft10", rendering="barracuda", policy={"scope_separators": " +"})
    anna = await stage.visitor()

    page = await stage.at_consent(anna, scope="read+write")

    assert "wants to: See your payments Make payments in your name Whatever" in page.text


async def test_says_that_no_permission_is_asked_for(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()

    page = await stage.at_consent(anna)

    assert "It asks for no permission by name. It gets what payments gives to every application." in page.text


async def test_what_was_shown_is_decided_on_whatever_else_a_form_has(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    page = await stage.at_consent(anna, scope="read", **CHALLENGE)
    form = page.form(FORM) | {"decision": "allow", "scope": "write", "client_id": "x", "redirect_uri": "https://e.org/"}

    page = await anna.post(FORM + "?scope=write&state=other", form)

    assert page.answer["state"] == "xyz"
    token = await redeemed(stage, page.answer["code"])
    assert await whose(stage, token["access_token"]) == (ANNA.user_context, "read")


async def expired(visitor: Visitor) -> bool:
    """Whether a login has ended."""
    return (await visitor.get("/applications")).has_form("/login")


async def test_a_login_that_has_ended_is_asked_for_and_leads_back_to_the_same_request(open_stage: OpenStage) -> None:
    stage = await open_stage(session_ttl=3)
    anna = await stage.visitor()
    page = await stage.at_consent(anna, scope="read", state="the same")

    await until(lambda: expired(anna))
    asked = await anna.decide(page, "allow")
    again = await anna.log_in(asked)

    assert asked.status == 403
    assert "Your page was too old to go on with. Log in, please." in asked.text
    assert "See your payments" in again.text
    assert again.has_form(FORM)


async def test_judges_again_when_the_user_has_decided(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    page = await stage.at_consent(anna)
    await stage.world.set_policy(stage.service, flows=frozenset())

    async def refused() -> bool:
        return (await anna.authorize(**stage.request())).answer.get("error") == "unsupported_response_type"

    await until(refused)
    page = await anna.decide(page, "allow")

    assert page.location.startswith(f"{HTTPS}?error=unsupported_response_type&")


async def test_each_consent_gives_a_code_of_its_own(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    pages = [await stage.at_consent(anna, **CHALLENGE), await anna.authorize(**stage.request(**CHALLENGE))]

    codes = [(await anna.decide(page, "allow")).answer["code"] for page in pages]

    assert len(set(codes)) == 2
    assert all([await redeemed(stage, code) for code in codes])


async def test_codes_tokens_and_states_are_in_no_log(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    logs: list[MutableMapping[str, Any]]

    with capture_logs() as logs:
        page = await stage.at_consent(anna, state="state-of-the-client")
        code = await anna.decide(page, "allow")
        page = await anna.authorize(**stage.request(response_type="token", state="state-of-the-client"))
        token = await anna.decide(page, "allow")

    said = str(logs)
    assert [line["service"] for line in logs if line["event"] == "consented"] == [stage.service.key] * 2
    for secret in (code.answer["code"], token.answer["access_token"], "state-of-the-client", "a password of the test"):
        assert secret not in said
