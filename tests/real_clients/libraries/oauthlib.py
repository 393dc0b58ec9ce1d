"""oauthlib: its clients word requests and read answers; what carries them is for others, here httpx2."""

from __future__ import annotations

from typing import Any

import httpx2
from oauthlib.oauth2 import (
    BackendApplicationClient,
    LegacyApplicationClient,
    MobileApplicationClient,
    OAuth2Error,
    WebApplicationClient,
)

from ..errand import BASIC, BASIC_AND_ID, POST, Errand, Library, Told


def credentials(errand: Errand) -> dict[str, Any]:
    """Those that go into a body."""
    if errand.method == BASIC:
        return {"include_client_id": False}
    if errand.method == POST:
        return {"include_client_id": True, "client_secret": errand.client_secret}
    return {"include_client_id": True}


def own(errand: Errand) -> dict[str, str]:
    """The same, where the library does not put them in by itself."""
    return {"client_id": errand.client_id, "client_secret": errand.client_secret} if errand.method == POST else {}


def posted(errand: Errand, request: tuple[str, dict[str, str], str]) -> str:
    """The answer to a request that the library has prepared."""
    url, headers, body = request
    basic = (errand.client_id, errand.client_secret) if errand.method in (BASIC, BASIC_AND_ID) else None
    return httpx2.post(url, headers=headers, content=body, auth=basic).text


def fetched(errand: Errand, client: Any, **more: Any) -> Told:
    """A token, for whatever kind of client."""
    request = client.prepare_token_request(errand.token_endpoint, scope=None, **credentials(errand), **more)
    token: Told = client.parse_request_body_response(posted(errand, request))
    return token


def authorization_code(errand: Errand) -> Told:
    return exchanged(errand, WebApplicationClient(errand.client_id), {}, {})


def pkce(errand: Errand) -> Told:
    client = WebApplicationClient(errand.client_id)
    verifier = client.create_code_verifier(43)
    challenge = client.create_code_challenge(verifier, "S256")
    return exchanged(
        errand,
        client,
        {"code_challenge": challenge, "code_challenge_method": "S256"},
        {"code_verifier": verifier},
    )


def exchanged(errand: Errand, client: Any, asked: dict[str, str], shown: dict[str, str]) -> Told:
    """The two steps of the code flow."""
    url, _, _ = client.prepare_authorization_request(
        errand.authorization_endpoint, redirect_url=errand.redirect_uri, scope=errand.scope, **asked
    )
    back = errand.visit(url)
    return fetched(errand, client, authorization_response=back, redirect_url=errand.redirect_uri, **shown)


def implicit(errand: Errand) -> Told:
    client = MobileApplicationClient(errand.client_id)
    url, _, _ = client.prepare_authorization_request(
        errand.authorization_endpoint, redirect_url=errand.redirect_uri, scope=errand.scope
    )
    token: Told = client.parse_request_uri_response(errand.visit(url), state=client.state)
    return token


def password(errand: Errand) -> Told:
    client = LegacyApplicationClient(errand.client_id, scope=errand.scope)
    return fetched(errand, client, username=errand.username, password=errand.password)


def client_credentials(errand: Errand) -> Told:
    return fetched(errand, BackendApplicationClient(errand.client_id, scope=errand.scope))


def refresh_token(errand: Errand) -> Told:
    client = WebApplicationClient(errand.client_id)
    request = client.prepare_refresh_token_request(errand.token_endpoint, errand.refresh_token, **own(errand))
    token: Told = client.parse_request_body_response(posted(errand, request))
    return token


def revocation(errand: Errand) -> Told:
    client = WebApplicationClient(errand.client_id)
    request = client.prepare_token_revocation_request(errand.revocation_endpoint, errand.access_token, **own(errand))
    return {"body": posted(errand, request)}


OAUTHLIB = Library(
    name="oauthlib",
    distribution="oauthlib",
    flows={
        "authorization_code": authorization_code,
        "pkce": pkce,
        "public": pkce,
        "implicit": implicit,
        "password": password,
        "client_credentials": client_credentials,
        "refresh_token": refresh_token,
        "revocation": revocation,
    },
    missing=dict.fromkeys(("introspection", "metadata"), "it has the server's side of it alone"),
    refusal=OAuth2Error,
    methods=(BASIC, BASIC_AND_ID, POST),
)
