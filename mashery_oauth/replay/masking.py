"""What reports may show: of a secret its first four characters, and of an answer what tells how it went.

An answer may be long and full of values that could be secrets. Of each text only so much is looked at as can be shown,
and what is cut off is cut behind the last secret that could reach over the cut.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from urllib.parse import quote, quote_plus

from .answers import Answer

KEPT = 4  # characters
TELLING = 8  # characters: what is shorter in an answer is a word, and in no other place a secret
SHORT = 12  # below this length, four characters are too much of a secret
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
LONGEST = 120  # characters of a value or name that is shown
LONGEST_TEXT = 4000  # of everything else that is
BEYOND = 1000  # characters behind these that are looked at, so that secrets are known whole
MOST_MEMBERS = 20  # of an answer that are shown
MOST_LEARNT = 200  # values of answers in one scenario that may be secrets
# Members that tell how it went. Every other one may be a token, a code or a key, and is masked.
PLAIN = ("error", "error_description", "error_uri", "token_type", "expires_in", "scope", "active", "iss", "client_id")
_SHOWN = (*PLAIN, "state")
_ENCODED = re.compile(r"%[0-9A-F]{2}")
HEADERS = ("content-type", "cache-control", "pragma", "www-authenticate", "x-frame-options", "allow")


class Masker:
    """Knows the secrets of a run, and takes them out of texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._masks: dict[str, str] = {}
        self._longest_first: tuple[str, ...] = ()
        self._room = MOST_LEARNT
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """From now on this text is not shown, in no spelling that it travels in."""
        if secret and secret not in self._masks:
            for spelling in _spellings(secret):
                self._masks[spelling] = short(secret)
            self._longest_first = ()

    def learn_all(self, answer: Answer) -> None:
        """The same for what an answer has that may be one.

        Where that is more than anybody could keep apart, nothing that a server says is shown from then on.
        """
        for secret in islice(_candidates(answer), self._room + 1):
            self._room -= secret not in self._masks
            self.learn(secret)

    @property
    def _is_lost(self) -> bool:
        """Whether there is more than it knows of."""
        return self._room < 0

    def mask(self, text: str, longest: int = LONGEST_TEXT) -> str:
        """The text with nothing secret; the longest secrets first, because one may be part of another."""
        looked_at = text[: longest + BEYOND]
        masked = looked_at
        for secret in self._secrets:
            masked = masked.replace(secret, self._masks[secret])
        if len(looked_at) < len(text):  # its end may be the beginning of a secret
            masked = masked[: max(0, len(masked) - len(self._secrets[0]))] if self._secrets else masked
        return masked if len(masked) <= longest and len(looked_at) == len(text) else masked[:longest] + ELLIPSIS

    @property
    def _secrets(self) -> tuple[str, ...]:
        self._longest_first = self._longest_first or tuple(sorted(self._masks, key=len, reverse=True))
        return self._longest_first

    def told(self, answer: Answer) -> str:
        """An answer in one line."""
        if self._is_lost:
            return f"status {answer.status}, and more values that may be secrets than can be told apart"
        if answer.schemes:
            schemes = (f"{name}={scheme}" for name, scheme in answer.schemes.items())
            return self.mask(f"schemes of the addresses: {' '.join(schemes)}")
        if answer.location:
            return f"status {answer.status}, sent to {self._location(answer)}"
        parts = [f"status {answer.status}"]
        parts += [f"{name}: {self.mask(answer.headers[name], LONGEST)}" for name in HEADERS if name in answer.headers]
        parts.append(self._members(answer.json) if answer.json else f"{len(answer.body)} octets")
        return ", ".join(parts)

    def error(self, answer: Answer) -> str:
        """Only the error of it; empty where there is none."""
        found = answer.json.get("error")
        return "" if found is None or self._is_lost else self._value("error", found)

    def _location(self, answer: Answer) -> str:
        bare = self.mask(answer.location.partition("#")[0].partition("?")[0], LONGEST)
        query = f"?{self._members(answer.query)}" if answer.query else ""
        return bare + query + (f"#{self._members(answer.fragment)}" if answer.fragment else "")

    def _members(self, members: Mapping[str, object]) -> str:
        shown = [
            f"{self.mask(name, LONGEST)}={self._value(name, value)}"
            for name, value in islice(members.items(), MOST_MEMBERS)
        ]
        more = len(members) - len(shown)
        return " ".join([*shown, *([f"and {more} more"] if more else [])])

    def _value(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            return self.mask(_plain(name, value), LONGEST)
        return self.mask(value, LONGEST) if name in _SHOWN else short(value)


def _spellings(secret: str) -> Iterator[str]:
    """The ways in which a text travels: as it is, in an address, in a form, in a header."""
    yield secret
    for encoded in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield encoded
        yield _ENCODED.sub(lambda found: found[0].lower(), encoded)
    yield base64.b64encode(secret.encode()).decode()


def is_plain(place: str) -> bool:
    """Whether what stands at a place like ``query.iss`` is no secret."""
    return place.partition(".")[2] in _SHOWN


def short(secret: str) -> str:
    """A secret as it may be shown."""
    return (secret[:KEPT] if len(secret) >= SHORT else "") + ELLIPSIS


def _candidates(answer: Answer) -> Iterator[str]:
    """The values of an answer, inner ones too, that may be secrets."""
    for members in (answer.json, answer.query, answer.fragment):
        for name, value in members.items():
            if name not in _SHOWN:
                yield from (text for text in _texts(value) if len(text) >= TELLING)


def _texts(value: object) -> Iterator[str]:
    """The strings in a value, however deep."""
    left = [value]
    while left:
        match left.pop():
            case str() as text:
                yield text
            case list() as listed:
                left += listed
            case dict() as members:
                left += members.values()


def _plain(name: str, value: object) -> str:
    """A value that is no text: of a list or an object, only which of them it is; a long number may be a token, too."""
    if not (value is None or isinstance(value, bool | int | float)):
        return f"[{ELLIPSIS}]" if isinstance(value, list) else f"{{{ELLIPSIS}}}"
    text = str(value).lower()
    return text if name in PLAIN or len(text) < TELLING else short(text)
