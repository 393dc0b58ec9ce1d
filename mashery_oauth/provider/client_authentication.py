"""Which client it is, and how it says so: HTTP Basic as its text packs it, or parameters of the body.

RFC 6749 §2.3.1; draft 16 §3.1; draft 10 §2.1. How Basic is unpacked depends on the client, which is known only from
what is unpacked. So an identifier is looked up as it came and, where that differs, decoded; it counts only where the
client that it names is one whose text reads it that way. A secret is never tried both ways.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from aiohttp import hdrs, web

from ..client import ClientCredentials, refusals
from ..errors import CLIENT_ID_MISSING, UNKNOWN_CLIENT, WRONG_SECRET
from .parts import BACKEND, CONFIGURATION, REGISTRY
from .registry import Registered, Registry
from .relaying import TWO_METHODS, Refused
from .renderings import Rendering


@dataclass(frozen=True, slots=True)
class Claim:
    """A client that is known, with the secret that came; whether that is right the backend decides."""

    client: Registered
    secret: str | None = field(repr=False)
    by_header: bool

    @property
    def credentials(self) -> ClientCredentials:
        """In the backend's terms."""
        return ClientCredentials(self.client.client_id, self.secret)

    @property
    def rendering(self) -> Rendering:
        """How this client is answered."""
        return self.client.rendering


async def claim_of(request: web.Request, form: Mapping[str, str], *, for_token: bool = False) -> Claim:
    """The client that a request comes from.

    :param for_token: it asks for a token, where draft 16 wants the identifier in the body beside Basic; the endpoints
        of RFC 7009 and RFC 7662 know no such rule.
    :raises Refused: it does not say so, says so twice, or nobody knows it.
    :raises BackendError: the backend could not be asked.
    """
    registry = request.app[REGISTRY]
    given = request.headers.getall(hdrs.AUTHORIZATION, [])
    if len(given) > 1:
        raise Refused(TWO_METHODS, by_header=True)
    if given:
        return await _by_header(registry, given[0], form, for_token=for_token)
    return await _by_body(registry, form, request.app[CONFIGURATION].rendering)


async def check_secret(request: web.Request, claim: Claim) -> None:
    """That the client has shown who it is; one that cannot keep a secret never has.

    :raises Refused: it brought no secret.
    :raises BackendError: the secret is wrong, or the backend could not be asked.
    """
    if claim.secret is None:
        raise Refused(WRONG_SECRET, claim.rendering, by_header=claim.by_header)
    with suppress(refusals.RedirectUriInvalid):  # looked at after the secret, and of no matter here
        await request.app[BACKEND].fetch_application(claim.client.service.service_key, client=claim.credentials)


async def _by_body(registry: Registry, form: Mapping[str, str], usual: Rendering | None) -> Claim:
    if "client_id" not in form:
        raise Refused(CLIENT_ID_MISSING)
    client = await registry.find(form["client_id"])
    if client is None:
        raise Refused(UNKNOWN_CLIENT, usual)
    return Claim(client, form.get("client_secret"), by_header=False)


async def _by_header(registry: Registry, header: str, form: Mapping[str, str], *, for_token: bool) -> Claim:
    user, password = _unpacked(header)
    if "client_secret" in form:
        raise Refused(TWO_METHODS, by_header=True)
    client = await _reading(registry, user)
    if client is None:
        raise Refused(UNKNOWN_CLIENT, by_header=True)
    _check_beside(client, form, required=for_token and client.rendering.client_id_beside_basic)
    secret = unquote_plus(password, errors="replace") if client.rendering.form_decoded_basic else password
    return Claim(client, secret or None, by_header=True)


async def _reading(registry: Registry, user: str) -> Registered | None:
    """The client whose text reads the user's name as the client's own identifier; nobody, where two do."""
    decoded = unquote_plus(user, errors="replace")
    if decoded == user:
        return await registry.find(user) if user else None
    clients = {False: await registry.find(user), True: await registry.find(decoded)}
    found = [each for way, each in clients.items() if each is not None and each.rendering.form_decoded_basic is way]
    return found[0] if len(found) == 1 else None


def _unpacked(header: str) -> tuple[str, str]:
    """User and password of a Basic header (RFC 7617 §2), as they came."""
    scheme, _, packed = header.partition(" ")
    try:
        text = base64.b64decode(packed.strip(), validate=True).decode()
    except ValueError:
        text = ""
    user, colon, password = text.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise Refused(WRONG_SECRET, by_header=True)
    return user, password


def _check_beside(client: Registered, form: Mapping[str, str], *, required: bool) -> None:
    """The body names the same client, where it names one or must (draft 16 §3.1)."""
    beside = form.get("client_id")
    if beside is None:
        if required:
            raise Refused(CLIENT_ID_MISSING, client.rendering, by_header=True)
    elif beside != client.client_id:
        raise Refused(WRONG_SECRET, by_header=True)
