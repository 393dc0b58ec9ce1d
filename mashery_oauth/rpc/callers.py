"""Who is calling: by apikey and signature (Cloud), or by HTTP Basic (Local)."""

from __future__ import annotations

import base64
import hashlib
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog

from ..bounded import keep
from ..models import Caller, Site
from ..store import Store
from ..store.ring import RingError

WINDOW = 300  # seconds either side of our clock
_SIGNATURE = 32  # hexadecimal digits of MD5
REMEMBERED = 1024  # callers, by signature and by header; their signatures take 86 kB each
_log = structlog.get_logger("mashery_oauth.callers")


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a caller is turned away: HTTP status, sentence, and the product's own error code."""

    status: int
    message: str
    error_code: str = ""
    retry: bool = False


class Refused(Exception):
    """A caller that is not let in."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


NOT_AUTHORIZED = Refusal(403, "Not Authorized", "ERR_403_NOT_AUTHORIZED")
INACTIVE = Refusal(403, "Account Inactive", "ERR_403_DEVELOPER_INACTIVE")
OVER_QPS = Refusal(403, "Account Over Queries Per Second Limit", "ERR_403_DEVELOPER_OVER_QPS", retry=True)
WRONG_SITE = Refusal(404, "Not Found")
BASIC_REFUSED = Refusal(401, "Not Authorized")
BASIC_OVER_QPS = Refusal(429, "Too Many Requests", retry=True)


class Signatures:
    """The signatures of one caller that are good now: made once, then one more and one less a second."""

    def __init__(self, apikey: str, secret: str) -> None:
        self._prefix = (apikey + secret).encode()
        self._good: set[str] = set()
        self._order: deque[str] = deque()
        self._last = 0

    def accept(self, signature: str, now: int) -> bool:
        """Whether a signature is good at a time, in seconds since 1970."""
        if now + WINDOW != self._last:
            self._move(now)
        return signature in self._good

    def _move(self, now: int) -> None:
        first, last = now - WINDOW, now + WINDOW
        if not self._last < last <= self._last + 2 * WINDOW:  # the first time, or a clock that jumped
            self._good.clear()
            self._order.clear()
            self._last = first - 1
        for second in range(self._last + 1, last + 1):
            signature = hashlib.md5(self._prefix + b"%d" % second, usedforsecurity=False).hexdigest()
            self._good.add(signature)
            self._order.append(signature)
        while len(self._order) > last - first + 1:
            self._good.discard(self._order.popleft())
        self._last = last


class Callers:
    """Recognises callers; remembers what costs something to find out, for as long as their record stays the same."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._signatures: dict[str, tuple[Caller, Signatures | None]] = {}
        self._signed_in: dict[str, tuple[Caller, Site, int]] = {}  # and the configuration that said so

    async def by_signature(self, query: str, site_id: int) -> tuple[Caller, Site]:
        """The caller of a Cloud URL.

        :raises Refused: 403 for who is not known or not right, 404 for another's site.
        """
        given = parse_qsl(query, keep_blank_values=True)
        apikeys = [value for name, value in given if name == "apikey"]
        signatures = [value.lower() for name, value in given if name == "sig"]
        if len(apikeys) != 1 or len(signatures) != 1 or len(signatures[0]) != _SIGNATURE:
            raise Refused(NOT_AUTHORIZED)
        caller = await self._store.configuration.caller(apikeys[0])
        good = self._signed(caller) if caller is not None and caller.secret else None
        if caller is None or good is None or not good.accept(signatures[0], int(time.time())):
            raise Refused(NOT_AUTHORIZED)
        if not caller.active:
            raise Refused(INACTIVE)
        if caller.site_id != site_id:
            raise Refused(WRONG_SITE)
        await self._throttle(caller, OVER_QPS)
        return caller, await self._site(caller, WRONG_SITE)

    def _signed(self, caller: Caller) -> Signatures | None:
        known = self._signatures.get(caller.apikey)
        if known is None or known[0] is not caller:
            known = (caller, self._signatures_of(caller))
            keep(self._signatures, REMEMBERED, caller.apikey, known)
        return known[1]

    def _signatures_of(self, caller: Caller) -> Signatures | None:
        try:
            secret = self._store.ring.open(caller.secret, f"caller:{caller.apikey}").decode()
        except RingError as error:
            _log.error("caller_refused", caller=caller.apikey, cause=str(error))  # once, until the record changes
            return None
        return Signatures(caller.apikey, secret)

    async def by_basic(self, header: str) -> tuple[Caller, Site]:
        """The caller of a Local URL.

        :raises Refused: 401.
        """
        known = self._signed_in.get(header)
        if known is None or known[2] != self._store.configuration.version:
            known = await self._sign_in(header)
        caller, site, _ = known
        await self._throttle(caller, BASIC_OVER_QPS)
        return caller, site

    async def _sign_in(self, header: str) -> tuple[Caller, Site, int]:
        version = self._store.configuration.version
        user, password = _credentials(header)
        caller = await self._store.configuration.caller_of_user(user) if user else None
        if caller is None or not caller.active or not self._store.ring.matches(password, caller.password):
            raise Refused(BASIC_REFUSED)
        known = (caller, await self._site(caller, BASIC_REFUSED), version)
        keep(self._signed_in, REMEMBERED, header, known)
        return known

    async def _throttle(self, caller: Caller, otherwise: Refusal) -> None:
        limit = caller.calls_per_second
        if limit is not None and not await self._store.throttle.admits(caller.apikey, limit):
            raise Refused(otherwise)

    async def _site(self, caller: Caller, otherwise: Refusal) -> Site:
        site = await self._store.configuration.site(caller.site_id)
        if site is None or not site.active:
            raise Refused(otherwise)
        return site


def _credentials(header: str) -> tuple[str, str]:
    """User and password of an Authorization header (RFC 7617); empty where there are none."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        text = base64.b64decode(token.strip(), validate=True).decode()
    except ValueError:  # not ASCII, not base64, or not UTF-8 inside
        return "", ""
    user, _, password = text.partition(":")
    return user, password
