"""The provider's file: what it may say, and that a mistake is told by its place."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mashery_oauth.client import Cloud, Local
from mashery_oauth.provider.configuration import parse_configuration, read_configuration
from mashery_oauth.provider.tables import ConfigurationError

FILE = """
issuer = "https://auth.example.com"
name = "Example Bank"
host = "0.0.0.0"
port = 8444
users = "users.toml"
session_key = "{key}"
session_ttl = 600

[backend]
url = "https://tokens.example.com"
site_id = 200
apikey = "the-apikey"
secret = "the-signing-secret"
timeout = 2
ca = "ca.pem"

[[services]]
name = "payments"
service_key = "key-of-payments"
rendering = "rfc6749"
token_type = "mac"
resource = "/api/payments"
scope = "payments:read"
resource_servers = ["gateway"]

[[services]]
name = "backups"
service_key = "key-of-backups"
rendering = "barracuda"

[scopes]
"payments:read" = "See your payments"
"""
KEY = "0f" * 32
LEAST: dict[str, Any] = {
    "issuer": "http://127.0.0.1:8084",
    "backend": {"url": "http://127.0.0.1:8083", "user": "provider", "password": "the-password"},
    "services": [{"name": "payments", "service_key": "key"}],
}


def test_reads_all_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "provider.toml"
    path.write_text(FILE.format(key=KEY))

    made = read_configuration(path)

    payments, backups = made.services
    assert (made.issuer, made.name, made.host, made.port) == (
        "https://auth.example.com",
        "Example Bank",
        "0.0.0.0",
        8444,
    )
    assert (made.users, made.session_key, made.session_ttl) == (tmp_path / "users.toml", KEY, 600)
    assert made.backend.credentials == Cloud(200, "the-apikey", "the-signing-secret")
    assert (made.backend.url, made.backend.timeout) == ("https://tokens.example.com", 2.0)
    assert made.backend.ca == tmp_path / "ca.pem"
    assert (payments.rendering.name, payments.token_type, payments.scope) == ("rfc6749", "mac", "payments:read")
    assert (payments.resource, payments.resource_servers) == ("/api/payments", ("gateway",))
    assert (backups.rendering.name, backups.token_type, backups.resource) == (
        "barracuda",
        "bearer",
        "/resource/backups",
    )
    assert made.scopes == {"payments:read": "See your payments"}
    assert (made.https, made.realm) == (True, "auth.example.com")


def test_has_usual_values_for_the_rest() -> None:
    made = parse_configuration(LEAST, Path())

    assert (made.name, made.host, made.port) == ("127.0.0.1:8084", "127.0.0.1", 8084)
    assert made.backend.credentials == Local("provider", "the-password", 3)
    assert (made.users, made.session_key, made.backend.ca) == (None, "", None)
    assert made.services[0].rendering.name == "draft16"
    assert (made.https, made.realm, made.scopes) == (False, "127.0.0.1", {})


def test_shows_no_secret() -> None:
    cloud = {"url": "https://x", "site_id": 1, "apikey": "k", "secret": "the-signing-secret"}

    shown = [
        repr(parse_configuration(LEAST | {"session_key": KEY}, Path())),
        repr(parse_configuration(LEAST | {"backend": cloud}, Path())),
    ]

    assert not any(secret in text for text in shown for secret in (KEY, "the-password", "the-signing-secret"))


Change = Callable[[dict[str, Any]], object]


def put(*places: str | int, value: object) -> Change:
    """Puts a value into a place of the document."""

    def change(document: dict[str, Any]) -> None:
        at: Any = document
        for place in places[:-1]:
            at = at[place]
        at[places[-1]] = value

    return change


def drop(*places: str | int) -> Change:
    """Takes a place out."""

    def change(document: dict[str, Any]) -> None:
        at: Any = document
        for place in places[:-1]:
            at = at[place]
        del at[places[-1]]

    return change


SERVICE = {"name": "other", "service_key": "other"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (drop("issuer"), "issuer: is missing"),
        (put("issuer", value=""), "issuer: is missing"),
        (put("issuer", value=7), "issuer: must be a string"),
        (put("issuer", value="http://auth.example.com"), "issuer: must be https, except on this machine"),
        (put("issuer", value="https://auth.example.com/"), "issuer: must be scheme, host and port, without a path"),
        (put("issuer", value="https://auth.example.com/x"), "issuer: must be scheme, host and port, without a path"),
        (put("issuer", value="https://a@b"), "issuer: must be scheme, host and port, without a path"),
        (put("issuer", value="https://"), "issuer: must be scheme, host and port, without a path"),
        (put("issuer", value="https://x:99999"), "issuer: is no URL"),
        (put("issuer", value="ftp://x"), "issuer: must be https, except on this machine"),
        (put("port", value=70000), "port: must be 0 to 65535"),
        (put("port", value="80"), "port: must be a whole number"),
        (put("port", value=True), "port: must be a whole number"),
        (put("session_key", value="short"), "session_key: must be 64 hexadecimal digits"),
        (put("session_ttl", value=0), "session_ttl: must be 1 or more"),
        (put("isuer", value="x"), "isuer: is not known here"),
        (drop("backend"), "backend.url: is missing"),
        (put("backend", value=[]), "backend: must be a table"),
        (drop("backend", "url"), "backend.url: is missing"),
        (put("backend", "url", value="tokens"), "backend.url: must be an http or https URL"),
        *(
            (put("backend", "url", value=f"http://{url}"), "backend.url: must be an http or https URL, without user")
            for url in ("user:password@host", "host?query", "host#fragment")
        ),
        (drop("backend", "password"), "backend.password: is missing"),
        (put("backend", "user", value="a:b"), "backend.user: must not have a colon"),
        (put("backend", "version", value=4), "backend.version: must be 2 or 3"),
        (put("backend", "timeout", value=0), "backend.timeout: must be above 0"),
        (put("backend", "timeout", value="5"), "backend.timeout: must be a number"),
        (put("backend", "apikey", value="k"), "backend.site_id: is missing"),
        (put("backend", "paswort", value="x"), "backend.paswort: is not known here"),
        (drop("services"), "services: must have one at least: [[services]]"),
        (put("services", value=[]), "services: must have one at least: [[services]]"),
        (put("services", value=["x"]), "services: must be an array of tables: [[services]]"),
        (drop("services", 0, "name"), "services[0].name: is missing"),
        (drop("services", 0, "service_key"), "services[0].service_key: is missing"),
        (
            put("services", 0, "rendering", value="draft11"),
            "services[0].rendering: is none of: draft10, barracuda, draft16, rfc6749, oauth21",
        ),
        (put("services", 0, "token_type", value="jwt"), "services[0].token_type: is none of: bearer, mac"),
        (put("services", 0, "resource", value="resource"), "services[0].resource: must be a path"),
        (put("services", 0, "resource", value="/oauth2/token"), "services[0].resource: must be a path"),
        (put("services", 0, "resource", value="/a/{b}"), "services[0].resource: must be a path"),
        (put("services", 0, "name", value="a b"), "services[0].resource: must be a path"),
        (put("services", 0, "scope", value='a"b'), "services[0].scope: must be one word"),
        (put("services", 0, "resource_servers", value="gateway"), "services[0].resource_servers: must be a list"),
        (put("services", 0, "resource_servers", value=[1]), "services[0].resource_servers: must be a list of strings"),
        (put("services", 0, "scopes", value="x"), "services[0].scopes: is not known here"),
        (put("services", value=[SERVICE, SERVICE | {"name": "x"}]), "services[1].service_key: is another"),
        (put("services", value=[SERVICE, SERVICE | {"service_key": "x"}]), "services[1].name: is another"),
        (put("scopes", value={"read": 1}), "scopes.read: must be a string"),
    ],
)
def test_tells_a_mistake_by_its_place(change: Change, told: str) -> None:
    document = copy.deepcopy(LEAST)
    change(document)

    with pytest.raises(ConfigurationError) as caught:
        parse_configuration(document, Path())

    assert str(caught.value).startswith(told)


@pytest.mark.parametrize("rendering", ["draft10", "barracuda", "oauth21"])
def test_some_texts_have_no_mac_tokens(rendering: str) -> None:
    service = SERVICE | {"rendering": rendering, "token_type": "mac"}

    with pytest.raises(ConfigurationError, match=rf"^services\[0\].token_type: {rendering} has no MAC tokens$"):
        parse_configuration(LEAST | {"services": [service]}, Path())


@pytest.mark.parametrize("content", [None, b"issuer =", b"\xff", b"x = " + b"[" * 5000, b"issuer = 'x'"])
def test_names_the_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "provider.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigurationError) as caught:
        read_configuration(path)

    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
