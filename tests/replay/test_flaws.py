"""What cannot be right in a target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mashery_oauth.replay import Client, Login, Target
from mashery_oauth.replay.flaws import flaws

SOUND = Target(
    "https://server.example:8443/token?tenant=1",
    {"main": Client("id", "secret", ("https://client.example/cb", "com.example.app:/cb", "urn:ietf:wg:oauth:2.0:oob"))},
    authorize_url="http://127.0.0.1/authorize",
    own_origins=("https://[::1]",),
    user="Bj\xf6rn",
    password="p\xe4ss w\xf6rd",
    login=Login(cookie="a=b"),
    scopes=("read",),
)
NO_URLS = {
    "ftp://server.example/": "is no URL of https or http",
    "server.example/token": "is no URL of https or http",
    "//server.example/token": "is no URL of https or http",
    "javascript:alert(1)": "is no URL of https or http",
    "http://[": "is no URL that can be read",
    "http://[::1": "is no URL that can be read",
    "http://": "is no URL that can be read",
    "https:///token": "is no URL that can be read",
    "http:/server.example": "is no URL that can be read",
    "http://server.example:99999/": "is no URL that can be read",
    "http://server.example:-1/": "is no URL that can be read",
    "http://server.example:0/": "is no URL that can be read",
    "http://server.example:port/": "is no URL that can be read",
    "http://server.example/a b": "is no URL that can be read",
    " http://server.example/": "is no URL that can be read",
    "http://server.ex\xe4mple/": "is no URL that can be read",
    "http://a\u2100b/": "is no URL that can be read",
    "http://server.example/#top": "has a fragment",
}


def told(**changes: Any) -> list[str]:
    return [f"{': '.join(way)} {problem}" for way, problem in flaws(replace(SOUND, **changes))]


def test_a_sound_target_has_none() -> None:
    assert told() == []


@pytest.mark.parametrize("url", NO_URLS)
@pytest.mark.parametrize("name", ["token", "authorize", "revoke", "introspect", "resource"])
def test_an_address_has_to_be_one(name: str, url: str) -> None:
    assert told(**{f"{name}_url": url}) == [f"urls: {name} {NO_URLS[url]}"]


@pytest.mark.parametrize("uri", ["", "/cb", "cb", "//client.example/cb", "http://[", "https://client.example/c b"])
def test_a_redirect_uri_has_to_be_absolute(uri: str) -> None:
    clients = {"main": Client("id", "secret", ("https://client.example/cb", uri))}

    assert told(clients=clients) == ["clients: main: redirect_uris has what is no absolute URI"]


WITH_TEXT: dict[str, Callable[[str], dict[str, Any]]] = {
    "name": lambda text: {"name": text},
    "user: name": lambda text: {"user": text},
    "user: password": lambda text: {"password": text},
    "ca_file": lambda text: {"ca_file": text},
    "scopes": lambda text: {"scopes": ("read", text)},
    "flows": lambda text: {"flows": (text,)},
    "clients: main: client_id": lambda text: {"clients": {"main": Client(text)}},
    "clients: second: client_secret": lambda text: {"clients": {"second": Client("id", text)}},
    "login: approve": lambda text: {"login": Login(approve=text)},
    "login: command": lambda text: {"login": Login(command=("run", text))},
    "login: cookie": lambda text: {"login": Login(cookie=f"a={text}")},
}


@pytest.mark.parametrize(
    ("letter", "problem"),
    [("\0", "has a control character"), ("\n", "has a control character"), ("\udcff", "is not in UTF-8")],
)
@pytest.mark.parametrize("way", WITH_TEXT)
def test_no_text_has_control_characters_or_halves_of_others(way: str, letter: str, problem: str) -> None:
    assert told(**WITH_TEXT[way](f"x{letter}y")) == [f"{way} {problem}"]


def test_an_address_with_a_control_character_is_told_by_that_first() -> None:
    assert told(token_url="http://server.example/\r\nX: y")[0] == "urls: token has a control character"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"timeout": 0}, "timeout is not a number above 0"),
        ({"login": Login(cookie="a")}, "login: cookie is not name=value"),
    ],
)
def test_other_members_have_to_make_sense(changes: dict[str, Any], problem: str) -> None:
    assert told(**changes) == [problem]
