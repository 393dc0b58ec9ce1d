"""``/.well-known/oauth-authorization-server``: what this server can do, for clients to read (RFC 8414)."""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from aiohttp import web

from .configuration import Configuration
from .parts import CONFIGURATION

_BASIC, _POST = "client_secret_basic", "client_secret_post"


def add_routes(app: web.Application) -> None:
    """The metadata document."""
    app.router.add_get("/.well-known/oauth-authorization-server", metadata)


async def metadata(request: web.Request) -> web.StreamResponse:
    """The document; it holds nothing of anybody's, so any page may read it."""
    document = orjson.dumps(described(request.app[CONFIGURATION]))
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return web.Response(body=document, content_type="application/json", headers=headers)


def described(configuration: Configuration) -> dict[str, object]:
    """The members of RFC 8414 §2, over all services; what a single one allows is in its policy."""
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
        "response_types_supported": _merged(row.response_types for row in rows),
        "grant_types_supported": _merged(row.grant_types for row in rows),
        "token_endpoint_auth_methods_supported": [*basic, _POST, *public],
        "revocation_endpoint_auth_methods_supported": [_BASIC, _POST, *public],
        "introspection_endpoint_auth_methods_supported": [_BASIC, _POST],
        "code_challenge_methods_supported": sorted(methods),
        "authorization_response_iss_parameter_supported": all(row.issuer_in_redirect for row in rows),
    }


def _merged(lists: Iterable[Iterable[str]]) -> list[str]:
    return sorted({each for several in lists for each in several})
