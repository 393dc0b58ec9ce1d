"""A provider's application beside the tests, whatever it is made with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from aiohttp import web

from mashery_oauth.testing import serve

from ..effort import tally, times


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"path {environ['PATH_INFO']}".encode()]


async def answered(request: web.Request) -> web.Response:
    return web.Response(text=f"path {request.path}")


def on_aiohttp() -> web.Application:
    app = web.Application()
    app.router.add_get("/{path}", answered)
    return app


def get(url: str) -> str:
    with urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("make", [lambda: wsgi, on_aiohttp], ids=["wsgi", "aiohttp"])
def test_serves_until_the_block_ends(make: Callable[[], Any], capfd: pytest.CaptureFixture[str]) -> None:
    before, app = threading.active_count(), make()

    with serve(app) as provider, ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda n: get(f"{provider.url}/{n}"), range(times(50))))

    assert answers == [f"path /{n}" for n in range(times(50))]
    assert provider.app is app
    with pytest.raises(URLError):
        get(provider.url)
    assert threading.active_count() == before
    assert capfd.readouterr() == ("", "")
    tally("requests to providers that were served beside the tests", times(50))


def test_tells_why_an_application_does_not_start() -> None:
    before, app = threading.active_count(), on_aiohttp()

    async def fails(_: web.Application) -> None:
        raise ZeroDivisionError

    app.on_startup.append(fails)

    with pytest.raises(ZeroDivisionError), serve(app):
        pass

    assert threading.active_count() == before
