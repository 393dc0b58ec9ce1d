"""Bodies of requests: read in bounded time, and broken ones told apart from faults of our own."""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

PATIENCE = 30.0  # seconds for a body to arrive


async def read_body(request: web.Request) -> bytes:
    """The body.

    :raises web.HTTPBadRequest: it is broken, or its sender has gone.
    :raises web.HTTPRequestTimeout: it does not arrive.
    :raises web.HTTPRequestEntityTooLarge: it is too large.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            return await request.read()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (RequestPayloadError, ConnectionError):
        raise web.HTTPBadRequest from None
