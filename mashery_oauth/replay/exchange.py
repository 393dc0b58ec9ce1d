"""One HTTP exchange, without following anything."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from .answers import Answer, cleaned
from .variables import Pairs

LONGEST_BODY = 1 << 20  # octets that are read of an answer
AGENT = "mashery-oauth-replay"


class Unreachable(Exception):
    """There was no answer; the text says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, as it is sent."""

    method: str
    url: str
    headers: Pairs = ()
    body: bytes | None = None


def trust(ca_file: str) -> ssl.SSLContext:
    """Which certificates are good: those of a file, or of the system where there is none. To be made once: it is slow.

    :raises Unreachable: the file cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except ssl.SSLError:
        raise Unreachable(f"ca_file: {ca_file}: has no certificates") from None
    except OSError as error:
        raise Unreachable(f"ca_file: {ca_file}: {error.strerror}") from None


@asynccontextmanager
async def new_session(
    trusted: ssl.SSLContext, patience: float, *, cookies: bool
) -> AsyncIterator[aiohttp.ClientSession]:
    """Connections of their own, with cookies as a browser has them, or without any."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=trusted, limit=0),
        cookie_jar=aiohttp.CookieJar(unsafe=True) if cookies else aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=patience),
        headers={"User-Agent": AGENT},
    ) as session:
        yield session


async def send(session: aiohttp.ClientSession, request: Request) -> Answer:
    """The answer to a request.

    :raises Unreachable: there is none.
    """
    try:
        async with session.request(
            request.method,
            URL(request.url, encoded=True),
            headers=list(request.headers),
            data=request.body,
            allow_redirects=False,
        ) as response:
            return Answer(response.status, _headers(response), await _body(response))
    except TimeoutError:
        raise Unreachable("no answer in time") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise Unreachable(f"no answer: {_why(error)}") from None


def _why(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not trusted"
        case aiohttp.ClientConnectorSSLError():
            return "no TLS is spoken there"
        case aiohttp.ClientConnectorDNSError():
            return "there is no such host"
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return "nobody listens there"
    return type(error).__name__


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > LONGEST_BODY:
            raise Unreachable(f"an answer of more than {LONGEST_BODY} octets")
    return bytes(body)


def _headers(response: aiohttp.ClientResponse) -> dict[str, str]:
    """A header that came several times is one list, as RFC 9110 §5.3 has it."""
    found: dict[str, list[str]] = {}
    for name, value in response.headers.items():
        found.setdefault(name.lower(), []).append(value)
    return {name: cleaned(", ".join(values)) for name, values in found.items()}
