"""A token's record and a user's marks, as the scripts write them and the worker reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from ..models import Application

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=65_536)
def short(number: int) -> str:
    """A number in base 36, as records and index members name services and applications."""
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = _DIGITS[rest] + text
    return text or "0"


def body(flow: str, scope: str | None, user_context: str | None, changes: int | None = None) -> str:
    """What scripts carry from code to token to token without looking into it."""
    parts = {"f": flow, "s": scope, "u": user_context, "n": changes}
    return orjson.dumps({name: value for name, value in parts.items() if value is not None}).decode()


class Stored(NamedTuple):
    """A live token's record. ``expires`` is in milliseconds; below zero when the lifetime is switched off."""

    stamp: int
    version: int
    service: str
    application: str
    expires: int
    family: str
    owner: str
    member: str
    mac: str
    flow: str
    scope: str | None
    user_context: str | None
    changes: int = 0  # made to it: a change that comes late never finds the record that it was meant for

    def dump(self) -> bytes:
        """The record as the scripts write it."""
        head = (
            f"{self.stamp}.{self.version}.{self.service}.{self.application}.{self.expires}"
            f".{self.family}.{self.owner}.{self.member}.{self.mac}|"
        )
        return (head + body(self.flow, self.scope, self.user_context, self.changes or None)).encode()


class Live(NamedTuple):
    """A token that works, and whose it is. ``extended`` has a MAC token's key and algorithm."""

    application: Application
    stored: Stored
    extended: Mapping[str, str] | None = None


def parse(value: bytes) -> Stored | None:
    """A record; ``None`` for one that was revoked."""
    head, _, rest = value.partition(b"|")
    if head[:1] == b"x":
        return None
    stamp, version, service, application, expires, family, owner, member, mac = head.decode().split(".")
    parts = orjson.loads(rest)
    return Stored(
        int(stamp),
        int(version),
        service,
        application,
        int(expires),
        family,
        owner,
        member,
        mac,
        parts["f"],
        parts.get("s"),
        parts.get("u"),
        parts.get("n", 0),
    )


@dataclass(frozen=True, slots=True)
class Marks:
    """What was revoked of one user at one service."""

    user: int = 0
    applications: Mapping[str, int] = field(default_factory=dict)
    replaced: Mapping[str, int] = field(default_factory=dict)
    families: Mapping[str, int] = field(default_factory=dict)

    def reach(self, stamp: int, application: str, family: str) -> bool:
        """Whether something with this stamp is dead."""
        return (
            self.revoked(stamp, application)
            or stamp < self.replaced.get(application, 0)
            or (family != "" and family in self.families)
        )

    def revoked(self, stamp: int, application: str) -> bool:
        """The same for an unused code, which heeds the user's revocations alone."""
        return stamp < self.user or stamp < self.applications.get(application, 0)

    def reach_token(self, token: Stored) -> bool:
        """The same for a token; one that was given to another user heeds only what befalls its own family."""
        if token.owner:
            return token.family in self.families
        return self.reach(token.stamp, token.application, token.family)


UNMARKED = Marks()


def parse_marks(raw: bytes | None) -> Marks:
    """The marks in a user's record."""
    if raw is None:
        return UNMARKED
    parts: dict[str, Any] = orjson.loads(raw)
    return Marks(parts.get("u", 0), parts.get("a", {}), parts.get("r", {}), parts.get("g", {}))
