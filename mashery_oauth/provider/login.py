"""Logging in and out. After login the user goes where they wanted to go: that travels sealed in the form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass

import structlog
from aiohttp import web

from . import sealing, sessions
from .addresses import address_of
from .pages import error_page, page
from .parts import DOOR
from .users import TooManyAttempts, User

_log = structlog.get_logger("mashery_oauth.provider.login")
_PURPOSE = "target"
_WRONG = "User name or password is wrong."
_TOO_MANY = "There were too many wrong passwords. Try again in {minutes}."
TOO_OLD = "Your page was too old to go on with. Log in, please."


@dataclass(frozen=True, slots=True)
class Target:
    """Where a login leads, and what the page tells of it."""

    path: str  # of our own, with its query
    application: str = ""
    may_go_on_to: str = ""


APPLICATIONS = Target("/applications")


def add_routes(app: web.Application) -> None:
    """The pages of this module."""
    app.router.add_get("/login", show)
    app.router.add_post("/login", log_in)
    app.router.add_post("/logout", log_out)


async def show(request: web.Request) -> web.StreamResponse:
    """The page by itself, as it is had by reloading."""
    if await sessions.user_of(request):
        raise web.HTTPSeeOther(APPLICATIONS.path)
    return await login_page(request, APPLICATIONS)


async def login_page(
    request: web.Request, target: Target, *, status: int = 200, problem: str = "", username: str = "", notice: str = ""
) -> web.Response:
    """The page that asks for name and password."""
    return await page(
        request,
        "login",
        status=status,
        may_go_on_to=target.may_go_on_to,
        target=sealing.seal(request, _PURPOSE, *astuple(target)),
        application=target.application,
        problem=problem,
        notice=notice or await sessions.take_notice(request) or "",
        username=username,
    )


async def log_in(request: web.Request) -> web.StreamResponse:
    """Takes the form."""
    form = await sealing.read_form(request)
    if not sealing.came_from_here(request):
        return await foreign_form(request)
    target = Target(*sealing.unseal(request, _PURPOSE, form.get("target", "")) or (APPLICATIONS.path,))
    username = form.get("username", "")
    if not await sealing.is_of_session(request, form):
        return await login_page(request, target, status=403, username=username, notice=TOO_OLD)
    entered = await _enter(request, form)
    if isinstance(entered, User):
        await sessions.log_in(request, entered)
        raise web.HTTPSeeOther(target.path)
    status, problem, headers = entered
    response = await login_page(request, target, status=status, problem=problem, username=username)
    response.headers.update(headers)
    return response


async def _enter(request: web.Request, form: Mapping[str, str]) -> User | tuple[int, str, dict[str, str]]:
    """The user, or how to say that there is none."""
    address = address_of(request)
    try:
        user = await request.config_dict[DOOR].enter(form.get("username", ""), form.get("password", ""), address)
    except TooManyAttempts as held:
        _log.warning("login_held_up", address=address)
        minutes = math.ceil(held.retry_after / 60)
        words = "a minute" if minutes == 1 else f"{minutes} minutes"
        return 429, _TOO_MANY.format(minutes=words), {"Retry-After": str(held.retry_after)}
    if user is None:
        _log.info("login_refused", address=address)
        return 403, _WRONG, {}
    return user


async def log_out(request: web.Request) -> web.StreamResponse:
    """Ends the session."""
    form = await sealing.read_form(request)
    if not sealing.came_from_here(request) or not await sealing.is_of_session(request, form):
        return await foreign_form(request)
    await sessions.log_out(request)
    await sessions.leave_notice(request, "You are logged out.")
    raise web.HTTPSeeOther(APPLICATIONS.path)


async def foreign_form(request: web.Request) -> web.Response:
    """Answers a form that another site has sent, or that is no form of this session."""
    sentence = "This form does not belong to your session here, so nothing was done."
    return await error_page(request, 403, "That did not come from here", sentence, advice="Go back and try again.")
