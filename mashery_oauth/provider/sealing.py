"""What a form of ours carries: a token that belongs to the session, and values that only we can have put there.

A form is taken if it was made for this session and sent from this origin. What it has to remember (where to go after
login, which request is decided on) travels in it sealed: encrypted and signed, so that nothing is kept on the server,
and nobody else can name a place to go to or a request to agree to.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import parse_qsl

from aiohttp import web
from cryptography.fernet import InvalidToken

from ..bounded import keep
from ..connections import read_body
from .parts import CONFIGURATION
from .sessions import SEALS, is_csrf_token

SEALED_FOR = 86_400  # seconds; a page may be open for so long, and is asked anew after a login
SPENT_MOST = 100_000  # forms that are remembered
FIELDS_MOST = 50
_FORM = "application/x-www-form-urlencoded"


def seal(request: web.Request, purpose: str, *values: str) -> str:
    """The values as a text that only this provider can make and read."""
    return request.config_dict[SEALS].encrypt(json.dumps([purpose, *values]).encode()).decode()


def unseal(request: web.Request, purpose: str, sealed: str) -> Sequence[str] | None:
    """What was sealed for this purpose; ``None`` if it was not by us, not for this, or too long ago."""
    try:
        found, *values = json.loads(request.config_dict[SEALS].decrypt(sealed.encode(), SEALED_FOR))
    except InvalidToken:
        return None
    return values if found == purpose else None


class Spent:
    """Forms that have done what they were made for, so that each does it once.

    They are forgotten when the process ends; several processes have several memories.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}  # the oldest come first

    def spend(self, form: str) -> bool:
        """Uses a form up; false if it was before."""
        now = self._clock()
        while self._until and next(iter(self._until.values())) <= now:
            del self._until[next(iter(self._until))]
        if form in self._until:
            return False
        keep(self._until, SPENT_MOST, form, now + SEALED_FOR)
        return True

    def give_back(self, form: str) -> None:
        """It has done nothing."""
        self._until.pop(form, None)


async def read_form(request: web.Request) -> Mapping[str, str]:
    """The fields of a form; none where the body is no form."""
    return dict(await read_fields(request))


async def read_fields(request: web.Request) -> Sequence[tuple[str, str]]:
    """The same in their order, and as often as they came."""
    if request.content_type != _FORM:
        return []
    body = await read_body(request)
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MOST)
    except ValueError:
        return []


def came_from_here(request: web.Request) -> bool:
    """Whether a page of this origin sent the form, as far as the browser tells.

    The pages ask browsers to send no referrer, and ``Origin`` is ``null`` with it: then ``Sec-Fetch-Site`` decides.
    What sends neither is no browser that anybody could have tricked.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        return False
    if origin in (None, "null"):
        return origin is None or site is not None
    return origin == request.config_dict[CONFIGURATION].issuer


async def is_of_session(request: web.Request, form: Mapping[str, str]) -> bool:
    """Whether the form was made for the session that it comes with."""
    return await is_csrf_token(request, form.get("csrf", ""))
