"""How the authorization endpoint tells the client: by sending the user back, or by a page where that is not safe.

RFC 6749 §4.1.2, §4.1.2.1, §4.2.2.1. Where the backend has worded the redirection, it is taken as it is. What only the
provider knows (the user has denied, a parameter came twice) is worded here, and goes to no URI that the backend would
not send errors to itself: draft 10 asks for the contrary, and made every server of it an open redirector.
"""

from __future__ import annotations

import math
from urllib.parse import urlencode

from aiohttp import web

from ..client import BackendError, OAuthError, Throttled, Unavailable, refusals
from ..errors import RETRY_AFTER
from .pages import error_page
from .parts import CONFIGURATION
from .renderings import Rendering

NOT_POSSIBLE = "The application cannot use your account"
_ITS_FAULT = "What the application has asked for is not in order, so there is nothing to decide for you."
_ITS_ADVICE = "Go back to the application. If this comes again, tell whoever runs it."


def sent_on(request: web.Request, rendering: Rendering, location: str, status: int) -> web.Response:
    """Sends the user to the client, with what it is told already in the URI; the issuer is added where it belongs."""
    if rendering.issuer_in_redirect:
        issuer = urlencode({"iss": request.config_dict[CONFIGURATION].issuer})
        location = f"{location}&{issuer}" if "#" in location else with_members(location, "query", issuer)
    return web.Response(status=status, headers={"Location": location})


def with_members(uri: str, component: str, members: str) -> str:
    """The URI with form-encoded members in its query, which is kept, or as its fragment."""
    if component == "fragment":
        return f"{uri}#{members}"
    joint = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{joint}{members}"


async def refused(request: web.Request, rendering: Rendering | None, error: BackendError) -> web.Response:
    """What the backend has refused: told to the client where it says so, else to the user."""
    worded = error.response
    if rendering is not None and worded is not None and worded.redirect_uri is not None:
        return sent_on(request, rendering, worded.redirect_uri, worded.status)
    if isinstance(error, OAuthError) and not isinstance(error, refusals.UnknownService):
        return await client_at_fault(request, error.error or "invalid_request", error.error_description)
    if isinstance(error, Unavailable | Throttled):
        return await _not_now(request, error.retry_after)
    sentence = "Something is wrong on our side, and it has been noted."
    return await error_page(request, 500, NOT_POSSIBLE, sentence, error="server_error")


async def client_at_fault(request: web.Request, error: str, description: str) -> web.Response:
    """Tells the user of a fault of the client's that must not be told by redirection."""
    return await error_page(
        request, 400, NOT_POSSIBLE, _ITS_FAULT, advice=_ITS_ADVICE, error=error, description=description
    )


async def _not_now(request: web.Request, retry_after: float | None) -> web.Response:
    sentence = "We cannot see right now what the application may do."
    advice = "Go back to the application, and try again in a while."
    response = await error_page(request, 503, NOT_POSSIBLE, sentence, advice=advice, error="temporarily_unavailable")
    response.headers["Retry-After"] = str(math.ceil(retry_after or RETRY_AFTER))
    return response
