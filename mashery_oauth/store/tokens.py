"""Access tokens: made, looked up, changed."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

import orjson

from ..errors import TOKEN_LIMIT, UPDATE_FAILED, Refusal, StoreUnavailable
from ..models import Application, Change, Grant, Issued, Service
from . import keys
from .answers import keeping, reopened
from .candidates import Candidate, Candidates, mac_context
from .configuration import Configuration
from .issuing import (
    Answer,
    issued_again,
    lifetime,
    listed,
    now_ms,
    refresh_arguments,
    refresh_lifetime,
    secrets_of,
    tag_of,
    token_arguments,
)
from .links import Link
from .ring import KeyRing
from .scripts import load
from .texts import Place, Texts
from .values import Live, Stored, body, parse, parse_marks, short

ISSUE, UPDATE, POINT = load("issue_token"), load("update_token"), load("add_pointer")
POINTERS = 100  # moved tokens that one user may be given
_PATIENCE = 2.0  # seconds that an update contends with others for its token
_PAUSE = 0.005  # seconds, longer with each attempt, and by chance: who fails together shall not try again together


class Tokens:
    """The access tokens of all services."""

    def __init__(self, link: Link, texts: Texts, ring: KeyRing, configuration: Configuration) -> None:
        self._link, self._texts, self._ring = link, texts, ring
        self._configuration = configuration
        self._candidates = Candidates(texts, ring)

    async def issue(self, grant: Grant) -> Issued:
        """Makes a token, in one trip; plain and without a script where nobody will list or count it.

        :raises Refusal: ``token_limit``, when the service's cap is reached.
        """
        policy = grant.service.policy
        tag = tag_of(self._texts, grant)
        access = self._candidates.access(tag, policy, grant.version, listed=listed(grant))
        if listed(grant) or grant.with_refresh or grant.once:
            return await self._issue_kept(grant, access)
        await self._issue_plain(grant, access)
        return Answer(access, None, grant.scope, grant.user_context).issued(policy)

    async def _issue_plain(self, grant: Grant, access: Candidate) -> None:
        life = lifetime(grant.service.policy.access_ttl)
        now = now_ms()
        expires = -(now + life) if grant.service.policy.access_ttl is None else now + life
        record = f"0.{grant.version}.{short(grant.service.id)}.{short(grant.application.id)}.{expires}....{access.mac}|"
        key = keys.token(access.place)
        record += body(grant.flow, grant.scope, grant.user_context)
        await self._link.write(key, "SET", key, record, "PX", life, "NX")  # if it comes late, not over a revocation

    async def _issue_kept(self, grant: Grant, access: Candidate) -> Issued:
        tag, policy = access.place.tag, grant.service.policy
        family = self._candidates.family() if grant.with_refresh else ""
        arguments = token_arguments(grant.service, grant.application, access) | {
            "floor": grant.floor,
            "version": grant.version,
            "family": family,
            "listed": listed(grant),
            "body": body(grant.flow, grant.scope, grant.user_context),
        }
        refresh = None
        if family:
            refresh, place = self._candidates.refresh(tag, family)
            arguments |= refresh_arguments(policy, place.digest)
        keep = keeping(self._ring, grant.once, tag, lambda: secrets_of(access, refresh, policy))
        answer = await self._link.script(
            ISSUE,
            [keys.token(access.place), keys.marks(tag), keys.index(tag), keys.family(tag, family), *keep.keys],
            [orjson.dumps(arguments | keep.arguments)],
        )
        if answer[0] == b"kept":
            return issued_again(*reopened(self._ring, grant.once, tag, answer[1]))
        if answer[0] == b"full":
            raise Refusal(TOKEN_LIMIT)
        return Answer(access, refresh, grant.scope, grant.user_context).issued(policy)

    async def fetch(self, service: Service, floor: int, texts: Sequence[str]) -> list[Live | None]:
        """The live tokens among ``texts``, ``None`` for each that is unknown, dead or of another service. One trip.

        :param floor: the configuration version below which the site's tokens are dead.
        """
        places = [self._texts.locate(text) for text in texts]
        groups = [(keys.token(place), keys.marks(place.tag)) for place in places if place]
        values = iter(await self._link.read_groups(groups) if groups else [])
        return [await self._judged(service, floor, place, *next(values)) if place else None for place in places]

    async def _judged(
        self, service: Service, floor: int, place: Place, value: bytes | None, marks: bytes | None
    ) -> Live | None:
        stored = None if value is None else parse(value)
        if stored is None or stored.service != short(service.id):
            return None
        if marks is not None and parse_marks(marks).reach_token(stored):
            return None
        application = await self._configuration.application_by_id(service.site_id, int(stored.application, 36))
        if application is None or not application.active or service.key not in application.services:
            return None
        if stored.version < max(floor, service.revoked_before, application.revoked_before):
            return None
        return self._live(stored, place, application)

    def _live(self, stored: Stored, place: Place, application: Application) -> Live:
        if not stored.mac:
            return Live(application, stored)
        algorithm, _, sealed = stored.mac.partition(":")
        key = self._ring.open(sealed, mac_context(place)).decode()
        return Live(application, stored, {"mac_key": key, "mac_algorithm": algorithm})

    async def read(self, place: Place) -> tuple[bytes | None, Stored | None]:
        """A token's record as it is, whoever it belongs to, and what it says if it is not dead by a mark."""
        value, marks = await self._link.read(keys.token(place), keys.marks(place.tag))
        stored = None if value is None else parse(value)
        if stored is not None and parse_marks(marks).reach_token(stored):
            stored = None
        return value, stored

    async def update(self, service: Service, floor: int, text: str, application: Application, change: Change) -> Live:
        """Changes what is given: of the token, and scope and user of its grant too.

        :raises Refusal: ``update_failed``, the token is dead, foreign or another client's.
        :raises StoreUnavailable: others change it all the time.
        """
        place = self._texts.locate(text)
        if place is None:
            raise Refusal(UPDATE_FAILED)
        sealed = self._sealed(service, text, place)  # once: however often it is tried, one entry is listed
        pause, deadline = 0.0, time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            value, stored = await self.read(place)
            token = await self._judged(service, floor, place, value, None) if stored else None
            if value is None or stored is None or token is None or token.application.id != application.id:
                raise Refusal(UPDATE_FAILED)
            wanted = self._changed(stored, service, change)
            if wanted == stored and not (stored.family and (change.scope or change.user_context)):  # nor may the grant
                return self._live(stored, place, application)
            # Also where the token stays with its user: its grant, of which that user's list may know no more, may come.
            if wanted.owner and (change.user_context or wanted.expires != stored.expires):
                await self._point(service, sealed, place, wanted, 0 if wanted.owner == stored.owner else POINTERS)
            outcome = await self._write(place, value, wanted, service, change)
            if outcome == b"ok":
                return self._live(wanted, place, application)
            if outcome == b"gone":
                raise Refusal(UPDATE_FAILED)
            pause += _PAUSE
            await asyncio.sleep(random.uniform(0, pause))  # noqa: S311  not a secret
        raise StoreUnavailable("others change the token all the time")

    def _changed(self, stored: Stored, service: Service, change: Change) -> Stored:
        wanted = stored
        if change.scope is not None:
            wanted = wanted._replace(scope=change.scope)
        if change.expires_in is not None:
            wanted = wanted._replace(expires=now_ms() + change.expires_in * 1000)
        user = change.user_context
        if user is not None and user != stored.user_context:
            owner = self._texts.tag_of_user(service.id, user)
            wanted = wanted._replace(user_context=user, owner=owner, member="")
        return wanted if wanted == stored else wanted._replace(changes=stored.changes + 1)

    async def _write(self, place: Place, value: bytes, wanted: Stored, service: Service, change: Change) -> bytes:
        arguments: dict[str, Any] = {
            "expiry": abs(wanted.expires),
            "life": 0 if change.expires_in is None else change.expires_in * 1000,
            "retention": service.policy.inactive_retention * 1000,
            "owner": wanted.owner,
            "family": wanted.family,
            "scope": change.scope or False,
            "user": change.user_context or False,
        }
        tag = place.tag
        outcome: bytes = await self._link.script(
            UPDATE,
            [keys.token(place), keys.marks(tag), keys.index(tag), keys.family(tag, wanted.family)],
            [value, wanted.dump(), orjson.dumps(arguments)],
        )
        return outcome

    async def point(self, service: Service, text: str, place: Place, stored: Stored) -> None:
        """Tells a token's new owner where it is, before it changes hands: that owner's revocation will follow.

        The text cannot be derived from another user's tag, so the pointer holds it sealed. What may still be
        refreshed has an entry of its own, which outlives the token's.
        """
        await self._point(service, self._sealed(service, text, place), place, stored, 0)

    def _sealed(self, service: Service, text: str, place: Place) -> str:
        return "" if service.policy.secure_tokens else self._ring.seal(text.encode(), pointer_context(place))

    async def _point(self, service: Service, sealed: str, place: Place, stored: Stored, most: int) -> None:
        """See :meth:`point`.

        :param most: moved tokens that the user may have; 0 for any number.
        :raises Refusal: ``token_limit``, that user was given too many.
        """
        arguments = {
            "application": stored.application,
            "member": f"{stored.family}.{place.tag}{place.digest}{sealed}",
            "place": place.tag + place.digest,
            "expiry": abs(stored.expires),
            "retention": service.policy.inactive_retention * 1000,
            "many": POINTERS,
            "most": most,
            **await self._grant_entry(service, place.tag, stored),
        }
        answer = await self._link.script(
            POINT, [keys.index(stored.owner), keys.marks(stored.owner)], [orjson.dumps(arguments)]
        )
        if answer == b"full":
            raise Refusal(TOKEN_LIMIT)

    async def _grant_entry(self, service: Service, tag: str, stored: Stored) -> dict[str, Any]:
        """How a moved grant's refresh family is found by its new owner, and until when that may be needed."""
        family = keys.family(tag, stored.family)
        left = await self._link.run(family, "PTTL", family) if stored.family else 0
        if left <= 0:
            return {"grant": False, "grant_expiry": 0}
        end = now_ms() + max(left, refresh_lifetime(service.policy))
        return {"grant": f"={stored.application}.0.{stored.family}.{tag}", "grant_expiry": end}


def pointer_context(place: Place) -> str:
    """What a moved token's sealed text is bound to."""
    return f"pointer:{place.digest}"
