"""A protected resource, as an example of one: it takes a token in its service's way, and refuses as the gateway does.

Each service has one, at a path of its own, because a token is good in its service alone. It answers with what a
gateway would tell the API behind it.
"""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from ..client import TokenInfo, refusals
from ..connections import Handler, read_body
from .bearer import MAC, SCHEMES, Malformed, Pairs, bearer_token, scheme_of
from .configuration import ServiceEntry
from .lifetimes import LIFETIMES
from .mac import Nonces, Received, Signed, is_genuine, parse
from .parts import BACKEND, CONFIGURATION
from .relaying import FORM, answering, told
from .revocation import LONGEST

NONCES = web.AppKey("nonces", Nonces)
ERROR_CODE = "X-Mashery-Error-Code"
NOT_AUTHORIZED = "ERR_403_NOT_AUTHORIZED"
_PORT = re.compile(r"[0-9]{1,5}").fullmatch
_BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})  # methods whose body may have the token


class Refusal(Exception):
    """A request that is not let through; without an error where there was no token at all (RFC 6750 §3.1)."""

    def __init__(self, status: int = 401, error: str = "", scope: str = "") -> None:
        super().__init__(error)
        self.status, self.error, self.scope = status, error, scope


def add_routes(app: web.Application) -> None:
    """A resource for each service, and everything below it."""
    for service in app[CONFIGURATION].services:
        handler: Handler = partial(resource, service)
        app.router.add_route("*", service.resource, answering(handler))
        app.router.add_route("*", f"{service.resource}/{{below:.*}}", answering(handler))


async def resource(service: ServiceEntry, request: web.Request) -> web.StreamResponse:
    """Let the request through, or challenge it."""
    try:
        info = await _admitted(service, request)
    except Refusal as refusal:
        return challenge(refusal, service, request.app[CONFIGURATION].realm)
    except Malformed:
        return challenge(Refusal(400, "invalid_request"), service, request.app[CONFIGURATION].realm)
    return told(_shown(service, info), service.rendering)


def challenge(refusal: Refusal, service: ServiceEntry, realm: str) -> web.Response:
    """RFC 6750 §3 and draft 10 §5.2, with the gateway's own header."""
    scheme = "MAC" if service.token_type == MAC else service.rendering.scheme
    words = {"realm": realm, "error": refusal.error, "scope": refusal.scope}
    attributes = ", ".join(f'{name}="{value}"' for name, value in words.items() if value)
    headers: dict[str, str] = {hdrs.WWW_AUTHENTICATE: f"{scheme} {attributes}", hdrs.CACHE_CONTROL: "no-store"}
    if refusal.status != 400:
        headers[ERROR_CODE] = NOT_AUTHORIZED
    return web.Response(status=refusal.status, headers=headers)


async def _admitted(service: ServiceEntry, request: web.Request) -> TokenInfo:
    header = _only_header(request)
    attempted = scheme_of(header) if header else ""
    if attempted in SCHEMES and attempted != _expected(service):
        raise Refusal(error="invalid_request")
    if service.token_type == MAC:
        info = await _signed(service, request, header)
    else:
        info = await _borne(service, request, header)
    if service.scope and service.scope not in (info.scope or "").split(" "):
        raise Refusal(403, "insufficient_scope", service.scope)
    return info


def _expected(service: ServiceEntry) -> str:
    return MAC if service.token_type == MAC else service.rendering.scheme.lower()


def _only_header(request: web.Request) -> str | None:
    given = request.headers.getall(hdrs.AUTHORIZATION, [])
    if len(given) > 1:
        raise Malformed
    return given[0] if given else None


async def _borne(service: ServiceEntry, request: web.Request, header: str | None) -> TokenInfo:
    text = bearer_token(header, _query(request), await _form(request), service.rendering)
    if text is None:
        raise Refusal
    return await _fetched(service, request, text, "bearer")


async def _signed(service: ServiceEntry, request: web.Request, header: str | None) -> TokenInfo:
    if header is None or scheme_of(header) != MAC:
        carried = bearer_token(None, _query(request), await _form(request), service.rendering)
        raise Refusal if carried is None else Refusal(error="invalid_request")
    signed = parse(header)
    info = await _fetched(service, request, signed.id, MAC)
    if not is_genuine(signed, await _received(request), info.extended) or not _is_fresh(request, signed):
        raise Refusal(error="invalid_token")
    return info


def _is_fresh(request: web.Request, signed: Signed) -> bool:
    return request.app[NONCES].is_fresh(signed)


async def _fetched(service: ServiceEntry, request: web.Request, text: str, kind: str) -> TokenInfo:
    """What the backend has of the token; one that is used in another way than its own is no token (R5)."""
    try:
        info = await request.app[BACKEND].fetch_access_token(service.service_key, text[:LONGEST])
    except refusals.UnknownToken:
        over = service.rendering.expired_token and request.app[LIFETIMES].is_over(text)
        raise Refusal(error="expired_token" if over else "invalid_token") from None
    if info.token_type != kind:
        raise Refusal(error="invalid_token")
    return info


def _query(request: web.Request) -> Pairs:
    return parse_qsl(request.rel_url.raw_query_string, errors="replace")


async def _form(request: web.Request) -> Pairs:
    """The parameters of a form; what cannot be read has no token."""
    if request.content_type != FORM or request.method not in _BODIES:
        return ()
    return parse_qsl((await read_body(request)).decode(errors="replace"))


async def _received(request: web.Request) -> Received:
    """The request as its sender saw it; a proxy in front of us has kept its ``Host``."""
    usual = 443 if request.app[CONFIGURATION].https else 80
    host, _, port = request.host.rpartition(":")
    if not host or not _PORT(port):
        host, port = request.host, str(usual)
    return Received(request.method, request.raw_path, host, int(port), await read_body(request))


def _shown(service: ServiceEntry, info: TokenInfo) -> dict[str, object]:
    """What the gateway forwards to the API, apart from the token."""
    forwarded = {
        "X-Mashery-Oauth-Client-Id": info.client_id,
        "X-Mashery-Oauth-Scope": info.scope,
        "X-Mashery-Oauth-User-Context": info.user_context,
    }
    return {"service": service.name, "forwarded": {name: value for name, value in forwarded.items() if value}}
