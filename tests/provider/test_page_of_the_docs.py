"""The page about the provider: its files are read, its provider serves, and it leaves no member out."""

from __future__ import annotations

import re
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.client import Cloud, Local
from mashery_oauth.provider.configuration import BackendPlace, Configuration, ServiceEntry, read_configuration
from mashery_oauth.provider.serving import provider
from tests.world import World

from .scene import Provider, no_user, own

PAGE = Path(__file__).parents[2] / "docs" / "provider.rst"
# What is read from the file under another name, or is a table of its own.
OTHERWISE = {"credentials", "backend", "services"}


def blocks() -> list[str]:
    """The files that the page shows."""
    found = re.findall(r"^\.\. code-block:: toml\n\n((?:   .*\n|\n)+)", PAGE.read_text(), re.MULTILINE)
    return [textwrap.dedent(text) for text in found]


async def test_the_files_that_are_shown_make_a_provider(
    one_world: World, aiohttp_client: AiohttpClient, tmp_path: Path
) -> None:
    services = {"payments": await one_world.add_service("rfc6749"), "backups": await one_world.add_service("draft10")}
    applications = {name: await one_world.add_application(service) for name, service in services.items()}
    file, users = blocks()
    for shown, real in {
        "http://127.0.0.1:8083": str(one_world.http.make_url("/")).rstrip("/"),
        '"provider"': f'"{one_world.caller.user}"',
        "password-of-the-caller": one_world.password,
        "service-key-of-payments": services["payments"].key,
        "service-key-of-backups": services["backups"].key,
    }.items():
        assert shown in file
        file = file.replace(shown, real)
    (tmp_path / "provider.toml").write_text(file)
    (tmp_path / "users.toml").write_text(users)

    configuration = read_configuration(tmp_path / "provider.toml")
    http: Any = await aiohttp_client(provider(configuration))
    made = Provider(one_world, http, configuration)
    told = {
        name: (await made.token(no_user(service) | own(applications[name]))).json for name, service in services.items()
    }

    assert told["payments"]["token_type"] == "bearer"
    assert told["backups"]["expires_in"] == "3600"


@pytest.mark.parametrize("kind", [Configuration, BackendPlace, ServiceEntry, Cloud, Local])
def test_every_member_of_the_file_is_named(kind: type) -> None:
    page = PAGE.read_text()

    missing = [
        each.name for each in fields(kind) if each.name not in OTHERWISE and not re.search(rf"\b{each.name}\b", page)
    ]

    assert missing == []
