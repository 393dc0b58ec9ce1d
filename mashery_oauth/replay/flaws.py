"""What cannot be right in a description of a target, whoever wrote it and wherever: said before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from .target import Client, Target

Flaw = tuple[tuple[str, ...], str]  # the way to the member, and what is wrong with it
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HALF = re.compile(r"[\ud800-\udfff]")  # what becomes of octets that are no UTF-8
_PRINTED = re.compile(r"[!-~]+")


def flaws(target: Target) -> Iterator[Flaw]:
    """Each with the way to the member, as ``("urls", "token")``."""
    looked_at = [(way, _wrong_with_text(text)) for way, text in _texts(target)]
    looked_at += [(way, _wrong_with_url(url)) for way, url in _urls(target)]
    looked_at += [(way, _wrong_with_uri(uri)) for way, uri in _redirect_uris(target)]
    yield from ((way, problem) for way, problem in looked_at if problem)
    if target.timeout <= 0:
        yield ("timeout",), "is not a number above 0"
    if target.login and target.login.cookie and "=" not in target.login.cookie:
        yield ("login", "cookie"), "is not name=value"


def _texts(target: Target) -> Iterator[tuple[tuple[str, ...], str]]:
    """All that is text in it."""
    yield from _urls(target)
    yield from _redirect_uris(target)
    yield from ((("clients", role, name), value) for role, each in target.clients.items() for name, value in _of(each))
    yield ("name",), target.name
    yield ("user", "name"), target.user
    yield ("user", "password"), target.password
    yield ("ca_file",), target.ca_file
    yield from _each(("scopes",), target.scopes)
    yield from _each(("flows",), target.flows)
    if login := target.login:
        for name in ("user_field", "password_field", "approve", "deny", "cookie"):
            yield ("login", name), getattr(login, name)
        yield from _each(("login", "command"), login.command)


def _of(client: Client) -> Iterator[tuple[str, str]]:
    yield "client_id", client.client_id
    yield "client_secret", client.client_secret


def _each(way: tuple[str, ...], texts: Iterable[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    return ((way, text) for text in texts)


def _urls(target: Target) -> Iterator[tuple[tuple[str, ...], str]]:
    yield ("urls", "token"), target.token_url
    yield ("urls", "authorize"), target.authorize_url
    yield ("urls", "revoke"), target.revoke_url
    yield ("urls", "introspect"), target.introspect_url
    yield ("urls", "resource"), target.resource_url
    yield from _each(("urls", "pages"), target.own_origins)


def _redirect_uris(target: Target) -> Iterator[tuple[tuple[str, ...], str]]:
    for role, client in target.clients.items():
        yield from _each(("clients", role, "redirect_uris"), client.redirect_uris)


def _wrong_with_text(text: str) -> str:
    if _CONTROL.search(text):
        return "has a control character"
    return "is not in UTF-8" if _HALF.search(text) else ""


def _wrong_with_url(url: str) -> str:
    """Why nothing can be sent there; empty where something can, and for a URL that is not there."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL that can be read"
    if parts.scheme not in ("https", "http"):
        return "is no URL of https or http"
    if not parts.hostname or port == 0 or not _PRINTED.fullmatch(url):
        return "is no URL that can be read"
    # RFC 6749 §3.1 and §3.2: an endpoint has none
    return "has a fragment" if parts.fragment else ""


def _wrong_with_uri(uri: str) -> str:
    try:
        absolute = bool(urlsplit(uri).scheme and _PRINTED.fullmatch(uri))
    except ValueError:
        absolute = False
    return "" if absolute else "has what is no absolute URI"
