"""What real clients need: a provider to go to, the switches for one without TLS, and Node's packages."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from tests.tools import tool
from tests.world import World

from .errand import Errand, Library, Told
from .libraries.node import Programs
from .matrix import PROGRAMS
from .scene import Scene, opened

Open = Callable[..., Awaitable[Scene]]
Tell = Callable[[Library, str, Errand], Awaitable[Told]]


@pytest.fixture
async def open_scene(one_world: World) -> AsyncIterator[Open]:
    """Starts a provider."""
    async with AsyncExitStack() as stack:

        async def open_one(profile: str, **options: Any) -> Scene:
            return await stack.enter_async_context(opened(one_world, profile, **options))

        yield open_one


@pytest.fixture(autouse=True)
def without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries' own switches for a server on this machine; those for Node have theirs in each call."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """The programs for Node, with the packages that they use."""
    npm, node = tool("npm"), tool("node")
    folder = tmp_path_factory.mktemp("programs")
    shutil.copytree(PROGRAMS, folder, dirs_exist_ok=True)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"]
    subprocess.run(command, cwd=folder, check=True, timeout=300)
    made = Programs(node, folder)
    yield made
    made.end()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Has a library do an errand, in a thread: most of them know no other way."""

    async def told(library: Library, flow: str, errand: Errand) -> Told:
        if not library.distribution:
            errand = replace(errand, programs=request.getfixturevalue("programs"))
        return await asyncio.to_thread(library.flows[flow], errand)

    return told


async def error_of(library: Library, telling: Awaitable[Told]) -> str | None:
    """The OAuth error that a library makes of the answer; ``None`` if it has none to tell of."""
    try:
        await telling
    except library.refusal as caught:
        return str(getattr(caught, "error", None))
    return None
