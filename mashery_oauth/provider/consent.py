"""Login and consent: what stands between a request that is in order and its answer.

The user is asked each time. A client's identity proves little where anybody can send its identifier, so no consent is
taken for given because there was one before (RFC 6749 §10.2).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import structlog
from aiohttp import web

from ..client import BackendError, TokenData
from . import sealing, sessions
from .authorization import IMPLICIT, PARAMETERS, Judged, Turned, judged, told
from .login import TOO_OLD, Target, foreign_form, login_page
from .pages import error_page, page, place_of, scheme_of
from .parts import BACKEND, CONFIGURATION
from .redirecting import NOT_POSSIBLE, refused, sent_on
from .users import User

PATH = "/oauth2/authorize"
SPENT = web.AppKey("spent forms", sealing.Spent)
_PURPOSE = "consent"
_ID_BYTES = 16
_DENIED = "The user has denied the request"
_OLD = "Your page was too old to go on with. Decide again, please."
_log = structlog.get_logger("mashery_oauth.provider.consent")


@dataclass(frozen=True, slots=True)
class Scope:
    """A scope that was asked for, and what it lets an application do, where the configuration says so."""

    name: str
    words: str


def add_routes(app: web.Application) -> None:
    """The authorization endpoint."""
    app[SPENT] = sealing.Spent()
    app.router.add_get(PATH, ask)
    app.router.add_post(PATH, take)


async def ask(request: web.Request) -> web.StreamResponse:
    """A client has sent the user here."""
    return await _asked(request, request.rel_url.raw_query_string)


async def take(request: web.Request) -> web.StreamResponse:
    """The user has decided; or a client has sent its request by POST (RFC 6749 §3.1), which then comes by GET.

    A session's cookie does not travel with a form of another site, so the user of such a request is not known yet.
    """
    form = await sealing.read_form(request)
    if "request" not in form:
        asked = [field for field in await sealing.read_fields(request) if field[0] in PARAMETERS]
        raise web.HTTPSeeOther(f"{PATH}?{urlencode(asked)}")
    if not sealing.came_from_here(request):
        return await foreign_form(request)
    sealed = sealing.unseal(request, _PURPOSE, form["request"])
    if sealed is None:
        sentence = "This page has been open for too long, or it was not made here."
        return await error_page(request, 400, NOT_POSSIBLE, sentence, advice="Go back to the application.")
    query, own, session = sealed
    is_here = await sealing.is_of_session(request, form) and await sessions.is_csrf_token(request, session)
    if await sessions.user_of(request) is None or not is_here:
        return await _asked(request, query, status=403, notice=_OLD)
    return await _decided(request, query, own, allowed=form.get("decision") == "allow")


async def _asked(request: web.Request, query: str, *, status: int = 200, notice: str = "") -> web.StreamResponse:
    """Asks for what is missing: login first, then consent."""
    try:
        found = await judged(request, query)
    except Turned as turned:
        return turned.response
    user = await sessions.user_of(request)
    if user is None:
        target = Target(f"{PATH}?{query}", found.application.name, place_of(found.redirect_uri))
        return await login_page(request, target, status=status, notice=notice and TOO_OLD)
    return await page(
        request,
        "consent",
        status=status,
        notice=notice,
        may_go_on_to=scheme_of(found.redirect_uri),
        application=found.application.name,
        service=found.client.service.name,
        scopes=_scopes(request, found),
        destination=urlsplit(found.redirect_uri).netloc or found.redirect_uri.partition(":")[0],
        request_sealed=await _sealed(request, query),
    )


async def _sealed(request: web.Request, query: str) -> str:
    """The request as one form of one session has it: nobody else can use the form, and nobody can use it twice."""
    own = secrets.token_urlsafe(_ID_BYTES)
    return sealing.seal(request, _PURPOSE, query, own, await sessions.csrf_token(request))


def _scopes(request: web.Request, found: Judged) -> list[Scope]:
    """What was asked for, each once, in its order; the separators are those of the service."""
    words = request.config_dict[CONFIGURATION].scopes
    separators = f"[{re.escape(found.client.rendering.scope_separators)}]+"
    names = dict.fromkeys(filter(None, re.split(separators, found.asked.scope or "")))
    return [Scope(name, words.get(name, "")) for name in names]


async def _decided(request: web.Request, query: str, own: str, *, allowed: bool) -> web.StreamResponse:
    """Judges once more, as much may have changed while the user was reading, and does what the user wants."""
    user = await sessions.user_of(request)
    try:
        found = await judged(request, query)
    except Turned as turned:
        return turned.response
    spent = request.config_dict[SPENT]
    if not spent.spend(own):
        return await _decided_before(request)
    if user is None or not allowed:
        response = await told(request, found, "access_denied", _DENIED)
        return response if response is not None else await _denied_here(request)
    try:
        location = await _granted(request, found, user)
    except BackendError as error:
        spent.give_back(own)  # who is told to try again can send it again
        return await refused(request, found.client.rendering, error)
    _log.info("consented", service=found.client.service.service_key, client=found.client.client_id)
    return sent_on(request, found.client.rendering, location, found.client.rendering.profile.redirect_status)


async def _decided_before(request: web.Request) -> web.Response:
    """What is seen after a button was pressed twice, or after going back to press it again."""
    sentence = "This page was sent before, and nothing is done twice."
    advice = "Go back to the application. If it is waiting for you, begin there once more."
    return await error_page(request, 409, "You have decided already", sentence, advice=advice)


async def _denied_here(request: web.Request) -> web.Response:
    """Says so to the user, who is not sent on."""
    sentence = "The application gets nothing of yours."
    return await error_page(request, 200, "You have denied it", sentence, advice="You can close this page.")


async def _granted(request: web.Request, found: Judged, user: User) -> str:
    """The URI to send the user to, with the code, or with the token where the client asked for one."""
    backend, asked = request.config_dict[BACKEND], found.asked
    if asked.response_type == IMPLICIT:
        token = await backend.create_access_token(
            found.client.service.service_key,
            client=found.credentials,
            token_data=TokenData(response_type=asked.response_type, scope=asked.scope),
            uri=asked.uri,
            user_context=user.user_context,
        )
        return (token.uri and token.uri.redirect_uri) or found.redirect_uri
    code = await backend.create_authorization_code(
        found.client.service.service_key,
        client=found.credentials,
        uri=asked.uri,
        user_context=user.user_context,
        scope=asked.scope,
        response_type=asked.response_type,
        code_challenge=asked.code_challenge,
        code_challenge_method=asked.code_challenge_method,
    )
    return code.uri.redirect_uri or found.redirect_uri
