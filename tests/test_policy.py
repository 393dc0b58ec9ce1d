"""Who may: the order of the checks, the rule that a verdict names, and that asking does nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.errors import AUTHORIZATION, TOKEN, Refusal
from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Application, Policy, Request, Service, Site
from mashery_oauth.policy import Verdict, admit, look_up, step_of
from mashery_oauth.profiles import PROFILES
from mashery_oauth.subject import LONGEST, Subject

URI, SECRET = "https://client.example.com/cb", "right"
SITE = Site(1, "Site")
POLICY = Policy(profile="rfc6749", flows=frozenset(FLOWS), scopes=("read", "write"))
SERVICE = Service("key", 1, 1, "service", POLICY)
CLIENT = Application(1, "client", 1, "application", ("key",), secrets=(SECRET,), redirect_uris=(URI,))
CODE = Request("client", response_type="code", redirect_uri=URI)
PASSWORD = Request("client", SECRET, grant_type="password")
EXCHANGE = Request("client", SECRET, grant_type="authorization_code", code="c")

Step = tuple[str, dict[str, Any]]


def subject(**policy: Any) -> Subject:
    """The service, with other policy members."""
    service = replace(SERVICE, policy=replace(POLICY, **policy))
    return Subject(SITE, service, version=7, matches=lambda secret, kept: secret == kept)


def judged(request: Request, step: str, client: Application | None = CLIENT, **policy: Any) -> Verdict:
    """The verdict on a request."""
    return admit(subject(**policy), client, request, step=step)


# Each mends what is first found wrong; the last leaves nothing.
AT_AUTHORIZATION: list[Step] = [
    ("client_id_missing", {"client_id": "client"}),
    ("unknown_client", {"application": {"services": ("key",)}}),
    ("wrong_secret", {"client_secret": None}),
    ("redirect_uri_invalid", {"redirect_uri": "https://other.example.com/"}),
    ("redirect_uri_mismatch", {"redirect_uri": URI}),
    ("unsupported_response_type", {"response_type": "code"}),
    ("invalid_state", {"state": "s"}),
    ("flow_off", {"policy": {"flows": frozenset({"authorization_code"})}}),
    ("flow_forbidden", {"application": {"flows": None}}),
    ("code_challenge_invalid", {"code_challenge_method": None}),
    ("code_challenge_missing", {"policy": {"pkce": "optional"}}),
    ("invalid_scope", {"scope": "read"}),
    ("admitted", {}),
]
AT_TOKEN: list[Step] = [
    ("client_id_missing", {"client_id": "client"}),
    ("unknown_client", {"application": {"services": ("key",)}}),
    ("wrong_secret", {"client_secret": None}),
    ("selectors_missing", {"grant_type": "magic"}),
    ("selectors_disagree", {"response_type": None}),
    ("unsupported_grant_type", {"grant_type": "authorization_code"}),
    ("flow_off", {"policy": {"flows": frozenset({"authorization_code"})}}),
    ("flow_forbidden", {"application": {"flows": None}}),
    ("wrong_secret", {"client_secret": SECRET}),
    ("code_missing", {"code": "c"}),
    ("redirect_uri_missing", {"redirect_uri": URI}),
    ("invalid_state", {"state": None}),
    ("code_verifier_malformed", {"code_verifier": None}),
    ("admitted", {}),
]
ALL_WRONG = Request(
    client_secret="wrong",
    redirect_uri="/cb",
    state="\n" * 5000,
    response_type="magic",
    scope="admin",
    code_challenge_method="plain",
    code_verifier="short",
)
NOBODY = replace(CLIENT, services=(), flows=frozenset())


def mended(steps: list[Step], request: Request, profile: str, step: str) -> list[str]:
    """The rules that decide while one thing after the other is put right."""
    policy: dict[str, Any] = {"profile": profile, "flows": frozenset(), "pkce": "required"}
    client, rules = NOBODY, []
    for _, mending in steps:
        rules.append(judged(request, step, client, **policy).rule)
        rest = {name: value for name, value in mending.items() if name not in ("policy", "application")}
        request = replace(request, **rest)
        client = replace(client, **mending.get("application", {}))
        policy |= mending.get("policy", {})
    return rules


def test_checks_in_a_fixed_order_at_the_authorization_step() -> None:
    wanted = [rule for rule, _ in AT_AUTHORIZATION]

    assert mended(AT_AUTHORIZATION, ALL_WRONG, "draft16", AUTHORIZATION) == wanted


def test_checks_in_a_fixed_order_at_the_token_step() -> None:
    request = replace(ALL_WRONG, redirect_uri=None)
    wanted = [rule for rule, _ in AT_TOKEN]

    assert mended(AT_TOKEN, request, "draft16", TOKEN) == wanted


@pytest.mark.parametrize(
    ("request_", "step"),
    [(CODE, AUTHORIZATION), (PASSWORD, TOKEN), (EXCHANGE, TOKEN)],
    ids=["code", "password", "exchange"],
)
def test_admits_what_is_right_and_says_so(request_: Request, step: str) -> None:
    verdict = judged(request_, step)

    assert verdict.rule == "admitted"
    assert verdict.refusal is None
    assert verdict.enforce() is verdict.admission


def test_a_verdict_names_the_rule_that_refused() -> None:
    verdict = judged(replace(PASSWORD, client_secret="wrong"), TOKEN)

    assert (verdict.rule, verdict.admission) == ("wrong_secret", None)
    with pytest.raises(Refusal, match="wrong_secret"):
        verdict.enforce()


def test_asking_twice_gives_the_same_verdict_and_changes_nothing() -> None:
    before = repr((SERVICE, CLIENT, CODE))

    first, second = judged(CODE, AUTHORIZATION), judged(CODE, AUTHORIZATION)

    assert first.admission is not None
    assert second.admission is not None
    assert replace(first.admission, relay=second.admission.relay) == second.admission
    assert repr((SERVICE, CLIENT, CODE)) == before


def test_remembers_the_configuration_that_it_judged_by() -> None:
    revoked = replace(CLIENT, revoked_before=5)

    grant = judged(PASSWORD, TOKEN, revoked).enforce().grant

    assert (grant.version, grant.floor) == (7, 5)
    assert (grant.service.key, grant.application.client_id, grant.flow) == ("key", "client", "password")


@pytest.mark.parametrize("profile", PROFILES)
def test_needs_a_secret_of_everybody_who_can_keep_one(profile: str) -> None:
    public = replace(CLIENT, type="public")
    request = replace(EXCHANGE, client_secret=None, redirect_uri=URI)
    knows_public = profile in ("rfc6749", "oauth21")

    found = [judged(request, TOKEN, each, profile=profile).rule for each in (CLIENT, public)]

    assert found == ["wrong_secret", "admitted" if knows_public else "wrong_secret"]


def test_takes_either_of_two_secrets() -> None:
    turned = replace(CLIENT, secrets=("new", "old"))

    found = [judged(replace(PASSWORD, client_secret=secret), TOKEN, turned).rule for secret in ("new", "old", "other")]

    assert found == ["admitted", "admitted", "wrong_secret"]


@pytest.mark.parametrize(
    ("grant_type", "response_type", "step"),
    [
        ("implicit", None, AUTHORIZATION),
        ("implicit", "token", AUTHORIZATION),
        ("implicit", "code", TOKEN),
        (None, "token", AUTHORIZATION),
        (None, "magic", AUTHORIZATION),
        (None, "code", TOKEN),
        (None, None, TOKEN),
        ("authorization_code", None, TOKEN),
        ("authorization_code", "code", TOKEN),
        ("authorization_code", "token", TOKEN),
        ("password", None, TOKEN),
        ("magic", "token", TOKEN),
    ],
)
def test_tells_the_step_by_the_selectors(grant_type: str | None, response_type: str | None, step: str) -> None:
    assert step_of(Request(grant_type=grant_type, response_type=response_type)) == step


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({}, None),
        ({"response_type": None, "redirect_uri": None}, None),
        ({"redirect_uri": "https://other.example.com/"}, "redirect_uri_mismatch"),
        ({"response_type": "magic"}, "unsupported_response_type"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"code_challenge": "short"}, "code_challenge_invalid"),
        ({"client_secret": "wrong"}, "wrong_secret"),
    ],
)
def test_looking_a_client_up_checks_only_what_was_given(given: dict[str, Any], rule: str | None) -> None:
    request = replace(CODE, **given)

    if rule is None:
        assert look_up(subject(pkce="required"), CLIENT, request).application is CLIENT
    else:
        with pytest.raises(Refusal, match=rule):
            look_up(subject(pkce="required"), CLIENT, request)


def test_sends_errors_only_to_a_verified_uri() -> None:
    anybody = replace(CLIENT, redirect_uris=())
    request = replace(CODE, scope="admin")

    known, unknown = (judged(request, AUTHORIZATION, each).refusal for each in (CLIENT, anybody))

    assert known is not None
    assert known.relay is not None
    assert known.relay.redirection is not None
    assert unknown is not None
    assert unknown.relay is not None
    assert unknown.relay.redirection is None


@pytest.mark.parametrize("site_id", [SITE.id - 1, SITE.id + 1])
@pytest.mark.parametrize("step", [AUTHORIZATION, TOKEN])
def test_a_client_of_another_site_is_unknown_wherever_it_says_it_may_go(site_id: int, step: str) -> None:
    request = CODE if step == AUTHORIZATION else PASSWORD

    verdict = judged(request, step, replace(CLIENT, site_id=site_id))

    assert verdict.rule == "unknown_client"


@pytest.mark.parametrize(("length", "rule"), [(LONGEST, "admitted"), (LONGEST + 1, "wrong_secret")])
def test_a_secret_may_be_as_long_as_any_string(length: int, rule: str) -> None:
    secret = "s" * length

    verdict = judged(replace(PASSWORD, client_secret=secret), TOKEN, replace(CLIENT, secrets=(secret,)))

    assert verdict.rule == rule
