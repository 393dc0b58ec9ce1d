"""A target is tried before it is played against: what is wrong of it is told, and what a faulty server does is not."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mashery_oauth.replay import Answer, Client, Login, Target, WrongTarget, cast, rule_sets, tried
from mashery_oauth.replay.login import Visit

from .conftest import Start
from .manners import FAULTS, REDIRECT_URI

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CASTINGS = cast(["draft16"])
NOT_A_TOKEN_ENDPOINT = "urls.token: probably not the token endpoint, a token request is answered with status"
NOT_KNOWN = "its client_id or client_secret is probably wrong, it is told invalid_client"
NOT_REGISTERED = (
    "clients.main: its first redirect URI, or the client, is probably not registered: "
    "the authorization endpoint answers with a page and status 400"
)
NOT_ACCEPTED = "user: the page to sign in came again: user or password was not accepted"


def with_client(role: str, **changes: Any) -> Callable[[Target], dict[str, Any]]:
    return lambda target: {"clients": {**target.clients, role: replace(target.clients[role], **changes)}}


WRONG: dict[str, tuple[Callable[[Target], dict[str, Any]], str]] = {
    "nobody at the token URL": (
        lambda _: {"token_url": "http://127.0.0.1:1/token"},
        "urls.token: no answer: nobody listens there",
    ),
    "no such host": (
        lambda _: {"token_url": "http://nowhere.invalid/"},
        "urls.token: no answer: there is no such host",
    ),
    "https where http is spoken": (
        lambda target: {"token_url": target.token_url.replace("http:", "https:")},
        "urls.token: no answer: no TLS is spoken there",
    ),
    "another path": (lambda target: {"token_url": f"{target.token_url}s"}, f"{NOT_A_TOKEN_ENDPOINT} 404"),
    "another endpoint": (lambda target: {"token_url": target.authorize_url}, f"{NOT_A_TOKEN_ENDPOINT} 400 and a page"),
    "another client": (with_client("main", client_id="nobody"), f"clients.main: {NOT_KNOWN}"),
    "another secret": (with_client("main", client_secret="wrong"), f"clients.main: {NOT_KNOWN}"),
    "another secret of the second": (with_client("second", client_secret="wrong"), f"clients.second: {NOT_KNOWN}"),
    "nobody at the authorization URL": (
        lambda _: {"authorize_url": "http://127.0.0.1:1/authorize"},
        "urls.authorize: no answer: nobody listens there",
    ),
    "another path for users": (
        lambda target: {"authorize_url": f"{target.authorize_url}s"},
        "urls.authorize: probably not the authorization endpoint, it answers with 404",
    ),
    "another redirect URI": (with_client("main", redirect_uris=("https://x.example/",)), NOT_REGISTERED),
    "another user": (lambda _: {"user": "nobody"}, NOT_ACCEPTED),
    "another password": (lambda _: {"password": "wrong"}, NOT_ACCEPTED),
    "no user": (lambda _: {"user": ""}, "user: there is a page to sign in, and no user to sign in with"),
    "a scope that nobody has": (
        lambda _: {"scopes": ("read", "reed", "right")},
        "scopes: the clients may probably not have reed, right: invalid_scope is told",
    ),
    "another path of the resource": (
        lambda target: {"resource_url": f"{target.resource_url}s"},
        "urls.resource: probably not the resource, it answers with 404 to a token that was just made",
    ),
    "another method of the resource": (
        lambda target: {"resource_url": target.revoke_url},
        "urls.resource: probably not the resource, it answers with 405 to a token that was just made",
    ),
    "nobody at the resource": (
        lambda _: {"resource_url": "http://127.0.0.1:1/hello"},
        "urls.resource: no answer: nobody listens there",
    ),
    "a command that fails": (
        lambda _: {"login": Login(command=(sys.executable, "-c", "raise SystemExit(3)"))},
        "login.command: the command ended with exit code 3",
    ),
}


async def wrong_with(target: Target) -> str:
    """The sentence; empty where nothing seems wrong."""
    try:
        await tried(target, CASTINGS)
    except WrongTarget as wrong:
        return str(wrong)
    return ""


@pytest.mark.parametrize("text", rule_sets())
@pytest.mark.parametrize("auth", ["", "basic", "body"])
async def test_nothing_is_wrong_with_a_target_that_can_be_played(text: str, auth: str, start: Start) -> None:
    target = await start(text, auth=auth)

    await tried(target, cast([text]))


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_named(name: str, start: Start) -> None:
    changes, sentence = WRONG[name]
    target = await start("draft16")

    assert await wrong_with(replace(target, **changes(target))) == sentence


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_faulty_server_is_not_a_wrong_target(fault: str, start: Start) -> None:
    text, _ = FAULTS[fault]
    target = await start(text, fault)

    await tried(target, cast([text]))


async def served(handler: Handler, **members: Any) -> str:
    """What seems wrong of a server that answers everything like this."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        clients = {"main": Client("id", "secret", (REDIRECT_URI,))}
        return await wrong_with(Target(f"{url}/token", clients, authorize_url=f"{url}/authorize", **members))


def answering(status: int, text: str, kind: str = "application/json") -> Handler:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type=kind)

    return answer


@pytest.mark.parametrize(
    "handler",
    [
        answering(200, "{}"),
        answering(200, '{"access_token": 1}', "text/html"),
        answering(200, ""),
        answering(400, '{"error": "invalid_request"}'),
        answering(401, '{"error": "unauthorized_client"}'),
        answering(404, '{"error": "invalid_request"}'),
        answering(405, '{"error": "invalid_grant"}'),
        answering(429, '{"error": "slow_down"}'),
        answering(500, "<p>broken</p>", "text/html"),
        answering(503, "<p>later</p>", "text/html"),
    ],
)
async def test_what_a_faulty_server_may_answer_is_for_the_scenarios_to_name(handler: Handler) -> None:
    assert await served(handler) == ""


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (answering(404, '{"error": "Not Found"}'), f"{NOT_A_TOKEN_ENDPOINT} 404"),
        (answering(405, ""), f"{NOT_A_TOKEN_ENDPOINT} 405"),
        (answering(200, "<p>Welcome</p>", "text/html"), f"{NOT_A_TOKEN_ENDPOINT} 200 and a page"),
        (answering(401, '{"error": "invalid_client"}'), f"clients.main: {NOT_KNOWN}"),
        (answering(302, ""), f"{NOT_A_TOKEN_ENDPOINT} 302"),
    ],
)
async def test_what_is_answered_to_who_is_wrong_is_told(handler: Handler, sentence: str) -> None:
    assert await served(handler) == sentence


async def test_a_server_that_lets_clients_in_by_one_way_only_is_played_against() -> None:
    """It may have to understand the other one: that is for a statement to say."""
    heard = []

    async def in_the_body_alone(request: web.Request) -> web.Response:
        heard.append("Authorization" in request.headers)
        status, error = (401, "invalid_client") if heard[-1] else (400, "invalid_scope")
        return web.json_response({"error": error}, status=status)

    assert await served(in_the_body_alone) == ""
    assert heard == [True, False]


async def test_a_client_that_may_not_act_for_itself_is_played() -> None:
    async def wrong_error(request: web.Request) -> web.Response:
        knows = (await request.post())["grant_type"] == "authorization_code"
        return web.json_response({"error": "invalid_grant" if knows else "invalid_client"}, status=400)

    assert await served(wrong_error) == ""


@pytest.mark.parametrize(("refused", "sentence"), [(1, f"clients.main: {NOT_KNOWN}"), (0, "")])
async def test_a_server_that_slows_guessing_down_has_told_already_what_is_wrong(refused: int, sentence: str) -> None:
    heard = []

    async def slowing(request: web.Request) -> web.Response:
        heard.append(request.path)
        slow = len(heard) > refused
        return web.json_response({"error": "slow_down" if slow else "invalid_client"}, status=429 if slow else 401)

    assert await served(slowing) == sentence


@pytest.mark.parametrize("page", ["endless", "broken", "leading nowhere", "hanging up"])
async def test_pages_that_are_broken_are_the_servers_fault(page: str) -> None:
    async def answer(request: web.Request) -> web.Response:
        if request.path == "/token":
            return web.json_response({"error": "invalid_grant"}, status=400)
        if page == "endless":
            return web.Response(status=302, headers={"Location": f"{request.path}a"})
        if page == "leading nowhere":
            return web.Response(status=302, headers={"Location": "http://["})
        if page == "hanging up" and request.path != "/authorize":
            assert request.transport is not None
            request.transport.abort()
        action = "http://[/" if page == "broken" else "/then"
        text = f'<form method="post" action="{action}"><button>Allow</button></form>'
        return web.Response(text=text, content_type="text/html")

    assert await served(answer, login=Login(), user="anna") == ""


async def test_who_plays_the_owner_may_break_for_the_servers_fault(start: Start) -> None:
    async def lost(_: Visit) -> Answer:
        return Answer(500)

    target = await start("draft16", login=Login(call=lost))

    assert await wrong_with(target) == ""


async def test_public_clients_are_tried_for_a_token_endpoint_and_no_more(start: Start) -> None:
    whole = await start("rfc6749")
    public = whole.clients["public"]
    target = replace(whole, clients={"main": public, "public": public})

    await tried(target, cast(["rfc6749"]))
    with pytest.raises(WrongTarget, match="status 404"):
        await tried(replace(target, token_url=f"{target.token_url}s"), cast(["rfc6749"]))


async def test_what_no_scenario_needs_is_not_tried() -> None:
    nowhere = Target("http://127.0.0.1:1/token", {"main": Client("id")}, authorize_url="https://nowhere.invalid/")

    assert await wrong_with(nowhere) == ""
    assert "nobody listens" in await wrong_with(replace(nowhere, clients={"main": Client("id", "secret")}))
