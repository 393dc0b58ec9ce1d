"""How the server of these tests behaves by each text, and what it can be made to do wrong."""

from __future__ import annotations

from dataclasses import dataclass

REDIRECT_URI, OTHER_REDIRECT_URI = "https://client.example.com/cb", "https://other.example.com/cb"
REDIRECT_URIS = (REDIRECT_URI, f"{REDIRECT_URI}?kept=1&too=%2F")
ISSUER, OTHER_ISSUER = "https://server.example.com", "https://other.example.com"
USER, PASSWORD = "johndoe", "correct horse battery"
SCOPES = ("read", "write")
LONG, SHORT = 600.0, 0.2  # seconds that a code lives


@dataclass(frozen=True, slots=True)
class Manners:
    """What differs between the texts."""

    grant_without_user: str = "client_credentials"
    scope_at_exchange: bool = False  # whether it is looked at
    id_beside_basic: bool = False  # whether the client has to be named in the body, too
    redirect_at_token: bool = True  # whether an exchange without a redirect URI is refused
    challenge_required: bool = False
    implicit: bool = True
    error_in_fragment: bool = True  # of an implicit request
    token_type: bool = True
    public_clients: bool = False
    scheme: str = "Bearer"
    token_parameter: str = "access_token"
    wrong_body_status: int = 401
    pragma: bool = False
    plus_in_scope: bool = False
    lifetime_as_text: bool = False
    issuer: bool = False  # whether who answers is told at the redirect URI


DRAFT10 = Manners(
    grant_without_user="none",
    scope_at_exchange=True,
    error_in_fragment=False,
    token_type=False,
    scheme="OAuth",
    token_parameter="oauth_token",
    wrong_body_status=400,
)
MANNERS = {
    "draft10": DRAFT10,
    "draft16": Manners(id_beside_basic=True, token_parameter="bearer_token"),
    "rfc6749": Manners(public_clients=True, pragma=True),
    "oauth21": Manners(
        redirect_at_token=False,
        challenge_required=True,
        implicit=False,
        public_clients=True,
        token_parameter="",
        issuer=True,
    ),
    "barracuda": Manners(
        grant_without_user="none",
        token_type=False,
        scheme="OAuth",
        token_parameter="oauth_token",
        wrong_body_status=400,
        plus_in_scope=True,
        lifetime_as_text=True,
    ),
}

# What the server can be made to do wrong: by which text that shows, and the statement that says so.
FAULTS = {
    "anybody_signed_in": ("draft16", "D16-1"),
    "repeats_accepted": ("draft16", "D16-8"),
    "redirect_uri_by_prefix": ("draft16", "D16-16"),
    "unknown_client_redirected": ("draft16", "D16-19"),
    "identifier_is_enough": ("draft16", "D16-21"),
    "two_clients": ("draft16", "D16-22"),
    "state_trimmed": ("draft16", "D16-31"),
    "code_good_twice": ("draft16", "D16-33"),
    "code_raced": ("draft10", "D10-7"),
    "reuse_spares_the_grant": ("draft16", "D16-34"),
    "code_for_anybody": ("draft16", "D16-37"),
    "any_redirect_uri_at_token": ("draft16", "D16-38"),
    "denial_without_state": ("draft16", "D16-41"),
    "implicit_error_in_query": ("draft16", "D16-46"),
    "lifetime_of_other_type": ("draft16", "D16-55"),
    "cacheable": ("draft16", "D16-57"),
    "no_challenge": ("draft16", "D16-61"),
    "code_never_expires": ("draft16", "D16-62"),
    "scope_widened": ("draft16", "D16-65"),
    "refresh_for_anybody": ("draft16", "D16-67"),
    "get_accepted": ("draft16", "D16-10"),
    "password_unchecked": ("draft16", "D16-48b"),
    "code_in_query_lost": ("draft16", "D16-14"),
    "refresh_without_user": ("draft10", "D10-19"),
    "error_in_fragment": ("draft10", "D10-8"),
    "resource_open": ("draft10", "D10-23"),
    "verifier_unchecked": ("rfc6749", "RFC7636-4.6"),
    "verifier_may_be_left_out": ("oauth21", "RFC9700-4.8"),
    "challenge_optional": ("oauth21", "RFC9700-2.1.1"),
    "plain_accepted": ("oauth21", "RFC7636-7.2"),
    "refresh_forks": ("oauth21", "CVE-2026-1035"),
    "family_survives": ("oauth21", "RFC9700-4.14"),
    "revocation_forgotten": ("rfc6749", "RFC7009-2.2"),
    "revoked_by_anybody": ("rfc6749", "CVE-2026-115472"),
    "introspection_open": ("rfc6749", "RFC7662-2.1"),
    "dead_is_active": ("rfc6749", "RFC7662-2.2"),
    "issuer_not_told": ("oauth21", "RFC9207-2"),
    "error_without_issuer": ("oauth21", "RFC9207-2"),
    "another_issuer_in_errors": ("oauth21", "RFC9700-4.4"),
    "no_plus": ("barracuda", "BAR-SCOPE"),
}
