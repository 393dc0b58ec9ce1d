"""What a client posts to an endpoint: form-encoded, each parameter once, an empty one as if it were not there."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from aiohttp import web

from ..connections import read_body
from .relaying import FORM, FORM_UNREADABLE, NO_FORM, PARAMETER_TWICE, Refused

LARGEST = 64 * 1024  # bytes of a body
MOST = 64  # parameters


async def read_parameters(request: web.Request) -> Mapping[str, str]:
    """The parameters in the body; what is in the URL is nobody's credential (RFC 6749 §2.3.1).

    :raises Refused: it is no form, or says one thing twice (RFC 6749 §3.2).
    """
    if request.content_type != FORM:
        raise Refused(NO_FORM)
    try:
        body = await read_body(request)
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except (ValueError, web.HTTPBadRequest):
        raise Refused(FORM_UNREADABLE) from None
    if len({name for name, _ in pairs}) < len(pairs):
        raise Refused(PARAMETER_TWICE)
    return {name: value for name, value in pairs if value}
