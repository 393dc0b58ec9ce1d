"""The pages: templates that escape all they are given, one style sheet, no scripts, nothing from anywhere else."""

from __future__ import annotations

import re
from importlib import resources
from urllib.parse import urlsplit

import aiohttp_jinja2
from aiohttp import web
from jinja2 import PackageLoader, StrictUndefined

from .parts import CONFIGURATION
from .sessions import csrf_token, user_of

_ERROR = "error"
SHEET = "provider.css"
SHEET_LIFETIME = 3600  # seconds
# What a page may do: show itself and our sheet. ``img-src data:`` is the icon, which is empty.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?").fullmatch  # what a policy can name; it has no words for IPv6
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*").fullmatch


def setup(app: web.Application) -> None:
    """Gives the application its templates and its sheet."""
    loader = PackageLoader(__package__)
    aiohttp_jinja2.setup(app, loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    sheet = resources.files(__package__).joinpath("static", SHEET).read_bytes()

    async def style(_: web.Request) -> web.Response:
        headers = {"Cache-Control": f"public, max-age={SHEET_LIFETIME}"}
        return web.Response(body=sheet, content_type="text/css", charset="utf-8", headers=headers)

    app.router.add_get(f"/static/{SHEET}", style)


async def page(
    request: web.Request, template: str, *, status: int = 200, may_go_on_to: str = "", **context: object
) -> web.Response:
    """A page, with what all of them show.

    :param may_go_on_to: a source as :func:`place_of` and :func:`scheme_of` give it. Chromium holds a form to
        ``form-action`` at each redirection that follows.
    """
    user = await user_of(request)
    # A page without forms makes no session: another site's form comes without the cookie, and must not replace it.
    has_forms = user is not None or template != _ERROR
    shown = {
        "provider": request.config_dict[CONFIGURATION].name,
        "user": user,
        "csrf": await csrf_token(request) if has_forms else "",
        "here": "",
        **context,
    }
    response = aiohttp_jinja2.render_template(f"{template}.html", request, shown, status=status)
    response.headers["Content-Security-Policy"] = f"{_POLICY} {may_go_on_to}".rstrip()
    return response


async def error_page(
    request: web.Request,
    status: int,
    title: str,
    sentence: str,
    *,
    advice: str = "",
    error: str = "",
    description: str = "",
) -> web.Response:
    """A page that says what went wrong, to the user; and, where there is an OAuth error, that to its developer."""
    return await page(
        request,
        _ERROR,
        status=status,
        title=title,
        sentence=sentence,
        advice=advice,
        error=error,
        description=description,
    )


def place_of(uri: str) -> str:
    """Scheme and host of a URI, as a source for a policy: where one redirection leads."""
    parts = urlsplit(uri)
    if parts.scheme in ("http", "https") and _HOST(parts.netloc):
        return f"{parts.scheme}://{parts.netloc}"
    return scheme_of(uri)


def scheme_of(uri: str) -> str:
    """The scheme of a URI, as a source for a policy: where an application's own redirections may lead as well."""
    scheme = uri.partition(":")[0]
    return f"{scheme}:" if _SCHEME(scheme) else ""
