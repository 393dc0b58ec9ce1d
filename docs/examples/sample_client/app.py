"""The application's pages: one page, and a button for each next step."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import ClientConnectionError, ClientError, ClientSession, web
from aiohttp.typedefs import Handler
from jinja2 import FileSystemLoader

from .journey import Client, Journey, Step, client_of

COOKIE = "sample_client"
NEWEST = "/#newest"  # the last step, and the buttons below it
NOT_ASKED = (
    "This browser has not asked for that, or has started anew since. An answer that belongs to no request of its own "
    "may be somebody else's: it was not taken, and nothing has happened. Begin again below."
)
JOURNEYS = 100  # that are remembered
CLIENT = web.AppKey("client", Client)
KNOWN = web.AppKey("journeys", dict[str, Journey])
HTTP = web.AppKey("http", ClientSession)

_STEPS: Mapping[str, Callable[[Journey, ClientSession], Awaitable[None]]] = {
    "exchange": Journey.exchange,
    "open": Journey.open,
    "refresh": Journey.refresh,
}


def create_app(demo: Mapping[str, Any], origin: str) -> web.Application:
    """The application.

    :param demo: what the demo has written into ``demo.json``.
    :param origin: scheme, host and port under which the application is reached.
    """
    app = web.Application(middlewares=[refused_with_a_page])
    app[CLIENT], app[KNOWN] = client_of(demo, origin), {}
    aiohttp_jinja2.setup(app, loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    app.cleanup_ctx.append(_http)
    app.router.add_get("/", show)
    app.router.add_post("/start", start)
    app.router.add_get("/callback", callback)
    app.router.add_post("/{step:exchange|open|refresh}", go_on)
    return app


async def _http(app: web.Application) -> AsyncIterator[None]:
    async with ClientSession() as session:
        app[HTTP] = session
        yield


def _journey(request: web.Request) -> Journey | None:
    return request.app[KNOWN].get(request.cookies.get(COOKIE, ""))


def _page(request: web.Request, *, problem: str = "", status: int = 200) -> web.Response:
    context = {"journey": _journey(request), "client": request.app[CLIENT], "problem": problem}
    response = aiohttp_jinja2.render_template("page.html", request, context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response


@web.middleware
async def refused_with_a_page(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A person who comes to where nothing is sees where to go on."""
    try:
        return await handler(request)
    except web.HTTPNotFound as error:
        return _page(request, problem="There is no such page here.", status=error.status)


async def show(request: web.Request) -> web.Response:
    """What has happened so far, and what can be done next."""
    return _page(request)


async def start(request: web.Request) -> web.StreamResponse:
    """Sends the user to the provider. The cookie ties what comes back to this browser."""
    known, name = request.app[KNOWN], secrets.token_urlsafe(24)
    known[name] = journey = Journey(request.app[CLIENT])
    while len(known) > JOURNEYS:
        del known[next(iter(known))]
    response = web.HTTPSeeOther(journey.begin())
    response.set_cookie(COOKIE, name, httponly=True, samesite="Lax")
    raise response


async def callback(request: web.Request) -> web.StreamResponse:
    """The provider sends the user back. The code leaves the address at once."""
    journey = _journey(request)
    if journey is None or not journey.back(request.query):
        return _page(request, problem=NOT_ASKED, status=400)
    raise web.HTTPSeeOther(NEWEST)


async def go_on(request: web.Request) -> web.StreamResponse:
    """Takes one step."""
    if (journey := _journey(request)) is not None:
        try:
            await _STEPS[request.match_info["step"]](journey, request.app[HTTP])
        except (ClientError, TimeoutError, ValueError) as error:
            journey.steps.append(_failure(error, request.app[CLIENT].provider))
    raise web.HTTPSeeOther(NEWEST)


def _failure(error: Exception, provider: str) -> Step:
    """What went wrong, and what a person can do about it."""
    gone = isinstance(error, ClientConnectionError | TimeoutError)
    title = "The provider does not answer" if gone else "The provider's answer cannot be read"
    advice = f"Look whether something runs at {provider}." if gone else f"Look at what runs at {provider}."
    return Step(title, "", f"{type(error).__name__}\n{advice} Then start again.", failed=True)
