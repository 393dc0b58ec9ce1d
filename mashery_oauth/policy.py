"""Who may: one request, one service's policy, one verdict that names the rule which decided.

Pure: nothing is read or written here, so a policy can be asked beforehand what it would say.

The order of checks is fixed, because the order decides what a stranger can learn: at the authorization step service,
client, redirect URI (from here on errors may be redirected), response type, flow on, flow allowed, PKCE, scope; at
the token step a sent secret, selectors, flow known, flow on, flow allowed, secret present, arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import errors, pkce, redirects, scopes
from .errors import AUTHORIZATION, TOKEN, Refusal, Row
from .flow import Admission, Flow
from .flows import FLOWS, for_alias, for_grant_type, for_response_type, may_refresh
from .models import Application, Grant, Redirection, Relay, Request
from .profiles import PROFILES
from .subject import LONGEST, Subject, check_allowed, check_enabled, check_state, identify, is_public


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says of a request, and the rule that decided."""

    admission: Admission | None
    refusal: Refusal | None
    rule: str

    def enforce(self) -> Admission:
        """The admission.

        :raises Refusal: there is none.
        """
        if self.admission is None:
            raise self.refusal or Refusal(errors.INTERNAL)
        return self.admission


def admit(subject: Subject, application: Application | None, request: Request, *, step: str) -> Verdict:
    """Judges a request at a step; ``application`` is ``None`` for a client that nobody knows."""
    judge = _authorization if step == AUTHORIZATION else _token
    try:
        return Verdict(judge(subject, application, request), None, "admitted")
    except Refusal as refusal:
        return Verdict(None, refusal, refusal.row.name)


def step_of(request: Request) -> str:
    """Which step a createAccessToken is: authorization for a flow that ends there, token for every other."""
    if request.grant_type is not None:
        chosen = FLOWS.get(request.grant_type)
        agrees = request.response_type in (None, chosen.response_type if chosen else None)
        return AUTHORIZATION if chosen is not None and chosen.at_authorization and agrees else TOKEN
    if request.response_type is None:
        return TOKEN
    by_response = for_response_type(request.response_type)
    return AUTHORIZATION if by_response is None or by_response.at_authorization else TOKEN


def _authorization(subject: Subject, application: Application | None, request: Request) -> Admission:
    relay = Relay(AUTHORIZATION, subject.profile, subject.site.name)
    try:
        client = identify(subject, application, request)
        redirection = redirects.resolve(subject.service.policy, client, request.redirect_uri)
        relay = _redirecting(relay, subject, request, redirection)
        return _authorized(subject, client, request, redirection, relay)
    except Refusal as refusal:
        raise refusal.at(relay) from None


@dataclass(frozen=True, slots=True)
class Looked:
    """What fetchApplication may tell: the client, and the redirect URI in force if one could be told."""

    application: Application
    redirection: Redirection | None
    relay: Relay


def look_up(subject: Subject, application: Application | None, request: Request) -> Looked:
    """What fetchApplication checks: the client, and of the rest what was given, as createAuthorizationCode would.

    :raises Refusal: something given would not do.
    """
    relay = Relay(AUTHORIZATION, subject.profile, subject.site.name)
    try:
        client = identify(subject, application, request)
        redirection = None
        if request.redirect_uri is not None or len(client.redirect_uris) == 1:
            redirection = redirects.resolve(subject.service.policy, client, request.redirect_uri)
            relay = _redirecting(relay, subject, request, redirection)
        _look_further(subject, client, request)
    except Refusal as refusal:
        raise refusal.at(relay) from None
    return Looked(client, redirection, relay)


def _look_further(subject: Subject, client: Application, request: Request) -> None:
    check_state(request.state)
    if request.response_type is not None:
        flow = for_response_type(request.response_type)
        if flow is None:
            raise Refusal(errors.UNSUPPORTED_RESPONSE_TYPE)
        check_enabled(subject, flow)
        check_allowed(subject, client, flow)
    if request.code_challenge is not None or request.code_challenge_method is not None:
        pkce.check_challenge(subject.service.policy, client, request)
    if request.scope is not None:
        scopes.granted(subject.service.policy, request.scope)


def _redirecting(relay: Relay, subject: Subject, request: Request, redirection: Redirection) -> Relay:
    flow = _flow_of_authorization(request)
    implicit = flow is not None and flow.at_authorization
    component = PROFILES[subject.profile].implicit_error_component if implicit else "query"
    return Relay(
        relay.step,
        relay.profile,
        relay.realm,
        redirection if redirection.verified else None,
        component,
        request.state,
    )


def _flow_of_authorization(request: Request) -> Flow | None:
    if request.response_type is not None:
        return for_response_type(request.response_type)
    return FLOWS.get(request.grant_type or "") or for_response_type("code")


def _authorized(
    subject: Subject, client: Application, request: Request, redirection: Redirection, relay: Relay
) -> Admission:
    flow = _flow_of_authorization(request)
    if flow is None or (request.for_code and flow.authorize is None):
        raise Refusal(errors.UNSUPPORTED_RESPONSE_TYPE)
    check_state(request.state)
    check_enabled(subject, flow)
    check_allowed(subject, client, flow)
    if flow.authorize is not None:
        pkce.check_challenge(subject.service.policy, client, request)
    _check_sizes(request)
    scope = scopes.granted(subject.service.policy, request.scope)
    return Admission(_grant(subject, client, flow, scope, request), request, relay, redirection)


def _token(subject: Subject, application: Application | None, request: Request) -> Admission:
    relay = Relay(TOKEN, subject.profile, subject.site.name)
    try:
        return _exchanged(subject, application, request, relay)
    except Refusal as refusal:
        raise refusal.at(relay) from None


def _exchanged(subject: Subject, application: Application | None, request: Request, relay: Relay) -> Admission:
    client = identify(subject, application, request)
    flow, alias_scope = _flow_of_token(subject, request)
    check_enabled(subject, flow)
    check_allowed(subject, client, flow)
    if request.client_secret is None and not is_public(subject, client):
        raise Refusal(errors.WRONG_SECRET)
    _check_arguments(subject, flow, request)
    scope = _scope_of_token(subject, flow, request, alias_scope)
    return Admission(_grant(subject, client, flow, scope, request), request, relay)


def _flow_of_token(subject: Subject, request: Request) -> tuple[Flow, str]:
    """The flow that the selectors name, and the scope that an alias asks for."""
    if request.grant_type is None:
        raise Refusal(errors.SELECTORS_MISSING)
    policy = subject.service.policy
    flow, alias_scope = for_grant_type(request.grant_type, subject.profile), ""
    if flow is None and request.grant_type in policy.grant_aliases:
        flow = for_alias()
        alias_scope = policy.grant_aliases[request.grant_type]
    if request.response_type is not None and (flow is None or flow.response_type != request.response_type):
        raise Refusal(errors.SELECTORS_DISAGREE)
    if flow is None:
        raise Refusal(errors.UNSUPPORTED_GRANT_TYPE)
    return flow, alias_scope


def _check_arguments(subject: Subject, flow: Flow, request: Request) -> None:
    for requirement in flow.requires:
        if subject.profile in requirement.profiles and getattr(request, requirement.argument) is None:
            raise Refusal(requirement.row)
    _check_sizes(request)
    if request.code is not None:
        pkce.check_verifier(request)


def _check_sizes(request: Request) -> None:
    """Also what the flow does not use may not be without measure."""
    sized: tuple[tuple[str | None, Row], ...] = (
        (request.redirect_uri, errors.REDIRECT_INVALID),
        (request.state, errors.INVALID_STATE),
        (request.scope, errors.INVALID_SCOPE),
        (request.code, errors.INVALID_CODE),
        (request.refresh_token, errors.INVALID_REFRESH_TOKEN),
        (request.access_token, errors.UNKNOWN_TOKEN),
        (request.code_verifier, errors.VERIFIER_MALFORMED),
    )
    for value, row in sized:
        if value is not None and len(value) > LONGEST:
            raise Refusal(row)


def _scope_of_token(subject: Subject, flow: Flow, request: Request, alias_scope: str) -> str | None:
    policy = subject.service.policy
    if flow.narrows_scope:
        ignored = flow.authorize is not None and not PROFILES[subject.profile].scope_at_exchange
        return None if ignored else scopes.narrowed(policy, request.scope)
    scope = scopes.granted(policy, request.scope)
    if alias_scope and alias_scope not in (scope or "").split(" "):
        raise Refusal(errors.INVALID_SCOPE)
    return scope


def _grant(subject: Subject, client: Application, flow: Flow, scope: str | None, request: Request) -> Grant:
    policy = subject.service.policy
    floor = max(subject.floor, client.revoked_before)
    return Grant(
        service=subject.service,
        application=client,
        flow=flow.name,
        scope=scope,
        user_context=request.user_context,
        version=max(subject.version, floor),  # who holds a record with a mark knows that its version has been
        floor=floor,
        with_refresh=may_refresh(policy.flows) and subject.profile in flow.refreshable,
    )
