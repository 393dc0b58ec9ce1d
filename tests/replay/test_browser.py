"""The owner's browser, before servers of many kinds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mashery_oauth.replay import Answer, Login, Visit
from mashery_oauth.replay.browser import MOST_PAGES, places, visit
from mashery_oauth.replay.exchange import Unreachable, new_session, trust
from mashery_oauth.replay.login import LoginFailed
from mashery_oauth.replay.tags import MOST_PIECES

from .conftest import Start
from .manners import PASSWORD, REDIRECT_URI, USER

ALLOW = '<form method="post"><button>Allow</button></form>'
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def visited(url: str, login: Login | None = None, user: str = USER, owner: str = "approves") -> Answer:
    """Where a visit ends at a server that has this URL."""
    here = places([url], [REDIRECT_URI])
    async with new_session(trust(""), 10, cookies=True) as session:
        return await visit(session, here, login or Login(), Visit(url, user, PASSWORD, owner))


async def asked(handler: Handler) -> Answer:
    """The same at a server with one page."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        return await visited(str(server.make_url("/start")))


async def authorization(start: Start, *faults: str) -> str:
    target = await start("draft16", *faults)
    return f"{target.authorize_url}?response_type=code&client_id=main-client&redirect_uri={REDIRECT_URI}&state=s"


async def test_signs_in_and_allows(start: Start) -> None:
    answer = await visited(await authorization(start))

    assert answer.location.startswith(f"{REDIRECT_URI}?code=")
    assert answer.query["state"] == "s"


async def test_denies(start: Start) -> None:
    answer = await visited(await authorization(start), owner="denies")

    assert answer.query == {"error": "access_denied", "state": "s"}


async def test_stays_at_the_first_page_where_nobody_is(start: Start) -> None:
    answer = await visited(await authorization(start), owner="absent")

    assert (answer.status, answer.location) == (200, "")
    assert b'type="password"' in answer.body


async def test_says_that_user_or_password_was_wrong(start: Start) -> None:
    with pytest.raises(LoginFailed, match="was not accepted"):
        await visited(await authorization(start), user="nobody")


async def test_says_that_there_is_no_user(start: Start) -> None:
    with pytest.raises(LoginFailed, match="no user to sign in with"):
        await visited(await authorization(start), user="")


async def test_who_has_a_cookie_need_not_sign_in() -> None:
    async def page(request: web.Request) -> web.Response:
        location = f"{REDIRECT_URI}?cookie={request.cookies.get('session')}"
        return web.Response(status=302, headers={"Location": location})

    app = web.Application()
    app.router.add_get("/start", page)
    async with TestServer(app) as server:
        url = str(server.make_url("/start"))
        signed_in = await visited(url, Login(cookie="session=abc"))
        nobody = await visited(url, Login(cookie="session=abc"), owner="absent")

    assert (signed_in.query["cookie"], nobody.query["cookie"]) == ("abc", "None")


async def test_a_function_can_play_the_owner() -> None:
    async def play(wanted: Visit) -> Answer:
        return Answer(302, location=f"{REDIRECT_URI}?by={wanted.user}")

    answer = await visited("https://server.example/authorize", Login(call=play))

    assert answer.location == f"{REDIRECT_URI}?by={USER}"


async def test_a_function_that_ends_nowhere_is_told_as_one() -> None:
    async def play(_: Visit) -> Answer:
        return Answer(302, location="http://[")

    with pytest.raises(LoginFailed, match="no address"):
        await visited("https://server.example/authorize", Login(call=play))


async def test_nothing_is_sent_to_another_origin(unused_tcp_port: int) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"http://127.0.0.1:{unused_tcp_port}/steal"})

    answer = await asked(page)

    assert answer.location == f"http://127.0.0.1:{unused_tcp_port}/steal"


@pytest.mark.parametrize(
    "field", ['<input type="password" name="p">', "<button>Allow</button>"], ids=["login", "consent"]
)
async def test_no_form_is_sent_to_another_origin(unused_tcp_port: int, field: str) -> None:
    """Found by an attack: user, password and cookie went wherever a page's form led."""

    async def page(request: web.Request) -> web.Response:
        form = f'<form method="post" action="http://127.0.0.1:{unused_tcp_port}/steal">{field}</form>'
        return web.Response(text=form, content_type="text/html")

    with pytest.raises(LoginFailed, match="a form leads away"):
        await asked(page)


async def test_a_form_says_which_page_it_came_from() -> None:
    heard = []

    async def page(request: web.Request) -> web.Response:
        heard.append(request.headers.get("Origin"))
        away = web.Response(status=302, headers={"Location": f"{REDIRECT_URI}?code=1"})
        return away if request.method == "POST" else web.Response(text=ALLOW, content_type="text/html")

    await asked(page)

    assert heard[0] is None
    assert heard[1] is not None
    assert heard[1].startswith("http://127.0.0.1:")


# Found by an attack: each of these ended a whole run with a traceback, and its report with it.
@pytest.mark.parametrize("location", ["http://[", "//[x/", "http://a\u2100b/"])
async def test_a_redirection_to_no_address_is_told_as_one(location: str) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": location})

    with pytest.raises(Unreachable, match="no address"):
        await asked(page)


@pytest.mark.parametrize(
    "text", ['<form action="http://[/"><input type="password" name="p"></form>', "<form>" + "<input>" * MOST_PIECES]
)
async def test_a_page_that_cannot_be_read_is_told_as_one(text: str) -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html")

    with pytest.raises(LoginFailed, match="a page cannot be read"):
        await asked(page)


async def test_a_client_at_the_servers_own_origin_is_a_client() -> None:
    async def page(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/cb?code=1"})

    app = web.Application()
    app.router.add_get("/start", page)
    async with TestServer(app) as server:
        url = str(server.make_url("/start"))
        here = places([url], [url.replace("/start", "/cb?own=1")])
        async with new_session(trust(""), 10, cookies=True) as session:
            answer = await visit(session, here, Login(), Visit(url, USER, PASSWORD))

    assert urlsplit(answer.location).path == "/cb"
    assert answer.query == {"code": "1"}


@pytest.mark.parametrize(("status", "method"), [(302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
async def test_a_form_is_sent_on_as_its_redirection_says(status: int, method: str) -> None:
    async def page(request: web.Request) -> web.Response:
        if request.path == "/start":
            form = '<form method="post" action="/sent"><button name="a" value="1">Allow</button></form>'
            return web.Response(text=form, content_type="text/html")
        if request.path == "/sent":
            return web.Response(status=status, headers={"Location": "/then"})
        told = f"{REDIRECT_URI}?method={request.method}&a={(await request.post()).get('a', '')}"
        return web.Response(status=302, headers={"Location": told})

    answer = await asked(page)

    assert answer.query == {"method": method, "a": "1" if method == "POST" else ""}


async def test_gives_up_after_too_many_pages() -> None:
    seen: list[str] = []

    async def page(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response(status=302, headers={"Location": f"/{len(seen)}"})

    with pytest.raises(LoginFailed, match="and no end"):
        await asked(page)

    assert len(seen) == MOST_PAGES


async def test_a_redirect_uri_is_told_letter_for_letter() -> None:
    told = "HTTPS://Client.example.com:443/a/../cb?x=%7e&y=+#f=%2F"

    async def page(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": told})

    answer = await asked(page)

    assert answer.location == told
