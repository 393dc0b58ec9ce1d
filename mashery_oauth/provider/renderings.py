"""What a provider does differently for each text that a service may follow, as one table of switches.

The backend has the rules; these are the ones that it cannot see to, because they are about the provider's own HTTP:
how credentials are packed, what an answer shows, where a resource finds a token. Which row holds is decided by the
service that an application belongs to, never by what a request looks like.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..profiles import DRAFT10, DRAFT16, OAUTH21, PROFILES, RFC6749, Profile


@dataclass(frozen=True, slots=True)
class Rendering:
    """One row of the table."""

    name: str
    profile: Profile
    issuer_in_redirect: bool  # RFC 9207
    token_type: bool  # told in an answer
    lifetime_as_text: bool  # ``expires_in`` is a string
    scope_always: bool  # told in an answer even if it is what was asked for
    scope_separators: str
    form_decoded_basic: bool  # RFC 6749 §2.3.1; the drafts take user and password as they are
    client_id_beside_basic: bool  # must be in the body too
    pragma: bool
    scheme: str  # with which a bearer token comes
    parameters: tuple[str, ...]  # in which a bearer token may come, in a body
    in_query: bool  # or in a query
    expired_token: bool  # the resource tells an expired token from an invalid one
    response_types: tuple[str, ...]
    grant_types: tuple[str, ...]


_OAUTH21 = Rendering(
    name="oauth21",
    profile=OAUTH21,
    issuer_in_redirect=True,
    token_type=True,
    lifetime_as_text=False,
    scope_always=True,
    scope_separators=" ",
    form_decoded_basic=True,
    client_id_beside_basic=False,
    pragma=False,
    scheme="Bearer",
    parameters=("access_token",),
    in_query=False,
    expired_token=False,
    response_types=("code",),
    grant_types=("authorization_code", "client_credentials", "refresh_token"),
)
_RFC6749 = replace(
    _OAUTH21,
    name="rfc6749",
    profile=RFC6749,
    issuer_in_redirect=False,
    scope_always=False,
    pragma=True,
    in_query=True,
    response_types=("code", "token"),
    grant_types=("authorization_code", "client_credentials", "implicit", "password", "refresh_token"),
)
_DRAFT16 = replace(
    _RFC6749,
    name="draft16",
    profile=DRAFT16,
    form_decoded_basic=False,
    client_id_beside_basic=True,
    pragma=False,
    parameters=("access_token", "bearer_token"),
)
_DRAFT10 = replace(
    _DRAFT16,
    name="draft10",
    profile=DRAFT10,
    token_type=False,
    client_id_beside_basic=False,
    scheme="OAuth",
    parameters=("oauth_token",),
    expired_token=True,
    grant_types=("authorization_code", "none", "implicit", "password", "refresh_token"),
)
_BARRACUDA = replace(_DRAFT10, name="barracuda", lifetime_as_text=True, scope_separators=" +")

RENDERINGS = {row.name: row for row in (_DRAFT10, _BARRACUDA, _DRAFT16, _RFC6749, _OAUTH21)}
DEFAULT = _DRAFT16.name


def rendering_of(configured: Rendering, profile: str) -> Rendering:
    """The row for a service: the configured one, unless the backend names another profile than its own."""
    if profile not in PROFILES or configured.profile.name == profile:
        return configured
    return RENDERINGS[PROFILES[profile].name]
