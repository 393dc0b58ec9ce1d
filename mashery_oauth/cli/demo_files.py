"""The files by which others meet the demo: the provider and its users, and whoever replays flows against it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from ..flows import FLOWS
from ..provider.users import hash_generated_password, hash_password
from . import replayed
from .demo import BACKUPS, PAYMENTS, Demo
from .files import write_private

PROVIDER_FILE, USERS_FILE = "provider.toml", "users.toml"
NAME = "Demo Bank"
ENDPOINTS = ("token", "authorize", "revoke", "introspect")
RENDERINGS: Mapping[str, str] = {PAYMENTS: "draft16", BACKUPS: "barracuda", **replayed.RENDERINGS}
SCOPES: Mapping[str, str] = {
    "payments:read": "See your payments",
    "payments:write": "Make payments in your name",
    "accounts_read": "See your backup accounts",
    "accounts_write": "Change your backup accounts",
}


def write_files(folder: Path, demo: Demo, backend: str, issuer: str, ca: str) -> None:
    """All of them.

    :param backend: URL of the service, and ``issuer`` that of the provider.
    :param ca: file of the certificate by which the service is known; empty where there is none.
    """
    write_private(folder / PROVIDER_FILE, "\n".join(_provider(demo, backend, issuer, ca)) + "\n")
    write_private(folder / USERS_FILE, "\n".join(_users(demo)))
    write_private(folder / replayed.FILE, "\n".join(_targets(demo, issuer)) + "\n")


def _provider(demo: Demo, backend: str, issuer: str, ca: str) -> Iterator[str]:
    yield from (f"issuer = {_toml(issuer)}", f"name = {_toml(NAME)}", f"users = {_toml(USERS_FILE)}", "")
    yield from ("[backend]", f"url = {_toml(backend)}")
    yield from (f"user = {_toml(demo.caller.user)}", f"password = {_toml(demo.caller.password)}")
    yield from [f"ca = {_toml(str(Path(ca).absolute()))}"] if ca else []
    for name, key in demo.services.items():
        yield from ("", "[[services]]", f"name = {_toml(name)}", f"service_key = {_toml(key)}")
        yield f"rendering = {_toml(RENDERINGS[name])}"
    yield from ("", "[scopes]", *(f"{_toml(scope)} = {_toml(words)}" for scope, words in SCOPES.items()))


def _users(demo: Demo) -> Iterator[str]:
    hashes = {
        demo.user.name: hash_password(demo.user.password),
        demo.tester.name: hash_generated_password(demo.tester.password),  # who signs in a hundred times in a run
    }
    yield from (f"[users.{name}]\npassword = {_toml(hashed)}\n" for name, hashed in hashes.items())


def _targets(demo: Demo, issuer: str) -> Iterator[str]:
    """What ``mashery-oauth replay run --all --target`` plays against."""
    yield from (f"name = {_toml(NAME)}", f"scopes = {_toml(replayed.SCOPES)}", f"flows = {_toml(tuple(FLOWS))}")
    yield from ("pkce = true", "", "[urls]", *(f"{name} = {_toml(f'{issuer}/oauth2/{name}')}" for name in ENDPOINTS))
    yield from ("", "[user]", f"name = {_toml(demo.tester.name)}", f"password = {_toml(demo.tester.password)}")
    for text in replayed.TEXTS:
        yield from _target(text, demo, issuer)


def _target(text: str, demo: Demo, issuer: str) -> Iterator[str]:
    service = replayed.service_of(text)
    yield from ("", "[[targets]]", f"profiles = {_toml((text,))}")
    yield f"urls.resource = {_toml(f'{issuer}/resource/{service}')}"
    for name, each in demo.applications.items():
        if service in each.services:
            yield from ("", f"[targets.clients.{name.removeprefix(f'{service}-')}]")
            yield f"client_id = {_toml(each.client_id)}"
            yield from [f"client_secret = {_toml(each.client_secret)}"] if each.client_secret else []
            yield f"redirect_uris = {_toml(each.redirect_uris)}"


def _toml(value: str | tuple[str, ...]) -> str:
    """A string or a list of them; those of JSON are ones of TOML."""
    return orjson.dumps(value).decode()
