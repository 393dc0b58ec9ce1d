"""``/.well-known/oauth-authorization-server``: what this server can do, for clients to read (RFC 8414)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson
from aiohttp import web

from .configuration import Configuration
from .parts import CONFIGURATION
from .policies import POLICIES, Allowed

_BASIC, _POST = "client_secret_basic", "client_secret_post"


def add_routes(app: web.Application) -> None:
    """The metadata document."""
    app.router.add_get("/.well-known/oauth-authorization-server", metadata)


async def metadata(request: web.Request) -> web.StreamResponse:
    """The document; it holds nothing of anybody's, so any page may read it."""
    document = orjson.dumps(described(request.app[CONFIGURATION], await request.app[POLICIES].known()))
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return web.Response(body=document, content_type="application/json", headers=headers)


def described(configuration: Configuration, allowed: Sequence[Allowed]) -> dict[str, object]:
    """The members of RFC 8414 §2, over all services; a list that would be empty is left out (§3.2)."""
    issuer, rows = configuration.issuer, [service.rendering for service in configuration.services]
    # What RFC 8414 calls client_secret_basic has no identifier in the body, so draft 16 refuses it (§3.1).
    basic = () if any(row.client_id_beside_basic for row in rows) else (_BASIC,)
    public = ("none",) if any(row.profile.public_clients for row in rows) else ()
    methods = {"plain", "S256"} if all(row.profile.plain_challenge for row in rows) else {"S256"}
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth2/authorize",
        "token_endpoint": f"{issuer}/oauth2/token",
        "revocation_endpoint": f"{issuer}/oauth2/revoke",
        "introspection_endpoint": f"{issuer}/oauth2/introspect",
        **({"scopes_supported": sorted(configuration.scopes)} if configuration.scopes else {}),
        **_listed("response_types_supported", (each.response_types for each in allowed)),
        **_listed("grant_types_supported", (each.grant_types for each in allowed)),
        "token_endpoint_auth_methods_supported": [*basic, _POST, *public],
        "revocation_endpoint_auth_methods_supported": [_BASIC, _POST, *public],
        "introspection_endpoint_auth_methods_supported": [_BASIC, _POST],
        "code_challenge_methods_supported": sorted(methods),
        "authorization_response_iss_parameter_supported": all(row.issuer_in_redirect for row in rows),
    }


def _listed(name: str, lists: Iterable[Iterable[str]]) -> dict[str, list[str]]:
    every = sorted({each for several in lists for each in several})
    return {name: every} if every else {}
