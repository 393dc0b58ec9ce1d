"""The documentation: it builds, it leaves nothing out, and what it shows is what happens."""

from __future__ import annotations

import html
import json
import re
import secrets
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from importlib import import_module, resources
from inspect import signature
from pathlib import Path
from typing import Any

import click
import pytest

from mashery_oauth import store
from mashery_oauth.client import Client
from mashery_oauth.dialects import DIALECTS, Dialect
from mashery_oauth.errors import ROWS
from mashery_oauth.flows import FLOWS
from mashery_oauth.methods import METHODS, Method
from mashery_oauth.models import Application, Policy, Service
from mashery_oauth.presets import PRESETS, preset
from mashery_oauth.profiles import PROFILES
from mashery_oauth.settings import PREFIX, Settings, SettingsError, read_settings
from mashery_oauth.store import keys

from .world import HTTPS, Answer, World

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SCRIPTS = sorted(path.name for path in resources.files(store).joinpath("lua").iterdir())
STORE_KEYS = [name for name, value in vars(keys).items() if getattr(value, "__module__", "") == keys.__name__]

# What the examples of the method pages are about. The texts of tokens stand for fresh ones in each replay.
SERVICE_KEY = "k7wq2m9x4t1z8c5v3n6b0d2f"
CLIENT_ID = "c3x8v1n6m4k9q2w7r5t0y3p1"
CLIENT_SECRET = "n4t7w1q9z2x5c8v3b6m0k4j7h1g5f9d2s8a3p6y0"
USER = "anna"
ACCESS = "4x9t2mq7v1kz" + "8w3c6n0b5y1r7d4g9h2j5l8p3s6f0a1e"
REFRESH = "p2w8k5z1c9xm" + "t7n3v0q6b4dr1y8h" + "5g2j9l3s7f1a4e8u0o6i2w5t9z3k7c1m"
CODE = "m6c1x8q3z9vt" + "2k7w4n0r5b1y8d3g6h9j2l5p7s1f4a0e"
TEXT = re.compile(r"\b(?:[a-z0-9]{60}|[a-z0-9]{44})\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def file_of(method: Method) -> str:
    return method.call.__module__.rpartition(".")[2]


def examples() -> list[Any]:
    """Every example of every method, in every dialect."""
    return [
        pytest.param(example, dialect, id=f"{name}-{example['title']}-{dialect.name}")
        for name, method in METHODS.items()
        for example in json.loads((DOCS / "methods" / f"{file_of(method)}.json").read_text())
        for dialect in DIALECTS
    ]


def commands() -> list[str]:
    """The words of every command, groups too."""

    def below(command: click.Command, words: str) -> Iterator[str]:
        yield words
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                yield from below(inner, f"{words} {name}")

    return list(below(import_module("mashery_oauth.cli").main, "mashery-oauth"))


def shown_commands() -> list[str]:
    """Every command that a page tells its reader to type."""
    texts = "".join(page.read_text() for page in sorted(DOCS.rglob("*.rst")))
    return re.findall(r"^   \$ (mashery-oauth .*)$", texts, re.MULTILINE)


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The text of every page, as built with warnings as errors."""
    out = tmp_path_factory.mktemp("docs")
    build = subprocess.run(
        [sys.executable, "-m", "sphinx", "-n", "-W", "-q", "-b", "html", "-d", out / "trees", DOCS, out / "html"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stderr
    return {str(path.relative_to(out / "html")): text_of(path) for path in (out / "html").rglob("*.html")}


def text_of(page: Path) -> str:
    """What a reader sees of a page, without its navigation."""
    article = re.search(r"<article[^>]*>(.*)</article>", page.read_text(), re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", article[1] if article else ""))


def test_builds_without_a_warning(pages: dict[str, str]) -> None:
    assert "index.html" in pages


@pytest.mark.parametrize("name", METHODS)
def test_has_a_page_for_every_method(pages: dict[str, str], name: str) -> None:
    page = pages[f"methods/{file_of(METHODS[name])}.html"]

    assert name in page
    assert name in pages["methods/index.html"]
    for argument in METHODS[name].arguments.names:
        assert argument in page


@pytest.mark.parametrize("name", FLOWS)
def test_has_a_page_for_every_flow(pages: dict[str, str], name: str) -> None:
    page = pages[f"flows/{name}.html"]

    assert FLOWS[name].summary in page
    assert FLOWS[name].section in page
    assert all(grant_type in page for grant_type in FLOWS[name].grant_types)
    assert name in pages["flows/index.html"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_has_every_error(pages: dict[str, str], row: Any) -> None:
    page = pages["errors.html"]

    assert row.name in page
    assert row.message in page


@pytest.mark.parametrize("name", [member.name for member in fields(Policy)])
def test_has_every_member_of_a_policy(pages: dict[str, str], name: str) -> None:
    assert re.search(rf"\b{name}\b", pages["configuration.html"])


@pytest.mark.parametrize("name", [PREFIX + member.name.upper() for member in fields(Settings)])
def test_has_every_variable(pages: dict[str, str], name: str) -> None:
    assert name in pages["configuration.html"]


@pytest.mark.parametrize("name", [*PROFILES, *PRESETS])
def test_has_every_profile_and_preset(pages: dict[str, str], name: str) -> None:
    assert name in pages["profiles.html"]


@pytest.mark.parametrize("words", commands())
def test_has_every_command(pages: dict[str, str], words: str) -> None:
    assert f"Usage: {words} " in pages["command-line.html"]


@pytest.mark.parametrize("name", [name for name in vars(Client) if not name.startswith("_")])
def test_has_every_method_of_the_client(pages: dict[str, str], name: str) -> None:
    parameters = list(signature(getattr(Client, name)).parameters)[1:]

    shown = re.search(rf"\b{name}\(([^)]*\)?)", pages["client.html"].partition("The methods")[2])

    assert shown is not None
    assert all(parameter in shown[1] for parameter in parameters)


@pytest.mark.parametrize("name", SCRIPTS)
def test_has_every_script(pages: dict[str, str], name: str) -> None:
    assert name in pages["store.html"]


@pytest.mark.parametrize("name", STORE_KEYS)
def test_has_every_key_of_the_store(pages: dict[str, str], name: str) -> None:
    said = getattr(keys, name).__doc__.splitlines()[0].replace("``", "")

    assert said in pages["store.html"]


@pytest.mark.parametrize("name", [path.stem for path in sorted((DOCS / "decisions").glob("0*.rst"))])
def test_gives_every_decision_its_three_parts(pages: dict[str, str], name: str) -> None:
    page = pages[f"decisions/{name}.html"]

    assert all(part in page for part in ("Context", "Choice", "Consequence"))


def test_every_variable_has_the_range_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    ranges = import_module("_ext.settings").RANGES

    for name, bounds in ranges.items():
        for bound, step in zip(bounds, (-1, 1), strict=True):
            variable = PREFIX + name.upper()
            monkeypatch.setenv(variable, f"{bound:g}")
            read_settings()
            monkeypatch.setenv(variable, f"{bound + step:g}")
            with pytest.raises(SettingsError, match=variable):
                read_settings()
            monkeypatch.delenv(variable)


@pytest.mark.parametrize("line", shown_commands())
def test_every_command_that_is_shown_can_be_typed(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("services.toml").touch()
    command, words = import_module("mashery_oauth.cli").main, shlex.split(line)[1:]

    while isinstance(command, click.Group):
        _, command, words = command.resolve_command(click.Context(command), words)

    command.make_context(line, words).close()


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.rst")), ids=lambda page: str(page.relative_to(DOCS)))
def test_every_block_of_json_can_be_read(page: Path) -> None:
    for block in re.findall(r"^\.\. code-block:: json\n\n((?:   .*\n|\n)+)", page.read_text(), re.MULTILINE):
        json.loads(block)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.rst")), ids=lambda page: str(page.relative_to(DOCS)))
def test_every_line_is_one_sentence(page: Path) -> None:
    for line in page.read_text().splitlines():
        assert not re.search(r"[a-z`)][.!?] [A-Z`]", line), line


@pytest.mark.parametrize(("example", "dialect"), examples())
async def test_every_example_is_true(one_world: World, example: dict[str, Any], dialect: Dialect) -> None:
    shown = example["answers"][dialect.name]

    answer = await replayed(one_world, example["request"], dialect)

    assert answer.status == shown["status"]
    assert comparable(answer.json) == comparable(shown["body"])


async def replayed(world: World, request: Any, dialect: Dialect) -> Answer:
    """A request of the documentation, asked of a world that is as the documentation says."""
    text = await with_fresh_texts(world, json.dumps(request))
    return await world.post(text.encode(), dialect=dialect)


async def with_fresh_texts(world: World, text: str) -> str:
    """The request with tokens and codes that live, where it shows some."""
    service = Service(
        key=SERVICE_KEY,
        id=secrets.randbelow(2**31),
        site_id=world.site.id,
        name="payments",
        policy=replace(preset("mashery"), flows=frozenset(FLOWS)),
    )
    application = Application(
        id=1001,
        client_id=CLIENT_ID,
        site_id=world.site.id,
        name="storefront",
        services=(SERVICE_KEY,),
        redirect_uris=(HTTPS,),
        secrets=(world.store.ring.hash(CLIENT_SECRET),),
    )
    await world.write(replace(world.site, name="Example Bank"), service, application)
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    password = {"grant_type": "password", "scope": "payments:read"}
    arguments: dict[str, Any] = {
        "service_key": SERVICE_KEY,
        "client": client,
        "token_data": password,
        "user_context": USER,
    }
    made = (await world.call("createAccessToken", arguments)).result
    if CODE in text:
        uri = {"redirect_uri": HTTPS, "state": "af0ifjsldkj"}
        asked = {**arguments, "uri": uri, "scope": "payments:read", "response_type": "code"}
        text = text.replace(CODE, (await world.call("createAuthorizationCode", asked)).result["code"])
    return text.replace(ACCESS, made["access_token"]).replace(REFRESH, made["refresh_token"])


def comparable(answer: Any) -> str:
    """An answer as one text, members in their order, with what differs each time made equal."""
    return TIME.sub("<time>", TEXT.sub("<text>", json.dumps(answer)))
