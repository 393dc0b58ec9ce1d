"""Chromium, once for all tests, and somebody who walks with it from the sample client through the provider."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any, cast

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, BrowserContext, async_playwright

from tests.conftest import new_world, opened
from tests.examples.conftest import OpenSample, samples
from tests.serving import wait_for
from tests.tools import tool
from tests.world import World

from .walking import PATIENCE, StartWalk, Walk

_OPTIONS = ("--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--no-first-run", "--disable-gpu",
            "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage")  # fmt: skip


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A headless Chromium with nothing in it; the address under which it is led."""
    profile = tmp_path_factory.mktemp("chromium")
    told = profile / "DevToolsActivePort"
    process = subprocess.Popen(
        [tool("chromium"), *_OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: told.exists() and len(told.read_text().split()) == 2)
        yield f"http://127.0.0.1:{told.read_text().split()[0]}"
    finally:
        process.terminate()
        process.wait(20)


# Chromium and the provider live in one event loop for all tests: to lead Chromium anew for each takes a second or two.
in_one_loop = partial(pytest_asyncio.fixture, loop_scope="session")


@in_one_loop(scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A connection to it."""
    async with async_playwright() as playwright:
        connected = await playwright.chromium.connect_over_cdp(chromium)
        yield connected
        await connected.close()


@in_one_loop()
async def one_world(single_url: str) -> AsyncIterator[World]:
    """A world as the other tests have it, in that loop."""
    clients: list[TestClient[Any, Any]] = []

    async def client(app: web.Application) -> TestClient[Any, Any]:
        clients.append(TestClient(TestServer(app)))
        await clients[-1].start_server()
        return clients[-1]

    async for store in opened(single_url):
        yield await new_world(store, cast(Any, client))
        for each in clients:
            await each.close()


@in_one_loop()
async def open_sample(one_world: World, unused_tcp_port_factory: Callable[[], int]) -> AsyncIterator[OpenSample]:
    """Starts a provider and a sample client, in that loop."""
    async for opened_sample in samples(one_world, unused_tcp_port_factory):
        yield opened_sample


@in_one_loop()
async def walk(browser: Browser, open_sample: OpenSample) -> AsyncIterator[StartWalk]:
    """Starts a provider and a sample client, and gives somebody who walks through both; scripts are off."""
    contexts: list[BrowserContext] = []

    async def started(*, window: dict[str, Any] | None = None, **options: Any) -> Walk:
        stage, sample = await open_sample(**options)
        context = await browser.new_context(**({"java_script_enabled": False} | (window or {})))
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return Walk(stage, sample, context, await context.new_page())

    yield started
    for context in contexts:
        await context.close()
