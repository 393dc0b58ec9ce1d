"""``/oauth2/token``: the client's request becomes one call of the backend, and its answer what the text calls for.

RFC 6749 §3.2, §4.1.3, §4.3.2, §4.4.2, §5, §6; drafts 16 and 10 as far as their rows in ``renderings`` say.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from ..client import AccessToken, Redirect, TokenData
from ..errors import UNSUPPORTED_GRANT_TYPE
from .addresses import address_of
from .client_authentication import Claim, check_secret, claim_of
from .lifetimes import LIFETIMES
from .parameters import read_parameters
from .parts import BACKEND, DOOR
from .relaying import USER_HELD_UP, USER_MISSING, WRONG_USER, Refused, answering, relaying, told
from .renderings import Rendering
from .users import TooManyAttempts

PASSWORD = "password"  # the user's own, which only the provider can check
# Gives a token without a secret, because the backend trusts that a user has consented: nobody has, here.
CONSENTED = "implicit"
_PASSED_ON = ("grant_type", "scope", "code", "refresh_token", "code_verifier")


def add_routes(app: web.Application) -> None:
    """The token endpoint."""
    app.router.add_post("/oauth2/token", token)


@answering
async def token(request: web.Request) -> web.StreamResponse:
    """Make a token, or say why not."""
    form = await read_parameters(request)
    claim = await claim_of(request, form, for_token=True)
    with relaying(claim.rendering, by_header=claim.by_header):
        return await _made(request, claim, form)


async def _made(request: web.Request, claim: Claim, form: Mapping[str, str]) -> web.Response:
    if form.get("grant_type") == CONSENTED:
        raise Refused(UNSUPPORTED_GRANT_TYPE, claim.rendering)
    user_context = await _user_of(request, claim, form) if form.get("grant_type") == PASSWORD else None
    lifetimes = request.app[LIFETIMES]
    asked = lifetimes.now()
    made = await request.app[BACKEND].create_access_token(
        claim.client.service.service_key,
        client=claim.credentials,
        token_data=TokenData(**{name: form.get(name) for name in _PASSED_ON}),
        uri=Redirect(form["redirect_uri"]) if "redirect_uri" in form else None,
        user_context=user_context,
    )
    lifetimes.note(made, asked)
    return told(shown(made, claim.rendering, form), claim.rendering)


async def _user_of(request: web.Request, claim: Claim, form: Mapping[str, str]) -> str:
    """The user whose password the client brings, once the client itself has shown who it is.

    Otherwise anybody who knows a client's identifier could try passwords here.
    """
    row = claim.rendering
    if PASSWORD not in row.grant_types:
        raise Refused(UNSUPPORTED_GRANT_TYPE, row)
    await check_secret(request, claim)
    if "username" not in form or "password" not in form:
        raise Refused(USER_MISSING, row)
    try:
        user = await request.app[DOOR].enter(form["username"], form["password"], address_of(request))
    except TooManyAttempts as held_up:
        raise Refused(USER_HELD_UP, row, retry_after=held_up.retry_after) from None
    if user is None:
        raise Refused(WRONG_USER, row)
    return user.user_context


def shown(made: AccessToken, rendering: Rendering, form: Mapping[str, str]) -> dict[str, object]:
    """The members of a good answer (RFC 6749 §5.1)."""
    members: dict[str, object] = {"access_token": made.access_token}
    if rendering.token_type:
        members["token_type"] = made.token_type
    if made.expires_in is not None:
        members["expires_in"] = str(made.expires_in) if rendering.lifetime_as_text else made.expires_in
    if made.refresh_token is not None:
        members["refresh_token"] = made.refresh_token
    if made.scope is not None and (rendering.scope_always or _differs(made.scope, rendering, form)):
        members["scope"] = made.scope
    return members | (dict(made.extended) if made.extended else {})


def _differs(scope: str, rendering: Rendering, form: Mapping[str, str]) -> bool:
    """Whether the client got another scope than it asked for; a refresh that asks for none asks for the same."""
    asked = form.get("scope")
    if asked is None:
        return "refresh_token" not in form
    for separator in rendering.scope_separators:
        asked = asked.replace(separator, " ")
    return set(asked.split()) != set(scope.split())
