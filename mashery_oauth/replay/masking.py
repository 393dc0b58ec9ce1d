"""What reports may show: of a secret its first four characters, and of an answer what tells how it went."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

from .answers import Answer

KEPT = 4  # characters
TELLING = 8  # characters: what is shorter in an answer is a word, and in no other place a secret
SHORT = 12  # below this length, four characters are too much of a secret
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
LONGEST = 120  # characters of a value that is shown
# Members that tell how it went. Every other one may be a token, a code or a key, and is masked.
PLAIN = ("error", "error_description", "error_uri", "token_type", "expires_in", "scope", "active", "iss", "client_id")
HEADERS = ("content-type", "cache-control", "pragma", "www-authenticate", "x-frame-options", "allow")


class Masker:
    """Knows the secrets of a run, and takes them out of texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._masks: dict[str, str] = {}
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """From now on this text is not shown, in no spelling that it travels in."""
        encoded = base64.b64encode(secret.encode()).decode()
        for spelling in (secret, quote(secret, safe=""), quote_plus(secret), encoded):
            if secret:
                self._masks[spelling] = short(secret)

    def learn_all(self, answer: Answer) -> None:
        """The same for what an answer has that may be one."""
        for members in (answer.json, answer.query, answer.fragment):
            for name, value in members.items():
                if name not in PLAIN and name != "state" and isinstance(value, str) and len(value) >= TELLING:
                    self.learn(value)

    def mask(self, text: str) -> str:
        """The text with nothing secret; the longest secrets first, because one may be part of another."""
        for secret in sorted(self._masks, key=len, reverse=True):
            text = text.replace(secret, self._masks[secret])
        return text

    def told(self, answer: Answer) -> str:
        """An answer in one line."""
        if answer.location:
            return self.mask(f"status {answer.status}, sent to {_location(answer)}")
        parts = [f"status {answer.status}"]
        parts += [f"{name}: {answer.headers[name]}" for name in HEADERS if name in answer.headers]
        parts.append(_members(answer.json) if answer.json else f"{len(answer.body)} octets")
        return self.mask(", ".join(parts))


def short(secret: str) -> str:
    """A secret as it may be shown."""
    return (secret[:KEPT] if len(secret) >= SHORT else "") + ELLIPSIS


def _location(answer: Answer) -> str:
    bare = answer.location.partition("#")[0].partition("?")[0]
    query = f"?{_members(answer.query)}" if answer.query else ""
    return bare + query + (f"#{_members(answer.fragment)}" if answer.fragment else "")


def _members(members: Mapping[str, object]) -> str:
    return " ".join(f"{name}={_value(name, value)}" for name, value in members.items())


def _value(name: str, value: object) -> str:
    if name in PLAIN or name == "state" or not isinstance(value, str):
        text = value if isinstance(value, str) else _plain(value)
        return text if len(text) <= LONGEST else text[:LONGEST] + ELLIPSIS
    return short(value)


def _plain(value: object) -> str:
    """A value that is no text: of a list or an object, only what it is."""
    return str(value).lower() if value is None or isinstance(value, bool | int | float) else type(value).__name__
