"""Errors of the authorization step that the client is told of: where, with which status, and with what beside."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.world import HTTPS, SECRET

from .test_authorization import CHALLENGE, PROFILES, of_profile
from .visiting import OpenStage


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "nonsense"}, "unsupported_response_type"),
        ({"scope": 'of "quotes"'}, "invalid_scope"),
        ({"code_challenge": "short"}, "invalid_request"),
    ],
    ids=["no response type", "an unknown one", "scope", "challenge"],
)
async def test_tells_the_client_by_redirection(
    open_stage: OpenStage, profile: str, changed: dict[str, str], error: str
) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request(**(CHALLENGE | changed)))

    assert page.status == (303 if profile == "oauth21" else 302)
    assert page.location.startswith(f"{HTTPS}?error={error}&")
    assert page.answer["state"] == "xyz"
    assert page.answer.get("iss") == (stage.issuer if profile == "oauth21" else None)


@pytest.mark.parametrize("profile", PROFILES)
async def test_tells_the_client_of_a_parameter_that_came_twice(open_stage: OpenStage, profile: str) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()
    asked = urlencode(stage.request(**CHALLENGE, scope="read"))

    scope = await anna.get(f"/oauth2/authorize?{asked}&scope=write")
    state = await anna.get(f"/oauth2/authorize?{asked}&state=xyz")

    assert scope.answer["error"] == state.answer["error"] == "invalid_request"
    assert scope.answer["state"] == "xyz"
    assert "state" not in state.answer


@pytest.mark.parametrize(("profile", "joint"), [("draft10", "?"), ("draft16", "#"), ("rfc6749", "#")])
async def test_tells_a_client_of_the_implicit_flow_where_its_text_says(
    open_stage: OpenStage, profile: str, joint: str
) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request(response_type="token", scope='"'))
    twice = await anna.get(f"/oauth2/authorize?{urlencode(stage.request(response_type='token'))}&scope=a&scope=b")

    assert page.location.startswith(f"{HTTPS}{joint}error=invalid_scope&")
    assert twice.location.startswith(f"{HTTPS}{joint}error=invalid_request&")


async def test_has_no_implicit_flow_under_oauth21_and_says_who_tells_so(open_stage: OpenStage) -> None:
    stage = await of_profile(open_stage, "oauth21")
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request(response_type="token", **CHALLENGE))

    assert page.answer["error"] == "unsupported_response_type"
    assert page.answer["iss"] == stage.issuer


@pytest.mark.parametrize(
    ("profile", "type_", "needed"),
    [("oauth21", "confidential", True), ("oauth21", "public", True), ("rfc6749", "public", True),
     ("rfc6749", "confidential", False), ("draft16", "confidential", False)],
)  # fmt: skip
async def test_asks_for_pkce_where_the_text_does_before_it_asks_the_user(
    open_stage: OpenStage, profile: str, type_: str, *, needed: bool
) -> None:
    client = {"type": type_, "secret": SECRET if type_ == "confidential" else None}
    stage = await of_profile(open_stage, profile, client=client)
    anna = await stage.visitor()

    without = await anna.authorize(**stage.request())

    assert without.answer.get("error") == ("invalid_request" if needed else None)
    assert without.has_form("/login") is not needed


@pytest.mark.parametrize("profile", ["draft16", "rfc6749"])
async def test_asks_for_pkce_where_the_service_does_before_it_asks_the_user(
    open_stage: OpenStage, profile: str
) -> None:
    """The user had logged in and consented before anybody knew that there would be no code."""
    stage = await of_profile(open_stage, profile, policy={"pkce": "required"})
    anna = await stage.visitor()

    without = await anna.authorize(**stage.request())
    challenged = await anna.authorize(**stage.request(**CHALLENGE))

    assert without.location.startswith(f"{HTTPS}?error=invalid_request&error_description=Code+challenge+is+required")
    assert without.answer["state"] == "xyz"
    assert challenged.has_form("/login")


async def test_asks_for_no_pkce_where_no_code_is_asked_for(open_stage: OpenStage) -> None:
    """A public client of the implicit flow was asked for a challenge, of which that flow knows nothing."""
    stage = await of_profile(open_stage, "rfc6749", client={"type": "public", "secret": None})
    anna = await stage.visitor()

    consent = await anna.log_in(await anna.authorize(**stage.request(response_type="token")))
    granted = await anna.decide(consent, "allow")

    assert granted.answer["token_type"] == "bearer"


@pytest.mark.parametrize("uris", [(HTTPS, f"{HTTPS}/2"), ()], ids=["several", "none"])
async def test_a_redirect_uri_that_is_needed_and_missing_is_told_before_the_user_is_asked(
    open_stage: OpenStage, uris: tuple[str, ...]
) -> None:
    """The pages of login and consent came first, with nowhere to send the user to."""
    stage = await open_stage(client={"redirect_uris": uris})
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request())

    assert (page.status, page.location) == (400, "")
    assert "Redirect URI is required" in page.text
    assert not page.has_form("/login")


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_redirect_uri_that_is_not_registered_is_sent_nobody(open_stage: OpenStage, profile: str) -> None:
    stage = await of_profile(open_stage, profile)
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request(redirect_uri="https://attacker.example.com/cb", **CHALLENGE))

    assert (page.status, page.location) == (400, "")
    assert "attacker" not in page.source
    assert not page.has_form("/login")


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_scope_that_the_service_does_not_have_is_told_before_the_user_is_asked(
    open_stage: OpenStage, profile: str
) -> None:
    stage = await of_profile(open_stage, profile, policy={"scopes": ("read",)})
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request(scope="read write", **CHALLENGE))

    assert page.location.startswith(f"{HTTPS}?error=invalid_scope&")
    assert page.answer["state"] == "xyz"


async def test_takes_no_plain_challenge_under_oauth21(open_stage: OpenStage) -> None:
    stage = await of_profile(open_stage, "oauth21")
    anna = await stage.visitor()

    plain = await anna.authorize(**stage.request(code_challenge="a" * 43, code_challenge_method="plain"))

    assert plain.answer["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changed", [{"scope": '"'}, {"response_type": ""}, {"response_type": "nonsense"}], ids=["scope", "none", "unknown"]
)
async def test_tells_errors_only_to_the_user_where_no_uri_is_registered(
    open_stage: OpenStage, changed: dict[str, str]
) -> None:
    stage = await open_stage("draft16", client={"redirect_uris": ()})
    anna = await stage.visitor()

    page = await anna.authorize(**stage.request(redirect_uri=HTTPS, **changed))

    assert page.status == 400
    assert page.location == ""


async def test_keeps_the_query_of_a_redirect_uri(open_stage: OpenStage) -> None:
    stage = await open_stage(client={"redirect_uris": (HTTPS + "?own=1",)})
    anna = await stage.visitor()

    of_backend = await anna.authorize(**stage.request(scope='"'))
    of_provider = await anna.authorize(**stage.request(response_type=""))

    assert of_backend.location.startswith(f"{HTTPS}?own=1&error=invalid_scope")
    assert of_provider.location.startswith(f"{HTTPS}?own=1&error=invalid_request")
