"""What the client's page shows is what happens."""

from __future__ import annotations

import ast
import asyncio
import functools
import inspect
import io
import itertools
import json
import re
import textwrap
from pathlib import Path
from types import CodeType

import pytest

from mashery_oauth.client import AsyncClient, Client
from tests.test_docs import CLIENT_ID, CLIENT_SECRET, SERVICE_KEY
from tests.world import SECRET

from .conftest import Provider
from .either import url

PAGE = Path(__file__).parents[2] / "docs" / "client.rst"
FRESH = re.compile(r"\b[a-z0-9]{44}\b|datetime\.datetime\([\d, ]+, tzinfo")


@pytest.fixture
def kind() -> type[AsyncClient | Client]:
    """Any: each example makes its own."""
    return AsyncClient


def examples() -> list[tuple[str, str]]:
    """Each example, with what it prints."""
    found = re.findall(r"^\.\. code-block:: (\w+)\n\n((?:   .*\n|\n)+)", PAGE.read_text(), re.MULTILINE)
    blocks = [(language, textwrap.dedent(text).strip("\n")) for language, text in found]
    pairs = itertools.pairwise(blocks)
    return [(source, shown) for (language, source), (_, shown) in pairs if language == "python"]


def meant(text: str, provider: Provider) -> str:
    """The example, with the names of a world that is there."""
    world = provider.world
    names = {
        "http://127.0.0.1:8083": url(world),
        SERVICE_KEY: provider.key,
        CLIENT_ID: provider.application.client_id,
        CLIENT_SECRET: SECRET,
        '"provider"': repr(world.caller.user),
        "password-of-the-provider": world.password,
        "Cloud(100,": f"Cloud({world.site.id},",
        "apikey-of-the-provider": world.caller.apikey,
        "secret-of-the-apikey": world.apikey_secret,
    }
    for name, real in names.items():
        text = text.replace(name, real)
    return text


def run(code: CodeType) -> str:
    """Runs an example, which may await at its top; what it prints."""
    printed = io.StringIO()
    waiting = eval(code, {"print": functools.partial(print, file=printed)})
    if inspect.iscoroutine(waiting):
        asyncio.run(waiting)
    return printed.getvalue().strip()


@pytest.fixture
def demo(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that a demo would have written, had it made this world."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    world, application = provider.world, provider.application
    file = tmp_path / "mashery_oauth" / "demo" / "demo.json"
    file.parent.mkdir(parents=True)
    members = {
        "urls": {"backend": url(world)},
        "caller": {"user": world.caller.user, "password": world.password},
        "services": {"payments": provider.key},
        "applications": {"storefront": {"client_id": application.client_id, "client_secret": SECRET}},
    }
    file.write_text(json.dumps(members))


@pytest.mark.parametrize(("source", "shown"), examples(), ids=lambda text: text.splitlines()[-1][:30])
async def test_every_example_prints_what_is_shown(provider: Provider, demo: None, source: str, shown: str) -> None:
    code = compile(meant(source, provider), "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    printed = await asyncio.to_thread(run, code)

    assert FRESH.sub("fresh", printed) == FRESH.sub("fresh", meant(shown, provider))


def test_shows_an_example_of_each_part() -> None:
    assert len(examples()) == 4
