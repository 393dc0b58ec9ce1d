"""Who may: one request, one service's policy, one verdict that names the rule which decided.

Pure: nothing is read or written here, so a policy can be asked beforehand what it would say.

The order of checks is fixed, because the order decides what a stranger can learn: at the authorization step service,
client, redirect URI (from here on errors may be redirected), response type, flow on, flow allowed, PKCE, scope; at
the token step a sent secret, selectors, flow known, flow on, flow allowed, secret present, arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import errors, pkce, redirects, scopes
from .errors import AUTHORIZATION, TOKEN, Refusal, Row
from .flow import Admission, Flow
from .flows import FLOWS, for_grant_type, for_response_type
from .models import Application, Grant, Redirection, Relay, Request, Service, Site
from .profiles import PROFILES

STATE_LONGEST = 4096
REFRESH = "refresh_token"

SecretMatches = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a request is about, as configured."""

    site: Site
    service: Service
    version: int  # of the configuration that says so
    matches: SecretMatches  # compares a sent secret with a kept hash

    @property
    def floor(self) -> int:
        """The configuration version below which what was issued is dead, whatever the application."""
        return max(self.site.revoked_before, self.service.revoked_before)

    @property
    def profile(self) -> str:
        """The text that the service follows."""
        return self.service.policy.profile


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


def identify(subject: Subject, application: Application | None, request: Request) -> Application:
    """The client, which a sent secret must fit.

    :raises Refusal: no identifier, an unknown, inactive or foreign client, or a wrong secret.
    """
    if request.client_id is None:
        raise Refusal(errors.CLIENT_ID_MISSING)
    service = subject.service
    if application is None or not application.active or application.site_id != service.site_id:
        raise Refusal(errors.UNKNOWN_CLIENT)
    if service.key not in application.services:
        raise Refusal(errors.UNKNOWN_CLIENT)
    if request.client_secret is not None and not _secret_fits(subject, application, request.client_secret):
        raise Refusal(errors.WRONG_SECRET)
    return application


def is_public(subject: Subject, application: Application) -> bool:
    """Whether the client may go without a secret: the drafts know no such client (RFC 6749 §2.1 does)."""
    return application.public and PROFILES[subject.profile].public_clients


def _secret_fits(subject: Subject, application: Application, secret: str) -> bool:
    if len(secret) > STATE_LONGEST or is_public(subject, application):
        return False
    return max((subject.matches(secret, kept) for kept in application.secrets), default=False)


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
    scope = scopes.granted(subject.service.policy, request.scope)
    return Admission(_grant(subject, client, flow, scope, request), request, relay, redirection)


def check_state(state: str | None) -> None:
    """:raises Refusal: it is too long or would break a line."""
    if state is not None and (len(state) > STATE_LONGEST or any(letter < " " or letter == "\x7f" for letter in state)):
        raise Refusal(errors.INVALID_STATE)


def check_enabled(subject: Subject, flow: Flow) -> None:
    """:raises Refusal: the service does not use the flow, or its profile has none such."""
    if flow.name not in subject.service.policy.flows or not flow.known_in(subject.profile):
        raise Refusal(errors.FLOW_OFF, flow=flow.name)


def check_allowed(subject: Subject, client: Application, flow: Flow) -> None:
    """:raises Refusal: this client may not use the flow."""
    excluded = client.flows is not None and flow.name not in client.flows
    if excluded or (not flow.public and is_public(subject, client)):
        raise Refusal(errors.FLOW_FORBIDDEN, flow=flow.name)


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
        flow = for_grant_type("none", subject.profile)
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
    )
    for value, row in sized:
        if value is not None and len(value) > STATE_LONGEST:
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
        with_refresh=REFRESH in policy.flows and subject.profile in flow.refreshable,
    )
