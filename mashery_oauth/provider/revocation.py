"""``/oauth2/revoke``: a client gives a token back (RFC 7009), and the grant that it came from ends with it."""

from __future__ import annotations

from aiohttp import web

from ..errors import WRONG_SECRET
from .client_authentication import claim_of
from .parameters import read_parameters
from .parts import BACKEND
from .relaying import TOKEN_MISSING, Refused, answering, no_store, relaying

LONGEST = 4096  # characters that the backend takes; no token is nearly as long, so what is cut off was none


def add_routes(app: web.Application) -> None:
    """The revocation endpoint."""
    app.router.add_post("/oauth2/revoke", revoke)


@answering
async def revoke(request: web.Request) -> web.StreamResponse:
    """End the token. One that is unknown or another's is told the same, as there is nothing to learn here (§2.2).

    A client that can keep a secret must show it: a token that somebody found is not theirs to end.
    """
    form = await read_parameters(request)
    claim = await claim_of(request, form)
    if claim.secret is None and not claim.client.public:
        raise Refused(WRONG_SECRET, claim.rendering, by_header=claim.by_header)
    if "token" not in form:
        raise Refused(TOKEN_MISSING, claim.rendering)
    with relaying(claim.rendering, by_header=claim.by_header):
        await request.app[BACKEND].revoke_access_token(
            claim.client.service.service_key, client=claim.credentials, access_token=form["token"][:LONGEST]
        )
    return web.Response(headers=no_store(claim.rendering))
