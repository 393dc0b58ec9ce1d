"""Scopes and a resource are tried, too: what is wrong of them is told, and what a faulty server does is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mashery_oauth.replay import Client, Target, WrongTarget, cast, tried

from .conftest import Start
from .manners import SCOPES
from .test_trying import Handler, served, wrong_with


@pytest.mark.parametrize("profile", ["rfc6749", "oauth21"])
async def test_scopes_that_only_the_owners_browser_is_refused_for_are_told(profile: str, start: Start) -> None:
    target = await start(profile, scopes=("read", "reed"), flows=("authorization_code",))
    scenarios = [each for each in cast([profile]) if each[1].name == "denied"]

    with pytest.raises(WrongTarget, match=r"^scopes: the clients may probably not have reed: invalid_scope is told$"):
        await tried(target, scenarios)


def refusing(is_refused: Callable[[tuple[str, ...]], bool]) -> Handler:
    """Tells a client that it may not have scopes."""

    async def answer(request: web.Request) -> web.Response:
        asked = tuple(str((await request.post()).get("scope", "")).split())
        error = "invalid_scope" if is_refused(asked) else "invalid_grant"
        return web.json_response({"error": error}, status=400)

    return answer


@pytest.mark.parametrize(
    ("refuses", "sentence"),
    [
        (lambda _: True, ""),
        (lambda asked: len(asked) > 1, ""),
        (lambda asked: not asked, ""),
        (lambda asked: "write" in asked, "scopes: the clients may probably not have write: invalid_scope is told"),
    ],
    ids=["always", "several at once", "none", "one of them"],
)
async def test_a_server_that_refuses_scopes_for_reasons_of_its_own_is_faulty(
    refuses: Callable[[tuple[str, ...]], bool], sentence: str
) -> None:
    assert await served(refusing(refuses), scopes=SCOPES) == sentence


@pytest.mark.parametrize(
    ("status", "token", "told"),
    [(401, "good", False), (403, "good", False), (500, "good", False), (404, "bad\n", False), (404, "good", True)],
)
async def test_a_resource_is_missed_only_with_a_token_that_was_just_made(status: int, token: str, told: bool) -> None:  # noqa: FBT001
    """A server may well hide from strangers that there is something."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/token":
            return web.json_response({"access_token": token, "token_type": "bearer"})
        return web.Response(status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        clients = {"main": Client("id", "secret")}
        target = Target(str(server.make_url("/token")), clients, resource_url=str(server.make_url("/hello")))

        wrong = await wrong_with(target)

    assert ("urls.resource" in wrong) is told
