"""One exchange, and what can become of it."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mashery_oauth.replay import Answer
from mashery_oauth.replay.exchange import LONGEST_BODY, Request, Unreachable, new_session, send, trust

from ..certificates import sign_itself


async def page(request: web.Request) -> web.StreamResponse:
    match request.path:
        case "/long":
            return web.Response(body=b"x" * (LONGEST_BODY + 1))
        case "/away":
            return web.Response(status=302, headers={"Location": "/slow"})
        case "/twice":
            response = web.Response(status=401)
            response.headers.extend([("WWW-Authenticate", "Bearer"), ("WWW-Authenticate", "MAC")])
            response.set_cookie("a", "b")
            return response
    return web.json_response({"url": request.raw_path, "cookie": request.headers.get("Cookie")})


async def exchanged(*paths: str, cookies: bool = False) -> list[Answer]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", page)
    async with TestServer(app) as server, new_session(trust(""), 10, cookies=cookies) as session:
        return [await send(session, Request("GET", f"{server.make_url('/')}{path}")) for path in paths]


async def test_a_url_travels_as_it_is() -> None:
    (answer,) = await exchanged("x?a=%2f+%7e&a=b")

    assert answer.json["url"] == "/x?a=%2f+%7e&a=b"


async def test_a_redirection_is_not_followed() -> None:
    (answer,) = await exchanged("away")

    assert (answer.status, answer.headers["location"], answer.location) == (302, "/slow", "")


async def test_a_header_that_comes_twice_is_one_list() -> None:
    (answer,) = await exchanged("twice")

    assert answer.headers["www-authenticate"] == "Bearer, MAC"


@pytest.mark.parametrize(("cookies", "sent"), [(True, "a=b"), (False, None)])
async def test_only_a_browser_has_cookies(cookies: bool, sent: str | None) -> None:  # noqa: FBT001
    _, second = await exchanged("twice", "x", cookies=cookies)

    assert second.json["cookie"] == sent


async def test_says_that_an_answer_is_too_long() -> None:
    with pytest.raises(Unreachable, match=f"more than {LONGEST_BODY} octets"):
        await exchanged("long")


async def test_says_that_an_answer_does_not_come() -> None:
    hung_up = asyncio.Event()

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    async with await asyncio.start_server(keep_silent, "127.0.0.1") as server:
        host, port = server.sockets[0].getsockname()
        async with new_session(trust(""), 0.2, cookies=False) as session:
            with pytest.raises(Unreachable, match="no answer in time"):
                await send(session, Request("GET", f"http://{host}:{port}/"))
        await asyncio.wait_for(hung_up.wait(), 10)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://127.0.0.1:{port}/", "nobody listens there"),
        ("http://nowhere.invalid/", "there is no such host"),
        ("http://", "InvalidUrlClientError"),
        ("nothing", "InvalidUrlClientError"),
    ],
)
async def test_says_that_nobody_is_there(url: str, why: str, unused_tcp_port: int) -> None:
    async with new_session(trust(""), 5, cookies=False) as session:
        with pytest.raises(Unreachable, match=f"^no answer: {why}$"):
            await send(session, Request("GET", url.format(port=unused_tcp_port)))


async def test_says_that_a_certificate_is_not_trusted(tmp_path: Path) -> None:
    certificate, key = sign_itself(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    app = web.Application()
    app.router.add_get("/", page)
    server = TestServer(app, scheme="https", host="localhost")
    await server.start_server(ssl=context)
    url = str(server.make_url("/"))

    async with new_session(trust(certificate), 5, cookies=False) as session:
        answer = await send(session, Request("GET", url))
    async with new_session(trust(""), 5, cookies=False) as session:
        with pytest.raises(Unreachable, match="no answer: its certificate is not trusted"):
            await send(session, Request("GET", url))

    await server.close()
    assert answer.status == 200


async def test_says_that_no_tls_is_spoken() -> None:
    async with TestServer(web.Application()) as server, new_session(trust(""), 5, cookies=False) as session:
        with pytest.raises(Unreachable, match="no answer: no TLS is spoken there"):
            await send(session, Request("GET", str(server.make_url("/")).replace("http:", "https:")))


def test_says_that_certificates_cannot_be_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("ca") / "ca.pem"

    with pytest.raises(Unreachable, match="No such file"):
        trust(str(file))
    file.write_text("nothing")
    with pytest.raises(Unreachable, match=r"ca\.pem"):
        trust(str(file))
