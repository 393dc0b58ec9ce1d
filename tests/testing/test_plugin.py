"""The plugin in projects of providers: each is a folder with a pytest of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from importlib import import_module
from pathlib import Path

from .example import FOLDER

ROOT = Path(__file__).parents[2]
PLUGIN = "mashery_oauth.testing.plugin"
# Strict as a project can be; the plugins of event loops run in their strictest ways too.
STRICT = "[pytest]\nfilterwarnings = error\naddopts = --strict-markers --strict-config\n"
USING = """
import socket, time

def test_has_a_backend(oauth_backend, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 0.0)
    service = oauth_backend.service()
    tokens = oauth_backend.tokens(oauth_backend.application())

    info = oauth_backend.client.fetch_access_token(service.key, tokens.access_token)

    assert info.user_context == "alice"

def test_has_one_of_its_own(oauth_backend, oauth_backends):
    with oauth_backends.site() as other:
        assert other.caller != oauth_backend.caller
    assert oauth_backend.calls == ()
"""
LOOPING = """
import pytest

@pytest.mark.asyncio
async def test_has_a_backend_in_a_loop(oauth_backend):
    service = oauth_backend.service()
    tokens = oauth_backend.tokens(oauth_backend.application())
    oauth_backend.expire(tokens.access_token)
    assert oauth_backend.client.fetch_access_tokens(service.key, [tokens.access_token]) == [None]

async def test_has_one_beside_a_server(aiohttp_server, oauth_backend):
    from aiohttp import web
    await aiohttp_server(web.Application())
    assert oauth_backend.service().key
"""
FAILING = """
def test_fails(oauth_backend):
    from mashery_oauth.client import Client, ClientCredentials, TokenData

    service = oauth_backend.service()
    application = oauth_backend.application()
    client = Client(oauth_backend.url, oauth_backend.local)
    for _ in range(25):
        client.create_access_token(service.key, client=ClientCredentials(application.client_id,
            application.client_secret), token_data=TokenData("client_credentials"))
    assert oauth_backend.calls.last.get("uri.redirect_uri") is not None

def test_fails_without_a_backend():
    assert 1 == 2

def test_passes(oauth_backend):
    pass
"""
WITHOUT = """
import sys

def test_finds_nothing_that_was_brought_in():
    ours = {name for name in sys.modules if name.startswith("mashery_oauth")}
    others = {"aiohttp", "redis", "marshmallow", "structlog", "urllib3", "orjson"} & set(sys.modules)
    assert "mashery_oauth.testing.plugin" in ours
    assert not ours & {"mashery_oauth.store", "mashery_oauth.app", "mashery_oauth.client", "mashery_oauth.replay"}
    assert not others
"""
CONFLICTING = """
import pytest

@pytest.fixture
def oauth_backend():
    return "my own"

def test_has_its_own(oauth_backend):
    assert oauth_backend == "my own"
"""


def run(folder: Path, *options: str, installed: Path | None = None) -> str:
    """What pytest says in a folder: with our plugin and no other, or with all that are installed, as ours is then."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    path = [str(folder) for folder in (installed, ROOT) if folder]
    environment["PYTHONPATH"] = os.pathsep.join([*path, environment.get("PYTHONPATH", "")])
    if installed is None:
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        options = ("-p", PLUGIN, *options)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


def project(folder: Path, **modules: str) -> Path:
    """A folder with tests."""
    (folder / "pytest.ini").write_text(STRICT)
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def test_the_package_says_that_it_has_a_plugin() -> None:
    declared = ConfigParser()
    declared.read(ROOT / "setup.cfg")

    (name, module), *more = re.findall(r"^(\S+) = (\S+)$", declared["options.entry_points"]["pytest11"], re.MULTILINE)

    assert (name, more) == ("mashery_oauth", [])
    assert {"oauth_backend", "oauth_backends"} <= set(vars(import_module(module)))


def install(folder: Path) -> Path:
    """A folder of packages in which ours says what it says of itself when it is installed."""
    declared = ConfigParser()
    declared.read(ROOT / "setup.cfg")
    info = folder / "mashery_oauth-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mashery_oauth\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[pytest11]{declared['options.entry_points']['pytest11']}\n")
    files = (path.relative_to(ROOT) for path in (ROOT / "mashery_oauth").rglob("*.py"))
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return folder


def test_a_project_has_a_backend_and_one_that_wants_none_notices_nothing(tmp_path: Path) -> None:
    modules = {"test_a": WITHOUT, "test_b": USING, "test_c": CONFLICTING, "test_d": FAILING}

    told = run(project(tmp_path, **modules))

    assert "2 failed, 5 passed" in told, told
    assert told.count("Calls to the backend") == 1
    assert "... 5 before these" in told
    assert told.count("oauth2.createAccessToken {'service_key': ") == 20
    assert re.search(r"'client_secret': <[0-9a-f]{4}…>", told)


def test_an_installed_package_is_enough_and_bears_event_loops_beside_it(tmp_path: Path) -> None:
    installed, folder = install(tmp_path / "site-packages"), tmp_path / "project"
    folder.mkdir()
    loops = ("-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function")

    told = run(project(folder, test_looping=LOOPING, test_using=USING), *loops, installed=installed)

    assert "4 passed" in told, told


def test_the_example_passes_and_has_a_test_for_each_scenario(tmp_path: Path) -> None:
    folder = tmp_path / "provider_project"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))

    told = run(folder, "-v", "-W", "error")

    assert re.search(r"=+ \d\d passed, \d\d skipped in", told), told
    assert re.search(r"test_token_endpoint\[client_credentials\S*\] PASSED", told), told
    assert re.search(r"test_draft16\[code_used_twice-\S*D16-33\S*\] PASSED", told), told
    assert len([line for line in (folder / "conftest.py").read_text().splitlines() if line]) == 3
