"""Faults in what the provider answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from mashery_oauth.provider import app, authorization, redirecting, renderings
from tests.world import HTTPS

from .faults import TOKEN_ENDPOINT, Faults

Change = Callable[[web.Request, web.StreamResponse], None]

fault = Faults()


@fault("draft16", "D16-55")
def lifetime_as_text(patch: pytest.MonkeyPatch) -> None:
    """``expires_in`` is a string, as Barracuda's clients want it and nobody else."""
    _render(patch, "draft16", lifetime_as_text=True)


@fault("barracuda", "BAR-LIFETIME")
def lifetime_as_number(patch: pytest.MonkeyPatch) -> None:
    """The other way round."""
    _render(patch, "barracuda", lifetime_as_text=False)


def _render(patch: pytest.MonkeyPatch, text: str, **switches: Any) -> None:
    patch.setitem(renderings.RENDERINGS, text, replace(renderings.RENDERINGS[text], **switches))


@fault("draft16", "D16-19")
def errors_go_to_unverified_uris(patch: pytest.MonkeyPatch) -> None:
    """An open redirector: errors go wherever the request says."""

    async def sent(request: web.Request, error: str, _: str) -> web.Response:
        uri = request.query.get("redirect_uri", HTTPS)
        return web.Response(status=302, headers={"Location": redirecting.with_members(uri, "query", f"error={error}")})

    patch.setattr(authorization, "client_at_fault", sent)
    patch.setattr(redirecting, "client_at_fault", sent)


def _answers(patch: pytest.MonkeyPatch, change: Change) -> None:
    """Every answer is changed on its way out, as by a proxy."""
    as_it_is = app._plain_failures  # the outermost place

    @web.middleware
    async def changed(request: web.Request, handler: Any) -> web.StreamResponse:
        response: web.StreamResponse = await as_it_is(request, handler)
        change(request, response)
        return response

    patch.setattr(app, "_plain_failures", changed)


def _locations(patch: pytest.MonkeyPatch, change: Callable[[str], str]) -> None:
    """Where the user is sent is changed."""

    def changed(_: web.Request, response: web.StreamResponse) -> None:
        if response.headers.get("Location", "").startswith("https:"):
            response.headers["Location"] = change(response.headers["Location"])

    _answers(patch, changed)


@fault("draft16", "D16-57")
def answers_may_be_kept(patch: pytest.MonkeyPatch) -> None:
    """The header that forbids it to caches is another one."""

    def kept(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Cache-Control"] = "max-age=60"

    _answers(patch, kept)


@fault("draft16", "D16-61")
def no_challenge(patch: pytest.MonkeyPatch) -> None:
    """A client that failed with Basic is not told what to use."""

    def silent(request: web.Request, response: web.StreamResponse) -> None:
        if request.path == TOKEN_ENDPOINT:
            response.headers.pop("WWW-Authenticate", None)

    _answers(patch, silent)


@fault("rfc6749", "RFC6749-5.2-CHALLENGE")
def invalid_client_with_400(patch: pytest.MonkeyPatch) -> None:
    """A wrong secret is told with the status that other errors have."""

    def with_400(request: web.Request, response: web.StreamResponse) -> None:
        if request.path == TOKEN_ENDPOINT and response.status == 401:
            response.set_status(400)

    _answers(patch, with_400)


@fault("rfc6749", "RFC6749-4.1.2-STATE")
def state_is_cut(patch: pytest.MonkeyPatch) -> None:
    """What comes with a code has as much of it as a short column keeps."""
    _locations(patch, lambda to: re.sub(r"([?&]state=[^&]{8})[^&]*", r"\1", to) if "code=" in to else to)


@fault("draft16", "D16-41")
def errors_have_no_state(patch: pytest.MonkeyPatch) -> None:
    """Only successes bring the state back."""
    _locations(patch, lambda to: re.sub(r"&state=[^&#]*", "", to) if "error=" in to else to)


@fault("draft16", "D16-46")
def implicit_errors_in_the_query(patch: pytest.MonkeyPatch) -> None:
    """Errors of the implicit flow are where those of the code flow are."""
    _locations(patch, lambda to: to.replace("#", "?") if "#error=" in to else to)


@fault("draft16", "D16-43")
def token_in_the_query(patch: pytest.MonkeyPatch) -> None:
    """The token of the implicit flow reaches the client's server, and its log."""
    _locations(patch, lambda to: to.replace("#", "?") if "access_token=" in to else to)


@fault("draft16", "D16-14")
def own_query_is_lost(patch: pytest.MonkeyPatch) -> None:
    """What the client's redirect URI had in its query is gone."""
    _locations(patch, lambda to: to.replace("?kept=1&", "?"))


@fault("oauth21", "RFC9700-4.12")
def form_is_sent_on(patch: pytest.MonkeyPatch) -> None:
    """A redirection with 307 makes the browser send the user's form to the client."""

    def with_307(_: web.Request, response: web.StreamResponse) -> None:
        if response.status in (302, 303) and response.headers.get("Location", "").startswith("https:"):
            response.set_status(307)

    _answers(patch, with_307)


@fault("draft10", "D10-23")
def resource_is_open(patch: pytest.MonkeyPatch) -> None:
    """The resource lets everybody through."""

    def let_through(request: web.Request, response: web.StreamResponse) -> None:
        if request.path.startswith("/resource") and response.status == 401:
            response.set_status(200)
            response.headers.pop("WWW-Authenticate", None)

    _answers(patch, let_through)
