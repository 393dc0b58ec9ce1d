"""``${name}`` in a scenario: what stands for a value that is known only when it is played."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping

Values = Mapping[str, str]
Pairs = tuple[tuple[str, str], ...]  # names and values in order; a name may come twice

_REFERENCE = re.compile(r"\$\{([^{}?]*)\}")
_OPTIONAL = re.compile(r"\$\{([^{}?]*)\?\}")
# Every character that has a meaning in a query, a form or a header, and some that have more than one octet.
AWKWARD = " &=#+%20;/?\"'<>\\~äß€"


class Unset(Exception):
    """A value that is referred to was not had; the text is its name."""


def fill(text: str, values: Values) -> str:
    """The text with its references replaced.

    :raises Unset: a value is not there.
    """

    def value(reference: re.Match[str]) -> str:
        try:
            return values[reference[1]]
        except KeyError:
            raise Unset(reference[1]) from None

    return _REFERENCE.sub(value, text)


def fill_pairs(pairs: Pairs, values: Values) -> list[tuple[str, str]]:
    """The same for names and values; a pair whose whole value is ``${name?}`` is there only where the value is."""
    return [pair for name, value in pairs for pair in _filled(name, value, values)]


def _filled(name: str, value: str, values: Values) -> list[tuple[str, str]]:
    if optional := _OPTIONAL.fullmatch(value):
        return [(fill(name, values), values[optional[1]])] if optional[1] in values else []
    return [(fill(name, values), fill(value, values))]


def fresh_values() -> dict[str, str]:
    """What each playing of a scenario has anew."""
    verifier = secrets.token_urlsafe(48)
    return {
        "state": secrets.token_urlsafe(12),
        "awkward_state": secrets.token_urlsafe(6) + AWKWARD,
        "verifier": verifier,
        "challenge": challenge_of(verifier),
        "other_verifier": secrets.token_urlsafe(48),
        "random": secrets.token_urlsafe(32),
    }


def challenge_of(verifier: str) -> str:
    """The S256 challenge (RFC 7636 §4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
