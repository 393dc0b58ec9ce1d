"""Your applications: where a user sees which applications can use their account, and takes that back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog
from aiohttp import web

from ..client import BackendError, ClientCredentials, UserApplication, calls
from . import sealing, sessions
from .configuration import ServiceEntry
from .login import APPLICATIONS, foreign_form, login_page
from .pages import error_page, page
from .parts import BACKEND, CONFIGURATION
from .users import User

_log = structlog.get_logger("mashery_oauth.provider.applications")
_PURPOSE = "access"


@dataclass(frozen=True, slots=True)
class Access:
    """What one application has of the user at one service, as the page shows it."""

    name: str
    service: str
    tokens: int
    sealed: str


def add_routes(app: web.Application) -> None:
    """The pages of this module."""
    app.router.add_get("/", home)
    app.router.add_get(APPLICATIONS.path, show)
    app.router.add_post(f"{APPLICATIONS.path}/revoke", revoke)


async def home(_: web.Request) -> web.StreamResponse:
    """Who comes without aim comes here."""
    raise web.HTTPSeeOther(APPLICATIONS.path)


async def show(request: web.Request) -> web.StreamResponse:
    """The list."""
    user = await sessions.user_of(request)
    if user is None:
        return await login_page(request, APPLICATIONS)
    services = request.config_dict[CONFIGURATION].services
    asked = [calls.fetch_user_applications(_key(each), user.user_context, token_status="active") for each in services]
    answers = await _answers(request, asked)
    return await page(
        request,
        "applications",
        here="applications",
        notice=await sessions.take_notice(request),
        applications=list(_accesses(request, services, answers)),
        unavailable=[
            each.name for each, answer in zip(services, answers, strict=True) if isinstance(answer, Exception)
        ],
    )


async def revoke(request: web.Request) -> web.StreamResponse:
    """Ends what one application has of the user at one service."""
    form = await sealing.read_form(request)
    if not sealing.came_from_here(request):
        return await foreign_form(request)
    user = await sessions.user_of(request)
    if user is None:
        return await login_page(request, APPLICATIONS, status=403)
    access = sealing.unseal(request, _PURPOSE, form.get("access", ""))
    if access is None or not await sealing.is_of_session(request, form):
        return await foreign_form(request)
    return await _revoked(request, user, *access)


async def _revoked(request: web.Request, user: User, service_key: str, client_id: str, name: str) -> web.StreamResponse:
    client = ClientCredentials(client_id)
    try:
        await request.config_dict[BACKEND].revoke_user_application(
            service_key, client=client, user_context=user.user_context
        )
    except BackendError as error:
        _log.error("not_revoked", problem=error.message)
        sentence = f"Nobody knows whether the access of {name} has ended. Try again in a while."
        return await error_page(request, 503, "That did not work", sentence)
    await sessions.leave_notice(request, f"{name} can use your account no longer.")
    raise web.HTTPSeeOther(APPLICATIONS.path)


async def _answers(
    request: web.Request, asked: Sequence[calls.Call[list[UserApplication]]]
) -> Sequence[list[UserApplication] | BackendError]:
    """An answer for each service, in one call."""
    try:
        return await request.config_dict[BACKEND].batch(asked)
    except BackendError as error:
        _log.error("no_applications", problem=error.message)
        return [error] * len(asked)


def _accesses(
    request: web.Request,
    services: Sequence[ServiceEntry],
    answers: Sequence[list[UserApplication] | BackendError],
) -> Iterator[Access]:
    for service, answer in zip(services, answers, strict=True):
        for each in [] if isinstance(answer, BackendError) else answer:
            sealed = sealing.seal(request, _PURPOSE, _key(service), each.client_id, each.name)
            yield Access(each.name, service.name, len(each.access_tokens), sealed)


def _key(service: ServiceEntry) -> str:
    return service.service_key
