"""The four texts a service can follow, as switches. Which text is a service's choice, never the request's.

Sources: draft-ietf-oauth-v2-10, draft-ietf-oauth-v2-16, RFC 6749 (with 7636), draft-ietf-oauth-v2-1.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs between the texts on the backend's side."""

    name: str
    redirect_at_token: bool  # redirect_uri is required at the token step even if it was not sent before
    scope_at_exchange: bool  # a code may be exchanged for less than was granted
    public_clients: bool
    pkce: str  # who must use it: "optional" (nobody must), "public", "required" (everybody)
    plain_challenge: bool
    implicit_error_component: str  # where errors of an implicit request go
    invalid_client_status: int
    redirect_status: int
    mac_tokens: bool
    rotation_fixed_for_public: bool
    pragma: bool
    token_type_in_redirect: bool  # draft 10 has no such parameter


DRAFT10 = Profile("draft10", True, True, False, "optional", True, "query", 400, 302, False, False, False, False)
DRAFT16 = Profile("draft16", True, False, False, "optional", True, "fragment", 401, 302, True, False, False, True)
RFC6749 = Profile("rfc6749", False, False, True, "public", True, "fragment", 401, 302, True, True, True, True)
OAUTH21 = Profile("oauth21", False, False, True, "required", False, "fragment", 401, 303, False, True, False, True)

PROFILES = {profile.name: profile for profile in (DRAFT10, DRAFT16, RFC6749, OAUTH21)}
ALL = frozenset(PROFILES)
