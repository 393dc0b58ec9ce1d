"""How an endpoint for machines says no: what the backend has worded for the client as it is, and everything else alike.

RFC 6749 §5.2. A refusal is a row of the error table, whether the backend or the provider found it. Trouble that is not
the client's is 503 or 500, never an ``invalid_...``: a client would throw away a token that is good.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import wraps

import orjson
import structlog
from aiohttp import hdrs, web

from ..client import BackendError, ErrorResponse, Throttled, Unavailable, refusals
from ..connections import Handler
from ..errors import (
    INTERNAL,
    RETRY_AFTER,
    TOKEN,
    TOO_MANY_ATTEMPTS,
    UNAVAILABLE,
    UNKNOWN_CLIENT,
    WRONG_SECRET,
    Row,
    oauth_error,
)
from ..models import Relay
from .parts import CONFIGURATION
from .registry import AmbiguousClient
from .renderings import Rendering

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

NO_FORM = Row("no_form", f"The body must be {FORM}", token="invalid_request")
FORM_UNREADABLE = Row("form_unreadable", "The body cannot be read", token="invalid_request")
PARAMETER_TWICE = Row("parameter_twice", "A parameter is there twice", token="invalid_request")
TWO_METHODS = Row("two_methods", "More than one way of client authentication", token="invalid_request")
TOKEN_MISSING = Row("token_missing", "Token is required", token="invalid_request")
USER_MISSING = Row("user_missing", "User name and password are required", token="invalid_request")
WRONG_USER = Row("wrong_user", "Invalid user name or password", token="invalid_grant")
USER_HELD_UP = Row("user_held_up", "Too many failed attempts", token="invalid_grant", status=429)

# Refused while the backend looked a client up, for which it has no answer ready: there was no token step yet.
_LOOKED_UP = (
    (refusals.UnknownClient, UNKNOWN_CLIENT),
    (refusals.WrongSecret, WRONG_SECRET),
    (refusals.TooManyAttempts, TOO_MANY_ATTEMPTS),
)
_log = structlog.get_logger("mashery_oauth.provider")


class Refused(Exception):
    """A request that is answered with a row of the error table, or with what the backend has worded."""

    def __init__(
        self,
        row: Row,
        rendering: Rendering | None = None,
        *,
        by_header: bool = False,
        retry_after: float | None = None,
        worded: ErrorResponse | None = None,
    ) -> None:
        super().__init__(row.name)
        self.row, self.rendering, self.by_header = row, rendering, by_header
        self.retry_after, self.worded = retry_after, worded


@contextmanager
def relaying(rendering: Rendering | None = None, *, by_header: bool = False) -> Iterator[None]:
    """What goes wrong inside is told to a client of this rendering.

    :param by_header: it came with an ``Authorization``, so that a 401 must challenge it (draft 10 §4.3).
    """
    try:
        yield
    except BackendError as error:
        worded = error.response if error.response and error.response.redirect_uri is None else None
        row, wait = _row_of(error), error.retry_after
        raise Refused(row, rendering, by_header=by_header, retry_after=wait, worded=worded) from None


def _row_of(error: BackendError) -> Row:
    for kind, row in _LOOKED_UP:
        if isinstance(error, kind):
            return row
    if isinstance(error, Unavailable | Throttled):
        return UNAVAILABLE
    return INTERNAL


def answering(handler: Handler) -> Handler:
    """An endpoint whose failures are JSON, whatever they are."""

    @wraps(handler)
    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            with relaying():
                return await handler(request)
        except Refused as refused:
            return _answer(refused, request.app[CONFIGURATION].realm)
        except AmbiguousClient:
            return _answer(Refused(INTERNAL), request.app[CONFIGURATION].realm)
        except web.HTTPException:
            raise
        except Exception as error:  # noqa: BLE001  a client can read JSON, and nothing of ours
            _log.error("failed", error=type(error).__name__, exc_info=error)
            return _answer(Refused(INTERNAL), request.app[CONFIGURATION].realm)

    return answered


def _answer(refused: Refused, realm: str) -> web.Response:
    if refused.worded is not None:
        status, headers, body = refused.worded.status, dict(refused.worded.headers), refused.worded.body
    else:
        status, headers, body = _worded(refused)
    if body.get("error") == WRONG_SECRET.token and refused.by_header and status < 401:
        status = 401
    if status == 401:
        headers.setdefault(hdrs.WWW_AUTHENTICATE, f'Basic realm="{realm}"')
    return _json(body, headers, status)


def _worded(refused: Refused) -> tuple[int, dict[str, str], Mapping[str, str]]:
    """A row as the backend would word it."""
    row, rendering = refused.row, refused.rendering
    status, headers = row.status, no_store(rendering)
    if status == 401 and rendering is not None:
        status = rendering.profile.invalid_client_status
    if status in (429, 503):
        headers[hdrs.RETRY_AFTER] = str(math.ceil(refused.retry_after or RETRY_AFTER))
    error = oauth_error(row, Relay(TOKEN, rendering.profile.name if rendering else None))
    return status, headers, {"error": error, "error_description": row.message}


def no_store(rendering: Rendering | None) -> dict[str, str]:
    """The headers of an answer that nobody may keep, as the text has them."""
    headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store"}
    return headers | {hdrs.PRAGMA: "no-cache"} if rendering is not None and rendering.pragma else headers


def _json(body: Mapping[str, object], headers: Mapping[str, str], status: int) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), headers={**headers, hdrs.CONTENT_TYPE: JSON})


def told(body: Mapping[str, object], rendering: Rendering | None) -> web.Response:
    """A good answer, in the members' order."""
    return _json(body, no_store(rendering), 200)
