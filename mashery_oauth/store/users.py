"""One user at one service: which tokens there are, and their end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from ..models import Application, Service
from . import keys
from .candidates import Candidates
from .compaction import Compaction
from .issuing import now_ms
from .links import Link
from .ring import KeyRing, RingError
from .scripts import load
from .texts import DIGEST, TAG, Place, Texts
from .tokens import pointer_context
from .values import Marks, parse, parse_marks, short

REVOKE_USER, REVOKE_TOKEN, REVOKE_GRANT = load("revoke_user"), load("revoke_token"), load("revoke_grant")

COUNTED = 250  # tokens of a user that a revocation counts, in a tenth of a millisecond or two
DEAD, FOREVER = -1, 2**63  # in the place of a configuration version: below and above all


@dataclass(frozen=True, slots=True)
class Listed:
    """A token in a user's list. ``place`` is set for one that was moved here from another user, or for its grant."""

    application_id: int
    stamp: int
    family: str
    token: str
    expires: float  # milliseconds
    version: int  # of the configuration, as far as the entry tells
    place: Place | None = None
    sealed: str = ""

    @property
    def is_grant(self) -> bool:
        """Whether it is not a token but what a moved one is refreshed by."""
        return self.place is not None and not self.place.digest

    def alive(self, marks: Marks, now: int) -> bool:
        """Whether it still works, as far as index and marks tell; of a moved one only its own record tells more."""
        if self.expires <= now:
            return False
        return self.place is not None or not marks.reach(self.stamp, short(self.application_id), self.family)


class Users:
    """The tokens of users, by service."""

    def __init__(self, link: Link, texts: Texts, ring: KeyRing) -> None:
        self._link, self._texts, self._ring = link, texts, ring
        self._candidates, self._compaction = Candidates(texts, ring), Compaction(link, texts, ring)

    async def tokens(self, service: Service, user_context: str) -> list[tuple[int, str, int]]:
        """Application number, text (or handle, where texts are not derived) and what it takes to end it, by expiry.

        That is the configuration version that a token which lives was issued under; -1 for one that is dead.
        """
        tag = self._texts.tag_of_user(service.id, user_context)
        marks_key = keys.marks(tag)
        entries, raw = await asyncio.gather(self._entries(tag), self._link.run(marks_key, "GET", marks_key))
        found = [entry for entry in entries if not entry.is_grant]
        moved = await self._moved(tag, [entry for entry in found if entry.place])
        marks, now, listed = parse_marks(raw), now_ms(), dict[str, tuple[int, str, int]]()
        for entry in found:
            text = self._text(tag, entry) if entry.place is None or entry.place in moved else None
            if text is not None:  # one that was given here twice is still one
                version = entry.version if entry.place is None else moved[entry.place]
                version = version if entry.alive(marks, now) else DEAD
                listed[text] = (entry.application_id, text, max(version, listed[text][2] if text in listed else DEAD))
        return list(listed.values())

    async def _entries(self, tag: str) -> list[Listed]:
        """The whole list of a user, by expiry."""
        index = keys.index(tag)
        return _parsed(await self._link.run(index, "ZRANGE", index, 0, -1, "WITHSCORES"))

    def _text(self, tag: str, entry: Listed) -> str | None:
        if entry.place is None:
            return self._candidates.text_of(tag, entry.token)
        if not entry.sealed:
            return self._texts.handle(entry.place)
        try:
            return self._ring.open(entry.sealed, pointer_context(entry.place)).decode()
        except RingError:  # its key is gone, as where a text can no longer be derived
            return None

    async def _moved(self, tag: str, entries: list[Listed]) -> dict[Place, int]:
        """The versions of moved tokens: their own records say. One that went on to another user is left out."""
        places = [entry.place for entry in entries if entry.place]
        if not places:
            return {}
        read = await self._link.read_groups([(keys.token(place), keys.marks(place.tag)) for place in places])
        versions = {}
        for place, (value, marks) in zip(places, read, strict=True):
            stored = None if value is None else parse(value)
            if stored is None or stored.owner == tag:
                dead = stored is None or parse_marks(marks).reach_token(stored)
                versions[place] = DEAD if stored is None or dead else stored.version
        return versions

    async def marks(self, tag: str) -> Marks:
        """What was revoked of the user who has a tag."""
        (raw,) = await self._link.read(keys.marks(tag))
        return parse_marks(raw)

    async def given(
        self, service: Service, user_context: str, application: Application | None
    ) -> tuple[str, list[tuple[Place, Listed]]]:
        """The user's tag at a service, and what of the user's list a revocation follows: it lies elsewhere."""
        tag = self._texts.tag_of_user(service.id, user_context)
        return tag, await self._given(tag, application)

    async def _given(self, tag: str, application: Application | None) -> list[tuple[Place, Listed]]:
        wanted = None if application is None else application.id
        entries = [entry for entry in await self._entries(tag) if wanted in (None, entry.application_id)]
        return [(entry.place, entry) for entry in entries if entry.place]

    async def revoke(self, service: Service, user_context: str, application: Application | None) -> int | None:
        """Kills all that the user has there, with one application or with all: one script, whatever their number.

        Tokens that another user's text names were given to this user; they are followed before this returns.

        :returns: how many listed tokens died, without those that were given; ``None`` where it would take long.
        """
        tag = self._texts.tag_of_user(service.id, user_context)
        whose = "" if application is None else short(application.id)
        moved, died = await self._link.script(REVOKE_USER, [keys.marks(tag), keys.index(tag)], [whose, COUNTED])
        if moved:
            await self._revoke_moved(tag, service, application)
        return None if died < 0 else int(died)

    async def _revoke_moved(self, tag: str, service: Service, application: Application | None) -> None:
        for place, entry in await self._given(tag, application):
            if entry.is_grant:
                await self._revoke_grant(place, service, None, owner=tag)
            else:
                await self._revoke(place, entry.family, service, None, owner=tag, grant=True)

    async def revoke_token(self, service: Service, text: str, application: Application | None, *, grant: bool) -> bool:
        """Kills a token by its text or handle, or a grant by a refresh token's text; whether it is dead now.

        :param application: whose it must be; ``None`` for an operator, who may kill any.
        :param grant: whether the grant's other tokens die with an access token.
        """
        refresh = self._texts.locate_refresh(text)
        if refresh is not None:
            return await self._revoke_grant(refresh, service, application)
        place = self._texts.locate(text) or self._texts.locate_handle(text)
        if place is None:
            return False
        (value,) = await self._link.read(keys.token(place))
        if value is None:
            return False
        stored = parse(value)
        family = stored.family if stored else ""
        return await self._revoke(place, family, service, application, owner=None, grant=grant)

    async def _revoke(
        self,
        place: Place,
        family: str,
        service: Service,
        application: Application | None,
        *,
        owner: str | None,
        grant: bool,
    ) -> bool:
        tag = place.tag
        arguments = {
            "service": short(service.id),
            "application": short(application.id) if application else False,
            "owner": owner or False,
            "family": family,
            "grant": grant,
        }
        outcome, *crowd = await self._link.script(
            REVOKE_TOKEN,
            [
                keys.token(place),
                keys.marks(tag),
                keys.index(tag),
                keys.family(tag, family),
                keys.grace(tag, family),
            ],
            [orjson.dumps(arguments)],
        )
        await self._compaction.end(tag, crowd)
        return bool(outcome == b"dead")

    async def _revoke_grant(
        self, place: Place, service: Service, application: Application | None, *, owner: str | None = None
    ) -> bool:
        tag, family = place.tag, place.family
        arguments = {
            "service": short(service.id),
            "application": short(application.id) if application else False,
            "family": family,
            "presented": place.digest,
            "owner": owner or False,
        }
        outcome, *crowd = await self._link.script(
            REVOKE_GRANT,
            [keys.family(tag, family), keys.grace(tag, family), keys.marks(tag)],
            [orjson.dumps(arguments)],
        )
        await self._compaction.end(tag, crowd)
        return bool(outcome == b"dead")


def _parsed(members: Iterable[bytes]) -> list[Listed]:
    """Index members with their scores; a moved token's begins with ``>``, a moved grant's with ``=``."""
    flat = list(members)
    found = []
    for member, score in zip(flat[::2], flat[1::2], strict=True):
        application, stamp, family, token = member.decode().lstrip(">=").split(".", 3)
        place, sealed, version = None, "", FOREVER
        if member.startswith(b"="):
            place = Place(token, "", family)
        elif member.startswith(b">"):
            place, sealed = Place(token[:TAG], token[TAG : TAG + DIGEST]), token[TAG + DIGEST :]
        elif "." in token:
            token, _, issued = token.partition(".")
            version = int(issued, 36)
        found.append(Listed(int(application, 36), int(stamp), family, token, float(score), version, place, sealed))
    return found
