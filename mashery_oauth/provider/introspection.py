"""``/oauth2/introspect``: a resource server asks what a token stands for (RFC 7662).

A client may ask about its own tokens. One that the service's ``resource_servers`` name may ask about all of the
service's. To anybody else every token looks alike: not active.
"""

from __future__ import annotations

from aiohttp import web

from ..client import TokenInfo, refusals
from .client_authentication import Claim, check_secret, claim_of
from .parameters import read_parameters
from .parts import BACKEND, CONFIGURATION
from .relaying import TOKEN_MISSING, Refused, answering, relaying, told
from .revocation import LONGEST

INACTIVE: dict[str, object] = {"active": False}


def add_routes(app: web.Application) -> None:
    """The introspection endpoint."""
    app.router.add_post("/oauth2/introspect", introspect)


@answering
async def introspect(request: web.Request) -> web.StreamResponse:
    """Tell what the token stands for, as far as it is the asker's to know."""
    form = await read_parameters(request)
    claim = await claim_of(request, form)
    with relaying(claim.rendering, by_header=claim.by_header):
        await check_secret(request, claim)
        if "token" not in form:
            raise Refused(TOKEN_MISSING, claim.rendering)
        info = await _fetched(request, claim, form["token"])
    issuer = request.app[CONFIGURATION].issuer
    return told(INACTIVE if info is None else _shown(info, issuer), claim.rendering)


async def _fetched(request: web.Request, claim: Claim, text: str) -> TokenInfo | None:
    try:
        info = await request.app[BACKEND].fetch_access_token(claim.client.service.service_key, text[:LONGEST])
    except refusals.UnknownToken:
        return None
    own, service = claim.client.client_id, claim.client.service
    return info if own == info.client_id or own in service.resource_servers else None


def _shown(info: TokenInfo, issuer: str) -> dict[str, object]:
    """The members of §2.2 that are known; the rest is left out."""
    members: dict[str, object | None] = {
        "active": True,
        "scope": info.scope,
        "client_id": info.client_id,
        "username": info.user_context,
        "token_type": info.token_type,
        "exp": int(info.expires.timestamp()) if info.expires else None,
        "sub": info.user_context,
        "iss": issuer,
    }
    return {name: value for name, value in members.items() if value is not None}
