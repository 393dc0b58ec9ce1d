"""Who is logged in: a session in an encrypted cookie, and nothing on the server.

The cookie is the session, so it is made anew at login: whatever a cookie held before, even one that somebody planted,
it does not hold afterwards. A session ends when nothing was asked for half an hour, a fixed time after the password was
typed in any case, and where the users can tell, as a file of them can, when its user is gone or has another password.
Logging out takes the cookie from the browser; nobody keeps a list of cookies that are over, so a copy that somebody has
stolen before lives on until then.
"""

from __future__ import annotations

import base64
import json
import logging
import secrets
import time
import warnings
from dataclasses import asdict, replace
from functools import partial

import aiohttp_session
from aiohttp import web
from aiohttp_session.cookie_storage import EncryptedCookieStorage
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .parts import CONFIGURATION, DOOR
from .users import NAME_LONGEST, User

COOKIE = "provider_session"
IDLE = 1_800  # seconds
CSRF_BYTES = SECRET_BYTES = 32
_CSRF, _USER, _SINCE, _NOTICE = "csrf", "user", "since", "notice"
SEALS = web.AppKey("seals of forms", Fernet)


def cipher(secret: str, purpose: str) -> Fernet:
    """What encrypts for one purpose: from one secret, a key for each."""
    key = HKDF(SHA256(), 32, salt=None, info=b"mashery_oauth provider " + purpose.encode()).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key))


class _Storage(EncryptedCookieStorage):
    """The package's, which fails at letters that no cookie of ours has."""

    def load_cookie(self, request: web.Request) -> str | None:
        """What cannot be ours is none, and so is replaced."""
        cookie = super().load_cookie(request)
        return cookie if cookie is None or cookie.isascii() else None


def setup(app: web.Application) -> None:
    """Gives the application sessions, and the seals of its forms.

    Where users come by https, the cookie never travels without, and no other host can plant it.
    """
    # A cookie whose time is over is no event.
    logging.getLogger("aiohttp_session").setLevel(logging.ERROR)
    # The package keeps its session with the request under a plain name, of which aiohttp warns since 3.14.
    warnings.filterwarnings("ignore", category=web.NotAppKeyWarning, module="aiohttp_session")
    configuration = app[CONFIGURATION]
    secret = configuration.session_key or secrets.token_hex(SECRET_BYTES)
    app[SEALS] = cipher(secret, "forms")
    storage = _Storage(
        cipher(secret, "session"),
        cookie_name=f"__Host-{COOKIE}" if configuration.https else COOKIE,
        max_age=min(IDLE, configuration.session_ttl),
        secure=configuration.https,
        httponly=True,
        samesite="Lax",
        encoder=partial(json.dumps, ensure_ascii=False),  # a cookie has 4096 bytes at most
    )
    aiohttp_session.setup(app, storage)


async def log_in(request: web.Request, user: User) -> None:
    """Begins a session of this user; nothing of the one before is taken over."""
    session = await aiohttp_session.new_session(request)
    session[_USER] = asdict(replace(user, name=user.name[:NAME_LONGEST]))
    session[_SINCE] = int(time.time())


async def log_out(request: web.Request) -> None:
    """Ends the session."""
    (await aiohttp_session.get_session(request)).invalidate()


async def user_of(request: web.Request) -> User | None:
    """Who is logged in. To ask is to use the session: its idle time begins anew."""
    session = await aiohttp_session.get_session(request)
    known = session.get(_USER)
    if known is None:
        return None
    is_over = time.time() >= session[_SINCE] + request.config_dict[CONFIGURATION].session_ttl
    user = None if is_over else await request.config_dict[DOOR].current(User(**known))
    if user is None:
        session.invalidate()
        return None
    session[_USER] = known
    return user


async def csrf_token(request: web.Request) -> str:
    """What a form of this session carries; the other half of it is in the cookie."""
    session = await aiohttp_session.get_session(request)
    if _CSRF not in session:
        session[_CSRF] = secrets.token_urlsafe(CSRF_BYTES)
    return str(session[_CSRF])


async def is_csrf_token(request: web.Request, given: str) -> bool:
    """Whether a form was made for this session."""
    known = (await aiohttp_session.get_session(request)).get(_CSRF)
    return known is not None and secrets.compare_digest(known.encode(), given.encode(errors="replace"))


async def leave_notice(request: web.Request, sentence: str) -> None:
    """Tells the user something on the next page."""
    (await aiohttp_session.get_session(request))[_NOTICE] = sentence


async def take_notice(request: web.Request) -> str | None:
    """What the page before left to be told, once."""
    session = await aiohttp_session.get_session(request)
    return str(session.pop(_NOTICE)) if _NOTICE in session else None
