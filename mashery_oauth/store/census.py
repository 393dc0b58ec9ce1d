"""How much a revocation ends: counted from the records themselves, one by one. For operators, never for calls.

A record tells whose it is and since when; the marks of its user tell whether it was dead before. Where the marks
cannot be found from the record (a token that was moved to another user, or one of a client that nobody lists) it
counts as alive until its own end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from . import keys
from .links import Link
from .texts import DIGEST, Texts
from .values import Marks, parse, parse_marks

TOKENS, CODES, FAMILIES = "t", "c", "f"
_LETTER = len("{abc}")  # where a key has the letter of its kind


@dataclass(frozen=True, slots=True)
class Counts:
    """What is alive, or was: access tokens, grants that can be refreshed, unused codes."""

    access_tokens: int = 0
    refresh_tokens: int = 0
    codes: int = 0


class Seen(NamedTuple):
    """A record that is not dead by itself; service and application in base 36."""

    kind: str
    service: str
    application: str
    version: int
    stamp: int
    family: str
    user: str | None
    tag: str | None  # whose marks count; None where that cannot be told


class Census:
    """Goes through all codes, tokens and refresh families of a store."""

    def __init__(self, link: Link, texts: Texts) -> None:
        self._link, self._texts = link, texts

    async def count(
        self, counts: Callable[[Seen], bool], *, tag: str | None = None, before: Mapping[str, Marks] | None = None
    ) -> Counts:
        """How many of those that are wanted are alive.

        :param tag: only what lies where this tag's things lie; ``None`` for everything.
        :param before: marks to go by instead of those that are there now, by tag.
        """
        found: dict[str, int] = {TOKENS: 0, CODES: 0, FAMILIES: 0}
        async for names in self._link.scan(_pattern(tag)):
            values = await self._link.read_groups([[name] for name in names])
            pairs = zip(names, values, strict=True)
            seen = [each for name, (value,) in pairs if value and (each := self._seen(name[_LETTER], value))]
            wanted = [each for each in seen if counts(each)]
            for each in await self._alive(wanted, before or {}):
                found[each.kind] += 1
        return Counts(found[TOKENS], found[FAMILIES], found[CODES])

    async def _alive(self, seen: Sequence[Seen], before: Mapping[str, Marks]) -> list[Seen]:
        unknown = list({each.tag for each in seen if each.tag and each.tag not in before})
        raw = await self._link.read_groups([[keys.marks(tag)] for tag in unknown]) if unknown else []
        marks = {tag: parse_marks(value) for tag, (value,) in zip(unknown, raw, strict=True)} | dict(before)
        return [each for each in seen if not _is_reached(each, marks)]

    def _seen(self, kind: str, value: bytes) -> Seen | None:
        if kind == TOKENS:
            return self._token(value)
        record = orjson.loads(value)
        if "used" in record or record.get("dead"):
            return None
        user = orjson.loads(record["body"]).get("u")
        service, application = record["service"], record["application"]
        tag = self._tag(service, application, user, listed=record.get("listed", True), moved=bool(record.get("owner")))
        return Seen(kind, service, application, record["version"], record["stamp"], "", user, tag)

    def _token(self, value: bytes) -> Seen | None:
        token = parse(value)
        if token is None:
            return None
        tag = self._tag(
            token.service, token.application, token.user_context, listed=bool(token.member), moved=bool(token.owner)
        )
        return Seen(
            TOKENS, token.service, token.application, token.version, token.stamp, token.family, token.user_context, tag
        )

    def _tag(self, service: str, application: str, user: str | None, *, listed: bool, moved: bool) -> str | None:
        if moved:
            return None
        if user is not None:
            return self._texts.tag_of_user(int(service, 36), user)
        return self._texts.tag_of_client(int(service, 36), int(application, 36)) if listed else None


def _pattern(tag: str | None) -> str:
    """The keys of tokens, codes and families: where one tag's things lie, or everywhere."""
    return f"{{{tag[:3] if tag else '???'}}}[{TOKENS}{CODES}{FAMILIES}]{'?' * DIGEST}"


def _is_reached(seen: Seen, marks: Mapping[str, Marks]) -> bool:
    return seen.tag is not None and marks[seen.tag].reach(seen.stamp, seen.application, seen.family)
