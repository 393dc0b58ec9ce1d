"""Whom a request is about, and the questions that are asked of it at either step."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from . import errors
from .errors import Refusal
from .flow import Flow
from .models import Application, Request, Service, Site
from .profiles import PROFILES

LONGEST = 4096  # characters of any string

SecretMatches = Callable[[str, str], bool]


class Subject(NamedTuple):
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
    if len(secret) > LONGEST or is_public(subject, application):
        return False
    return max((subject.matches(secret, kept) for kept in application.secrets), default=False)


def check_state(state: str | None) -> None:
    """:raises Refusal: it is too long or would break a line."""
    if state is not None and (len(state) > LONGEST or any(letter < " " or letter == "\x7f" for letter in state)):
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
