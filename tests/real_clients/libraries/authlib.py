"""Authlib: one session for requests and one for httpx2, with the same methods."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

from ..errand import Errand, Flow, Library, Told


def session_of(kind: Any, errand: Errand, **more: Any) -> Any:
    """The session that the documentation starts with."""
    return kind(
        errand.client_id,
        errand.client_secret or None,
        scope=errand.scope,
        redirect_uri=errand.redirect_uri,
        token_endpoint_auth_method=errand.method,
        revocation_endpoint_auth_method=errand.method,
        **more,
    )


def authorization_code(kind: Any, errand: Errand) -> Told:
    with session_of(kind, errand) as session:
        url, state = session.create_authorization_url(errand.authorization_endpoint)
        back = errand.visit(url)
        token: Told = session.fetch_token(errand.token_endpoint, authorization_response=back, state=state)
        return token


def pkce(kind: Any, errand: Errand) -> Told:
    with session_of(kind, errand, code_challenge_method="S256") as session:
        verifier = generate_token(48)
        url, state = session.create_authorization_url(errand.authorization_endpoint, code_verifier=verifier)
        back = errand.visit(url)
        token: Told = session.fetch_token(
            errand.token_endpoint, authorization_response=back, state=state, code_verifier=verifier
        )
        return token


def implicit(kind: Any, errand: Errand) -> Told:
    with session_of(kind, errand) as session:
        url, state = session.create_authorization_url(errand.authorization_endpoint, response_type="token")
        token: Told = session.fetch_token(authorization_response=errand.visit(url), state=state)
        return token


def password(kind: Any, errand: Errand) -> Told:
    with session_of(kind, errand) as session:
        token: Told = session.fetch_token(errand.token_endpoint, username=errand.username, password=errand.password)
        return token


def client_credentials(kind: Any, errand: Errand) -> Told:
    with session_of(kind, errand) as session:
        token: Told = session.fetch_token(errand.token_endpoint, grant_type="client_credentials")
        return token


def refresh_token(kind: Any, errand: Errand) -> Told:
    with session_of(kind, errand) as session:
        token: Told = session.refresh_token(errand.token_endpoint, refresh_token=errand.refresh_token)
        return token


def revocation(kind: Any, errand: Errand) -> Told:
    with session_of(kind, errand) as session:
        answer = session.revoke_token(
            errand.revocation_endpoint, token=errand.access_token, token_type_hint="access_token"
        )
        return {"status": answer.status_code}


def introspection(kind: Any, errand: Errand) -> Told:
    with session_of(kind, errand) as session:
        answer = session.introspect_token(
            errand.introspection_endpoint, token=errand.access_token, token_type_hint="access_token"
        )
        told: Told = answer.raise_for_status().json() if kind is OAuth2Client else answer.json()
        return told


def metadata(kind: Any, errand: Errand) -> Told:
    """The library finds the address and judges the document; fetching it is for whoever uses it."""
    document = httpx2.get(get_well_known_url(errand.issuer, external=True)).json()
    found = AuthorizationServerMetadata(document)
    found.validate()
    told: Told = found
    return told


# The library's own faults, which are no matter of the provider.
_DEAF = {
    "authorization_code": "it passes over an ``error`` in the query, and asks for a token without a user instead",
    "implicit": "it misses the token, and passes over the ``error`` beside it",
}
_FLOWS = (
    authorization_code,
    pkce,
    implicit,
    password,
    client_credentials,
    refresh_token,
    revocation,
    introspection,
    metadata,
)


def _flows(kind: Any) -> Mapping[str, Flow]:
    flows: dict[str, Flow] = {flow.__name__: partial(flow, kind) for flow in _FLOWS}
    return flows | {"public": flows["pkce"]}


AUTHLIB_REQUESTS = Library(
    name="Authlib with requests",
    distribution="Authlib",
    flows=_flows(OAuth2Session),
    missing={},
    refusal=AuthlibBaseError,
    deaf=_DEAF,
)
AUTHLIB_HTTPX = Library(
    name="Authlib with httpx2",
    distribution="Authlib",
    flows=_flows(OAuth2Client),
    missing={},
    refusal=AuthlibBaseError,
    deaf=_DEAF,
)
