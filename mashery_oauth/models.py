"""What the service knows and what travels inside it: frozen values, no behaviour beyond plain questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

TEN_YEARS = 315_360_000  # seconds; the life of what has its lifetime switched off, so that every key still ends


@dataclass(frozen=True, slots=True)
class Site:
    """A provider's area: callers and services belong to one. ``id`` is the number in the Cloud URL."""

    id: int
    name: str
    active: bool = True
    revoked_before: int = 0  # configuration version; what was issued under an older one is dead


@dataclass(frozen=True, slots=True)
class Caller:
    """Who may call: an ``apikey`` with a signing secret (Cloud), a user with a password (Local), or both."""

    apikey: str
    site_id: int
    name: str
    secret: str = ""  # sealed under the key ring: a signature needs it in clear
    user: str = ""
    password: str = ""  # keyed hash
    active: bool = True
    calls_per_second: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a service allows. Lifetimes are seconds; ``None`` switches one off."""

    profile: str = "draft16"
    flows: frozenset[str] = frozenset()
    access_ttl: int | None = 3600
    access_ttl_max: int = TEN_YEARS
    code_ttl: int = 300
    refresh_idle_ttl: int | None = 2_592_000
    refresh_absolute_ttl: int | None = 31_536_000
    refresh_rotation: bool = True
    refresh_grace: int = 30
    redirect_match: str = "registered"
    force_https: bool = False
    pkce: str = "optional"
    scopes: tuple[str, ...] | None = None
    default_scopes: tuple[str, ...] = ()
    scope_separators: str = " "
    grant_aliases: Mapping[str, str] = field(default_factory=dict)
    token_type: str = "bearer"
    mac_algorithm: str = "hmac-sha-256"
    allow_multiple_tokens: bool = True
    token_cap: int | None = None
    secure_tokens: bool = False
    revocation: str = "grant"
    inactive_retention: int = 86_400
    guess_limit: str = "lenient"


@dataclass(frozen=True, slots=True)
class Service:
    """A protected API. ``key`` is the service_key on the wire, ``id`` the short number kept inside tokens."""

    key: str
    id: int
    site_id: int
    name: str
    policy: Policy = Policy()
    active: bool = True
    revoked_before: int = 0


@dataclass(frozen=True, slots=True)
class Application:
    """A client. ``id`` is unique in its site; ``services`` are the service keys that it may be used with."""

    id: int
    client_id: str
    site_id: int
    name: str
    services: tuple[str, ...] = ()
    type: str = "confidential"
    native: bool = False
    redirect_uris: tuple[str, ...] = ()
    flows: frozenset[str] | None = None  # None: every flow that the service allows
    secrets: tuple[str, ...] = ()  # keyed hashes, at most two, newest first
    external_id: str | None = None
    attributes: str | None = None
    active: bool = True
    revoked_before: int = 0

    @property
    def public(self) -> bool:
        """Whether it cannot keep a secret (RFC 6749 §2.1)."""
        return self.type == "public"


Record = Site | Caller | Service | Application


@dataclass(frozen=True, slots=True)
class Request:
    """What a provider passed on for either step, as its client sent it; ``None`` is "not sent"."""

    client_id: str | None = None
    client_secret: str | None = None
    redirect_uri: str | None = None
    state: str | None = None
    response_type: str | None = None
    grant_type: str | None = None
    code: str | None = None
    refresh_token: str | None = None
    access_token: str | None = None  # beside a grant; no flow uses it
    scope: str | None = None
    user_context: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    code_verifier: str | None = None
    for_code: bool = False  # asked where nothing but a code is to be had


@dataclass(frozen=True, slots=True)
class Redirection:
    """Where the user goes next; ``verified`` by a registered URI or not: only then errors go there."""

    uri: str
    sent: bool  # in the request, or taken from the registration (RFC 6749 §4.1.3 asks later)
    verified: bool


class Relay(NamedTuple):
    """How a provider tells its client of a failure: which step it is at, in which profile, and where errors go."""

    step: str  # a Step of errors.py
    profile: str | None = None
    realm: str = ""
    redirection: Redirection | None = None
    component: str = "query"
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Once:
    """A call that does its work at most once: what a repetition of it is known by."""

    name: str  # caller, service, method and the caller's own key
    claim: str  # keyed hash of the arguments that the key was first sent with


@dataclass(frozen=True, slots=True)
class Grant:
    """What a flow is about to put into the store: who may do what, with how long to live."""

    service: Service
    application: Application
    flow: str  # the flow that the user or client first went through
    scope: str | None
    user_context: str | None
    version: int  # configuration version known when it was judged
    floor: int = 0  # what was issued under an older version is dead: a revoked application, service or site
    with_refresh: bool = False
    once: Once | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A token that was made, in the terms of createAccessToken's answer."""

    access_token: str
    token_type: str
    expires_in: int | None
    refresh_token: str | None = None
    scope: str | None = None
    user_context: str | None = None
    extended: Mapping[str, str] | None = None
    return_type: str = "json"
    state: str | None = None
    uri: Mapping[str, str | None] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What updateAccessToken is to change; ``None`` leaves as it is. ``expires_in`` is seconds from now."""

    scope: str | None = None
    expires_in: int | None = None
    user_context: str | None = None
