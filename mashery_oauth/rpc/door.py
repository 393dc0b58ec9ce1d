"""The HTTP side of the JSON-RPC door: routes, callers, bodies; every refusal is JSON with no byte of the request."""

from __future__ import annotations

import itertools
import re
import secrets

import orjson
import structlog
from aiohttp import HttpVersion10, HttpVersion11, web
from aiohttp.web_protocol import RequestPayloadError

from .. import metrics
from ..calling import Calling, key_of
from ..connections import Handler, last, read_body
from ..dialects import CLOUD, LOCAL_V2, LOCAL_V3, Dialect
from ..errors import KEY_HEADER, RETRY_AFTER, TOO_LARGE, UNAVAILABLE, StoreUnavailable
from ..models import Caller, Site
from ..store import Store
from .answering import answer
from .callers import Callers, Refused
from .response import Head, OneWrite, Responses

ID_HEADER = "X-Request-Id"
LARGEST = 1024 * 1024  # bytes of a body

DOORS = web.AppKey("doors", dict[str, Handler])

_ID = re.compile(r"[A-Za-z0-9._:/+=@-]{1,64}").fullmatch
_log = structlog.get_logger("mashery_oauth.rpc")
_TYPE = "application/json"
_LOCAL_TYPE = "application/json;charset=UTF-8"
_SPOKEN = (HttpVersion11, HttpVersion10)
_HEADERS = {"Content-Type": _TYPE, "Cache-Control": "no-store"}


class Door:
    """Answers what is posted to a route of one dialect."""

    def __init__(self, store: Store, callers: Callers, dialect: Dialect, batch_limit: int) -> None:
        self._store, self._callers, self._dialect = store, callers, dialect
        self._batch_limit = batch_limit
        self._name, self._numbers = secrets.token_hex(4), itertools.count(1)  # of requests that have no id
        self._responses = Responses(
            {"Content-Type": _TYPE if dialect is CLOUD else _LOCAL_TYPE, "Cache-Control": "no-store"}
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One POST."""
        if request.method != "POST":
            return refusal(405, "Method Not Allowed", {"Allow": "POST"})
        known = self._store.configuration
        try:
            await known.fresh()
            version = known.version
            caller, site = await self._caller(request)
            body = await _body(request)
            if isinstance(body, web.Response):
                return body
            await known.fresh()  # a body may take longer to arrive than what is known stays true
            if known.version != version:
                caller, site = await self._caller(request)
        except Refused as error:
            return self._turned_away(error)
        except StoreUnavailable as error:
            metrics.refused(503)
            _log.error("unavailable", request_id=self._request_id(request), cause=str(error))
            return refusal(503, UNAVAILABLE.message, {"Retry-After": str(RETRY_AFTER)}, UNAVAILABLE.code)
        key = key_of(request.headers.getall(KEY_HEADER, ()))
        calling = Calling(self._store, site, caller, self._dialect, key, self._request_id(request))
        found = await answer(calling, body, self._batch_limit)
        return self._responses.make(request, found.status, found.body, found.retry_after)

    async def _caller(self, request: web.Request) -> tuple[Caller, Site]:
        if self._dialect is CLOUD:
            site_id = int(request.match_info["site_id"])
            return await self._callers.by_signature(request.rel_url.raw_query_string, site_id)
        given = request.headers.getall("Authorization", ())
        return await self._callers.by_basic(given[0] if len(given) == 1 else "")

    def _request_id(self, request: web.Request) -> str:
        """What the caller calls its request, so that both sides' logs can be read together; else a name of our own."""
        given = request.headers.get(ID_HEADER)
        if given is not None and _ID(given):
            return given
        return f"{self._name}-{next(self._numbers):x}"

    def _turned_away(self, error: Refused) -> web.Response:
        told = error.refusal
        metrics.refused(told.status)
        headers = {}
        if told.error_code:
            headers["X-Mashery-Error-Code"] = told.error_code
        if told.retry:
            headers["Retry-After"] = str(RETRY_AFTER)
        if told.status == 401:
            headers["WWW-Authenticate"] = 'Basic realm="mashery_oauth", charset="UTF-8"'
        return refusal(told.status, told.message, headers)


def _too_large() -> web.Response:
    return last(refusal(413, TOO_LARGE.message, code=TOO_LARGE.code))


async def _body(request: web.Request) -> bytes | web.Response:
    """The body, or the answer to one that is too large, too slow or broken."""
    try:
        if request.content.is_eof():  # all of it came with its head, as it mostly does
            body = request.content.read_nowait()
            return body if len(body) <= LARGEST else _too_large()
        return await read_body(request)
    except web.HTTPRequestEntityTooLarge:
        return _too_large()
    except web.HTTPRequestTimeout:
        return last(refusal(408, "Request Timeout"))
    except (web.HTTPBadRequest, RequestPayloadError, ConnectionError):  # it is broken, or its sender has gone
        return last(refusal(400, "Bad Request"))


def refusal(status: int, message: str, headers: dict[str, str] | None = None, code: int | None = None) -> web.Response:
    """An answer to what never became a call."""
    body = _document(message, status if code is None else code)
    return web.Response(status=status, body=body, headers=_HEADERS | (headers or {}))


def _document(message: str, code: int) -> bytes:
    return orjson.dumps({"jsonrpc": "2.0", "error": {"message": message, "code": code}, "id": None})


async def _expect(request: web.Request) -> web.Response | None:
    """RFC 9110 §10.1.1, where aiohttp's own would repeat an expectation that nobody knows."""
    if request.version < HttpVersion11:
        return None
    if request.headers["Expect"].lower() != "100-continue":
        return last(refusal(417, "Expectation Failed"))
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # the answer itself has not begun
    return None


def _misspoken() -> web.StreamResponse:
    """RFC 9112 §2.3: a request in another version of HTTP, or in none, is answered in ours."""
    answer = OneWrite(400, Head(400, _HEADERS), _document("Bad Request", 400))
    answer.force_close()
    return answer


async def _nowhere(_: web.Request) -> web.Response:
    return refusal(404, "Not Found")


def shortcut(app: web.Application, otherwise: Handler) -> Handler:
    """The application's handler, with a way around its router for calls to a path that is a door's to the letter."""
    doors = app[DOORS]

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.version not in _SPOKEN:
            return _misspoken()
        door = doors.get(request.raw_path)
        if door is not None and "Expect" not in request.headers:
            return await door(request)
        try:
            return await otherwise(request)
        except web.HTTPException as error:  # aiohttp's own pages: one of them repeats a header
            allowed = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
            told = refusal(error.status, error.reason, allowed)
            return last(told) if error.status == 417 else told

    return handle


def add_routes(app: web.Application, store: Store, batch_limit: int) -> None:
    """The routes of all dialects; everything else below their prefixes is not there, in JSON."""
    callers = Callers(store)
    app[DOORS] = {}
    for dialect, paths in (
        (CLOUD, (r"/v2/json-rpc/{site_id:[0-9]{1,10}}",)),
        (LOCAL_V2, ("/v2/json-rpc",)),
        (LOCAL_V3, ("/v3/json-rpc", "/v2/java/json-rpc")),
    ):
        door = Door(store, callers, dialect, batch_limit)
        for path in paths:
            if dialect is not CLOUD:  # whose path has a part that only the router reads
                app[DOORS][path] = door.handle
            app.router.add_route("*", path, door.handle, expect_handler=_expect)
            app.router.add_route("*", path + "/", door.handle, expect_handler=_expect)
    app.router.add_route("*", r"/{prefix:v[23]}{rest:(/[\s\S]*)?}", _nowhere, expect_handler=_expect)
