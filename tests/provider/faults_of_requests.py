"""Faults in what the provider reads, whom it believes, and what it asks the backend."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from mashery_oauth.client import AccessToken, AsyncClient, ClientCredentials, Redirect, TokenData
from mashery_oauth.provider import client_authentication, consent, introspection, sessions, token, users
from mashery_oauth.provider.parameters import read_parameters
from tests.world import HTTPS, SECRET

from .faults import TOKEN_ENDPOINT, Faults
from .visiting import ANNA

fault = Faults()


# What the backend is asked


@fault("draft16", "D16-33")
def code_is_good_twice(patch: pytest.MonkeyPatch) -> None:
    """A cache before the backend answers a code that comes again as it did the first time."""
    ask, known = AsyncClient.create_access_token, dict[str, AccessToken]()

    async def cached(backend: AsyncClient, key: str, *, token_data: TokenData, **more: Any) -> AccessToken:
        code = token_data.code or ""
        if code not in known:
            made = await ask(backend, key, token_data=token_data, **more)
            if not code:
                return made
            known[code] = made
        return known[code]

    patch.setattr(AsyncClient, "create_access_token", cached)


@fault("oauth21", "RFC9700-2.2.2")
def refresh_token_stays(patch: pytest.MonkeyPatch) -> None:
    """The client never sees the successor of its refresh token: the provider keeps that itself."""
    ask, newest = AsyncClient.create_access_token, dict[str, str]()

    async def kept(backend: AsyncClient, key: str, *, token_data: TokenData, **more: Any) -> AccessToken:
        shown = token_data.refresh_token
        if shown is None:
            return await ask(backend, key, token_data=token_data, **more)
        real = replace(token_data, refresh_token=newest.get(shown, shown))
        made = await ask(backend, key, token_data=real, **more)
        newest[shown] = made.refresh_token or shown
        return replace(made, refresh_token=shown)

    patch.setattr(AsyncClient, "create_access_token", kept)


@fault("rfc6749", "RFC7636-4.6")
def pkce_is_dropped(patch: pytest.MonkeyPatch) -> None:
    """Neither challenge nor verifier is passed on."""
    make, ask = AsyncClient.create_authorization_code, AsyncClient.create_access_token

    async def without_challenge(backend: AsyncClient, key: str, **more: Any) -> Any:
        return await make(backend, key, **more | {"code_challenge": None, "code_challenge_method": None})

    async def without_verifier(backend: AsyncClient, key: str, *, token_data: TokenData, **more: Any) -> AccessToken:
        return await ask(backend, key, token_data=replace(token_data, code_verifier=None), **more)

    patch.setattr(AsyncClient, "create_authorization_code", without_challenge)
    patch.setattr(AsyncClient, "create_access_token", without_verifier)


@fault("oauth21", "RFC9700-4.1")
def redirect_uri_by_prefix(patch: pytest.MonkeyPatch) -> None:
    """An open redirector: whatever is below the registered redirect URI will do."""
    look, make = AsyncClient.fetch_application, AsyncClient.create_authorization_code

    def registered(uri: Redirect) -> Redirect:
        return replace(uri, redirect_uri=HTTPS) if str(uri.redirect_uri).startswith(f"{HTTPS}/") else uri

    async def looked(backend: AsyncClient, key: str, *, uri: Redirect | None = None, **more: Any) -> Any:
        return await look(backend, key, uri=uri and registered(uri), **more)

    async def made(backend: AsyncClient, key: str, *, uri: Redirect, **more: Any) -> Any:
        code = await make(backend, key, uri=registered(uri), **more)
        location = str(code.uri.redirect_uri).replace(str(registered(uri).redirect_uri), str(uri.redirect_uri), 1)
        return replace(code, uri=replace(code.uri, redirect_uri=location))

    patch.setattr(AsyncClient, "fetch_application", looked)
    patch.setattr(AsyncClient, "create_authorization_code", made)


@fault("rfc6749", "RFC7009-2.2")
def revocation_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    """The client is told that its token has ended, and nobody else is."""

    async def forgotten(*_: object, **__: object) -> None: ...

    patch.setattr(AsyncClient, "revoke_access_token", forgotten)


@fault("draft16", "D16-54")
def grant_of_another_text(patch: pytest.MonkeyPatch) -> None:
    """The name that draft 10 has for a client's own grant is understood, too."""
    ask = AsyncClient.create_access_token

    async def translated(backend: AsyncClient, key: str, *, token_data: TokenData, **more: Any) -> AccessToken:
        if token_data.grant_type == "none":
            token_data = replace(token_data, grant_type="client_credentials")
        return await ask(backend, key, token_data=token_data, **more)

    patch.setattr(AsyncClient, "create_access_token", translated)


# Who somebody is


@fault("draft16", "D16-22")
def body_may_name_another_client(patch: pytest.MonkeyPatch) -> None:
    """The client in the body is not compared with the one in the header."""
    patch.setattr(client_authentication, "_check_beside", lambda *_, **__: None)


@fault("draft16", "D16-21")
def identifier_is_enough(patch: pytest.MonkeyPatch) -> None:
    """A client without a secret is taken at its word."""

    def trusted(claim: client_authentication.Claim) -> ClientCredentials:
        return ClientCredentials(claim.client.client_id, claim.secret or SECRET)

    patch.setattr(client_authentication.Claim, "credentials", property(trusted))


@fault("rfc6749", "RFC7662-2.1")
def anybody_may_introspect(patch: pytest.MonkeyPatch) -> None:
    """The secret of whoever asks about a token is not looked at."""

    async def unchecked(*_: object) -> None: ...

    patch.setattr(introspection, "check_secret", unchecked)


@fault("draft16", "D16-48b")
def any_password_will_do(patch: pytest.MonkeyPatch) -> None:
    """A user's password is not looked at."""

    async def entered(*_: object) -> users.User:
        return ANNA

    patch.setattr(users.Door, "enter", entered)


@fault("draft16", "D16-1")
def nobody_is_asked(patch: pytest.MonkeyPatch) -> None:
    """Whoever comes is taken for a user who allows everything."""

    async def anna(_: web.Request) -> users.User:
        return ANNA

    async def granted(request: web.Request) -> web.StreamResponse:
        return await consent._decided(request, request.rel_url.raw_query_string, secrets.token_hex(), allowed=True)

    patch.setattr(sessions, "user_of", anna)
    patch.setattr(consent, "ask", granted)


# How a request is read


@fault("draft16", "D16-8")
def last_of_several_counts(patch: pytest.MonkeyPatch) -> None:
    """A parameter may come twice."""

    async def read(request: web.Request) -> Mapping[str, str]:
        return {name: value for name, value in parse_qsl(await request.text()) if value}

    patch.setattr(token, "read_parameters", read)


@fault("draft16", "D16-10")
def token_by_get(patch: pytest.MonkeyPatch) -> None:
    """The token endpoint is served by GET, too, with everything in the query."""

    async def read(request: web.Request) -> Mapping[str, str]:
        return dict(request.query) if request.method == "GET" else await read_parameters(request)

    patch.setattr(token, "read_parameters", read)
    patch.setattr(token, "add_routes", lambda to: to.router.add_route("*", TOKEN_ENDPOINT, token.token))
