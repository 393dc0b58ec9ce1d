"""Every key name there is. Each begins with its hash tag, so what one operation touches is on one node."""

from __future__ import annotations

from ..models import Once
from .texts import Place, digest

CONFIGURATION = "{cfg}"
VERSION = CONFIGURATION + "version"
LOG = CONFIGURATION + "log"
SALT = CONFIGURATION + "salt"
CHECK = CONFIGURATION + "check"


def records(kind: str) -> str:
    """The hash of all configuration records of a kind."""
    return f"{CONFIGURATION}{kind}"


def token(place: Place) -> str:
    """An access token's record."""
    return f"{{{place.tag[:3]}}}t{place.digest}"


def code(place: Place) -> str:
    """An authorization code's record."""
    return f"{{{place.tag[:3]}}}c{place.digest}"


def family(tag: str, name: str) -> str:
    """A refresh family's record: one key, whatever the generation."""
    return f"{{{tag[:3]}}}f{digest(tag + name)}"


def grace(tag: str, name: str) -> str:
    """The sealed answer of a family's last refresh, for as long as a retry may ask for it."""
    return f"{{{tag[:3]}}}g{digest(tag + name)}"


def marks(tag: str) -> str:
    """What was revoked of one user at one service."""
    return f"{{{tag[:3]}}}m{tag[3:]}"


def index(tag: str) -> str:
    """The list of one user's tokens at one service."""
    return f"{{{tag[:3]}}}x{tag[3:]}"


def claim(name: str) -> str:
    """The arguments that an idempotency key came with; where it lies, the name of the call alone decides."""
    named = digest(name)
    return f"{{{named[:3]}}}j{named}"


def answer(tag: str, once: Once) -> str:
    """The answer that a call had, beside what it made."""
    return f"{{{tag[:3]}}}i{digest(once.name + once.claim)}"


def counter(name: str) -> str:
    """How often something happened within a window of time: a caller's calls, a client's wrong secrets."""
    named = digest(name)
    return f"{{{named[:3]}}}q{named}"
