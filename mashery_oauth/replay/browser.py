"""The owner's browser: follows redirections within the server, fills in its forms, and stops where it is sent away."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urljoin, urlsplit

import aiohttp

from .answers import Answer
from .exchange import Request, Unreachable, send
from .forms import Form, decided, forms_of, sign_in_form, signed_in
from .login import ABSENT, Login, LoginFailed, Visit, is_address, run_command

MOST_PAGES = 12
REDIRECTIONS = (301, 302, 303, 307, 308)
SAME_METHOD = (307, 308)


@dataclass(frozen=True, slots=True)
class Places:
    """Which addresses are the server's, and which are a client's."""

    own_origins: frozenset[tuple[str, str]]
    redirect_uris: frozenset[str]  # without their queries; they may be at an origin of the server

    def is_away(self, url: str) -> bool:
        """Whether a URL is not the server's."""
        parts = urlsplit(url)
        return (parts.scheme, parts.netloc) not in self.own_origins or _bare(url) in self.redirect_uris


def places(own: Collection[str], redirect_uris: Collection[str]) -> Places:
    """The places by some URLs of the server, and some of clients."""
    return Places(
        frozenset((parts.scheme, parts.netloc) for parts in map(urlsplit, own)),
        frozenset(map(_bare, redirect_uris)),
    )


def _bare(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]


async def visit(session: aiohttp.ClientSession, here: Places, login: Login, wanted: Visit) -> Answer:
    """Where a visit ends: sent away, or at a page on which there is nothing to do for the owner.

    :raises LoginFailed: the owner could not sign in, or there were more pages than anybody would bear.
    :raises Unreachable: there was no answer.
    """
    if login.call is not None:
        return _ended(await login.call(wanted))
    if login.command:
        return await run_command(login, wanted)
    return await _walk(session, here, login, wanted)


def _ended(answer: Answer) -> Answer:
    if not is_address(answer.location):
        raise LoginFailed("the function ended at what is no address")
    return answer


async def _walk(session: aiohttp.ClientSession, here: Places, login: Login, wanted: Visit) -> Answer:
    request, signed = Request("GET", wanted.url), False
    for _ in range(MOST_PAGES):
        answer = await send(session, replace(request, headers=(*request.headers, *_browsing(login, wanted))))
        try:
            location = _location(request.url, answer)
            away = bool(location) and here.is_away(location)
        except ValueError:
            raise Unreachable("it redirects to what is no address") from None
        if away:
            return replace(answer, location=location)
        if location:
            request = replace(request, url=location) if answer.status in SAME_METHOD else Request("GET", location)
            continue
        following = None if wanted.owner == ABSENT else _filled(request.url, answer, login, wanted, signed=signed)
        if following is None:
            return answer
        if here.is_away(following.request.url):  # what the owner types is for this server alone
            leads = "a form leads away from the server; another place of its own is named in urls.pages"
            raise LoginFailed(leads, blamed="urls.pages")
        signed = signed or following.signs_in
        request = following.request
    raise LoginFailed(f"more than {MOST_PAGES} pages, and no end")


@dataclass(frozen=True, slots=True)
class _Following:
    request: Request
    signs_in: bool


def _filled(url: str, answer: Answer, login: Login, wanted: Visit, *, signed: bool) -> _Following | None:
    """What the owner does on a page; ``None`` where there is nothing to do."""
    try:
        return _filled_forms(forms_of(answer.body.decode(errors="replace")), url, login, wanted, signed=signed)
    except ValueError:  # too much of it, or an action that is no address
        raise LoginFailed("a page cannot be read") from None


def _filled_forms(forms: list[Form], url: str, login: Login, wanted: Visit, *, signed: bool) -> _Following | None:
    form = sign_in_form(forms)
    if form is None:
        request = decided(forms, url, login, wanted.owner)
        return None if request is None else _Following(request, signs_in=False)
    if signed:
        raise LoginFailed("the page to sign in came again: user or password was not accepted", blamed="user")
    if not wanted.user:
        raise LoginFailed("there is a page to sign in, and no user to sign in with", blamed="user")
    return _Following(signed_in(form, url, login, wanted.user, wanted.password), signs_in=True)


def _location(url: str, answer: Answer) -> str:
    """Where a redirection goes, empty where there is none; an absolute one exactly as it was told."""
    told = answer.headers.get("location", "") if answer.status in REDIRECTIONS else ""
    return told if urlsplit(told).scheme else urljoin(url, told) if told else ""


def _browsing(login: Login, wanted: Visit) -> Iterator[tuple[str, str]]:
    yield "Accept", "text/html"
    if login.cookie and wanted.owner != ABSENT:
        yield "Cookie", login.cookie
