"""How much a revocation ends: counted from the records themselves, one by one. For operators, never for calls.

A record tells whose it is and since when; the marks of its user or client tell whether it was dead before. What was
moved to another user, and what a client has that nobody lists, does not tell where its marks are. Only the end of its
grant can have reached it, so it is put aside, and looked for among the ended grants of all marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from . import keys
from .links import Link
from .texts import DIGEST, TAG, Place, Texts
from .users import Listed
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

    key: str
    kind: str
    service: str
    application: str
    version: int
    stamp: int
    family: str
    owner: str  # whom it was moved to; empty for what never was
    tag: str | None  # whose marks count; None where that cannot be told


Wanted = Callable[[Seen], bool]


@dataclass(frozen=True, slots=True)
class Before:
    """What users' revocations reach, as it was before them: by marks, and by following what was given to the users."""

    tags: frozenset[str]  # of the users
    marks: Mapping[str, Marks]  # theirs, and those of whoever had first what they were given
    grants: frozenset[str]  # that end whole, because the user was given something of them
    given: tuple[Seen, ...]  # what is alive of that, as far as the users' lists name it


def joined(parts: Sequence[Before]) -> Before:
    """What several revocations reach."""
    return Before(
        frozenset(tag for part in parts for tag in part.tags),
        {tag: marks for part in parts for tag, marks in part.marks.items()},
        frozenset(family for part in parts for family in part.grants),
        tuple(seen for part in parts for seen in part.given),
    )


class Census:
    """Goes through all codes, tokens and refresh families of a store."""

    def __init__(self, link: Link, texts: Texts) -> None:
        self._link, self._texts = link, texts

    async def count(self, wanted: Wanted, *, near: Collection[str] = ()) -> Counts:
        """How many of those that are wanted are alive.

        :param near: tags; only what lies where their things lie. All of the store without.
        """
        found, doubtful = await self._alive_among(wanted, near, {})
        if doubtful:  # another way through the store
            async for name in self._ended(near):
                doubtful.pop(name, None)
        for (kind, _), number in doubtful.items():
            found[kind] += number
        return _counts(found)

    async def before(self, tag: str, entries: Sequence[tuple[Place, Listed]]) -> Before:
        """What a user's revocation is going to reach.

        :param entries: those of the user's list that it will follow, with where they lie.
        """
        places = _places(entries)
        groups = [(name, keys.marks(home)) for name, (home, _) in places.items()]
        ((own,), *found) = await self._link.read_groups([(keys.marks(tag),), *groups])
        marks, alive = {tag: parse_marks(own)}, list[Seen]()
        for (name, (home, family)), (value, raw) in zip(places.items(), found, strict=True):
            marks[home] = parse_marks(raw)
            seen = self._seen(name, value) if value else None
            if seen and not _is_dead(seen, family, marks[home]):
                alive.append(seen._replace(family=family))
        grants = frozenset(each.family for each in alive if each.owner == tag and each.family)
        given = tuple(each for each in alive if each.owner == tag or each.family in grants)
        return Before(frozenset({tag}), marks, grants, given)

    async def count_ended(self, wanted: Wanted, before: Before, after: Mapping[str, Marks] | None) -> Counts:
        """How many of those that are wanted were alive, and are ended by users' revocations.

        :param after: the marks of the users since then; ``None`` where nothing was done, to count what would end.
        """
        named = {each.key for each in before.given}

        def ends(seen: Seen) -> bool:
            if seen.key in named or not wanted(seen):
                return False
            if seen.family in before.grants:
                return True
            return seen.tag in before.tags and (after is None or after[seen.tag].revoked(seen.stamp, seen.application))

        found, doubtful = await self._alive_among(ends, before.marks.keys(), before.marks)
        found.update(each.kind for each in before.given if wanted(each))
        found.update(kind for kind, _ in doubtful.elements())  # of the grants that end: they had not before
        return _counts(found)

    async def _alive_among(
        self, wanted: Wanted, near: Collection[str], known: Mapping[str, Marks]
    ) -> tuple[Counter[str], Counter[tuple[str, str]]]:
        """Numbers by kind; and by kind and name, of what may have ended with its grant."""
        found, doubtful = Counter[str](), Counter[tuple[str, str]]()
        async for records in self._records(_pattern(near, f"[{TOKENS}{CODES}{FAMILIES}]", DIGEST), near):
            seen = [each for name, value in records if (each := self._seen(name, value)) and wanted(each)]
            marks = await self._marks({each.tag for each in seen if each.tag}, known)
            ended = _ended_grants(seen, marks)
            for each in seen:
                if each.tag is None and (each.family or each.kind == FAMILIES):
                    doubtful[each.kind, each.family or each.key] += 1
                elif each.tag is None or not (each.key in ended or _is_reached(each, marks[each.tag])):
                    found[each.kind] += 1
        return found, doubtful

    async def _marks(self, tags: Iterable[str], known: Mapping[str, Marks]) -> dict[str, Marks]:
        unknown = [tag for tag in tags if tag not in known]
        raw = await self._link.read_groups([[keys.marks(tag)] for tag in unknown]) if unknown else []
        return {tag: parse_marks(value) for tag, (value,) in zip(unknown, raw, strict=True)} | dict(known)

    async def _ended(self, near: Collection[str]) -> AsyncIterator[tuple[str, str]]:
        """Every grant that marks have ended: by the name that its tokens have, and by its own."""
        async for records in self._records(_pattern(near, "m", TAG - 3), near):
            for name, value in records:
                tag = name[1:4] + name[_LETTER + 1 :]
                for family in parse_marks(value).families:
                    yield TOKENS, family
                    yield FAMILIES, keys.family(tag, family)

    async def _records(self, pattern: str, near: Collection[str]) -> AsyncIterator[list[tuple[str, bytes]]]:
        prefixes = {tag[:3] for tag in near}
        async for found in self._link.scan(pattern):
            names = [name for name in found if not prefixes or name[1:4] in prefixes]
            values = await self._link.read_groups([[name] for name in names]) if names else []
            yield [(name, value) for name, (value,) in zip(names, values, strict=True) if value]

    def _seen(self, name: str, value: bytes) -> Seen | None:
        return self._token(name, value) if name[_LETTER] == TOKENS else self._grant(name, value)

    def _token(self, name: str, value: bytes) -> Seen | None:
        token = parse(value)
        if token is None:
            return None
        service, application = token.service, token.application
        tag = None if token.owner else self._tag(service, application, token.user_context, listed=bool(token.member))
        return Seen(name, TOKENS, service, application, token.version, token.stamp, token.family, token.owner, tag)

    def _grant(self, name: str, value: bytes) -> Seen | None:
        """A code or a refresh family."""
        record = orjson.loads(value)
        if "used" in record or record.get("dead"):
            return None
        user, owner = orjson.loads(record["body"]).get("u"), record.get("owner", "")
        service, application = record["service"], record["application"]
        tag = None if owner else self._tag(service, application, user, listed=record.get("listed", True))
        return Seen(name, name[_LETTER], service, application, record["version"], record["stamp"], "", owner, tag)

    def _tag(self, service: str, application: str, user: str | None, *, listed: bool) -> str | None:
        if user is not None:
            return self._texts.tag_of_user(int(service, 36), user)
        return self._texts.tag_of_client(int(service, 36), int(application, 36)) if listed else None


def _counts(found: Mapping[str, int]) -> Counts:
    return Counts(found[TOKENS], found[FAMILIES], found[CODES])


def _is_reached(seen: Seen, marks: Marks) -> bool:
    if seen.kind == CODES:  # neither another token nor the end of a grant is about what is under way
        return marks.revoked(seen.stamp, seen.application)
    return marks.reach(seen.stamp, seen.application, seen.family)


def _is_dead(seen: Seen, family: str, marks: Marks) -> bool:
    """Whether marks have ended what a list names."""
    return family in marks.families if seen.owner else marks.reach(seen.stamp, seen.application, family)


def _ended_grants(seen: Sequence[Seen], marks: Mapping[str, Marks]) -> set[str]:
    """The names of refresh families that marks have ended: a record of one does not tell what it is called there."""
    tags = {each.tag for each in seen if each.kind == FAMILIES and each.tag}
    return {keys.family(tag, family) for tag in tags for family in marks[tag].families}


def _places(entries: Iterable[tuple[Place, Listed]]) -> dict[str, tuple[str, str]]:
    """The records that a user's list names: for each key the tag whose marks count there, and the grant."""
    found = {}
    for place, entry in entries:
        if not entry.is_grant:
            found[keys.token(place)] = place.tag, entry.family
        if entry.family:
            found[keys.family(place.tag, entry.family)] = place.tag, entry.family
    return found


def _pattern(near: Collection[str], kinds: str, length: int) -> str:
    """The keys of some kinds: at the one place where all of these tags' things lie, or everywhere."""
    prefixes = {tag[:3] for tag in near}
    return f"{{{prefixes.pop() if len(prefixes) == 1 else '???'}}}{kinds}{'?' * length}"
