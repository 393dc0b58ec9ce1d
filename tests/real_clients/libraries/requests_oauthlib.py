"""requests-oauthlib, as its "OAuth 2 Workflow" has it."""

from __future__ import annotations

from typing import Any

from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient, MobileApplicationClient, OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from ..errand import BASIC, BASIC_AND_ID, POST, Errand, Library, Told


def credentials(errand: Errand) -> dict[str, Any]:
    """How ``fetch_token`` is told to send them."""
    if errand.method == BASIC:
        return {"client_secret": errand.client_secret}
    if errand.method == BASIC_AND_ID:
        return {"auth": HTTPBasicAuth(errand.client_id, errand.client_secret), "include_client_id": True}
    return {"client_secret": errand.client_secret or None, "include_client_id": True}


def session_of(errand: Errand, **more: Any) -> OAuth2Session:
    """The session that the documentation starts with."""
    return OAuth2Session(errand.client_id, redirect_uri=errand.redirect_uri, scope=errand.scope.split(), **more)


def authorization_code(errand: Errand, **more: Any) -> Told:
    session = session_of(errand, **more)
    url, _ = session.authorization_url(errand.authorization_endpoint)
    token: Told = session.fetch_token(
        errand.token_endpoint, authorization_response=errand.visit(url), **credentials(errand)
    )
    return token


def pkce(errand: Errand) -> Told:
    return authorization_code(errand, pkce="S256")


def implicit(errand: Errand) -> Told:
    session = session_of(errand, client=MobileApplicationClient(client_id=errand.client_id))
    url, _ = session.authorization_url(errand.authorization_endpoint)
    token: Told = session.token_from_fragment(errand.visit(url))
    return token


def password(errand: Errand) -> Told:
    session = OAuth2Session(client=LegacyApplicationClient(client_id=errand.client_id, scope=errand.scope.split()))
    token: Told = session.fetch_token(
        errand.token_endpoint, username=errand.username, password=errand.password, **credentials(errand)
    )
    return token


def client_credentials(errand: Errand) -> Told:
    session = OAuth2Session(client=BackendApplicationClient(client_id=errand.client_id, scope=errand.scope.split()))
    token: Told = session.fetch_token(errand.token_endpoint, **credentials(errand))
    return token


def refresh_token(errand: Errand) -> Told:
    """``refresh_token`` takes no ``client_secret``: it is an ``auth``, or two further members of the body."""
    more: dict[str, Any] = {"auth": HTTPBasicAuth(errand.client_id, errand.client_secret)}
    if errand.method == POST:
        more = {"client_id": errand.client_id, "client_secret": errand.client_secret}
    token: Told = session_of(errand).refresh_token(errand.token_endpoint, refresh_token=errand.refresh_token, **more)
    return token


_NOT_HERE = "it has no such request"
REQUESTS_OAUTHLIB = Library(
    name="requests-oauthlib",
    distribution="requests-oauthlib",
    flows={
        "authorization_code": authorization_code,
        "pkce": pkce,
        "public": pkce,
        "implicit": implicit,
        "password": password,
        "client_credentials": client_credentials,
        "refresh_token": refresh_token,
    },
    missing=dict.fromkeys(("revocation", "introspection", "metadata"), _NOT_HERE),
    refusal=OAuth2Error,
    methods=(BASIC, BASIC_AND_ID, POST),
)
