"""What a scenario may need of a target, and how it is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from .target import MAIN, SINGLE, Target


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing that has to be given."""

    said: str
    given: Callable[[Target], bool]


def _redirect_uris(target: Target) -> tuple[str, ...]:
    main = target.client(MAIN)
    return main.redirect_uris if main else ()


def _has_secret(target: Target, role: str) -> bool:
    client = target.client(role)
    return client is not None and bool(client.client_secret)


REQUIREMENTS: Mapping[str, Requirement] = {
    "authorize": Requirement(
        "an authorization URL and a redirect URI of the client",
        lambda target: bool(target.authorize_url and _redirect_uris(target)),
    ),
    "remote_authorize": Requirement(
        "an authorization URL that is not on this machine", lambda target: "authorize" in target.schemes
    ),
    "remote_token": Requirement("a token URL that is not on this machine", lambda target: "token" in target.schemes),
    "user": Requirement("a user who can sign in", lambda target: target.login is not None),
    "password": Requirement("a user with a password", lambda target: bool(target.user and target.password)),
    "secret": Requirement("a client with a secret", lambda target: _has_secret(target, MAIN)),
    "second": Requirement("a second client with a secret", lambda target: _has_secret(target, "second")),
    "public": Requirement("a public client", lambda target: target.client("public") is not None),
    "redirect_query": Requirement(
        "a redirect URI with a query of its own",
        lambda target: any(urlsplit(uri).query for uri in _redirect_uris(target)),
    ),
    "one_redirect": Requirement(
        "a client with a secret and exactly one redirect URI", lambda target: target.client(SINGLE) is not None
    ),
    "scope": Requirement("a scope", lambda target: bool(target.scopes)),
    "scopes": Requirement("two scopes", lambda target: len(target.scopes) > 1),
    "pkce": Requirement("PKCE", lambda target: target.pkce),
    "code_lifetime": Requirement("the lifetime of its codes", lambda target: target.code_lifetime > 0),
    "revoke": Requirement("a revocation URL", lambda target: bool(target.revoke_url)),
    "introspect": Requirement("an introspection URL", lambda target: bool(target.introspect_url)),
    "resource": Requirement("the URL of a resource", lambda target: bool(target.resource_url)),
}
