"""Refresh tokens: one key per family, one live generation, and the same answer again for an honest retry."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

from .. import errors, metrics
from ..errors import Refusal
from ..models import Grant, Issued
from . import keys
from .answers import keeping, reopened
from .candidates import Candidate, Candidates
from .compaction import Compaction
from .issuing import Answer, issued_again, lifetime, now_ms, secrets_of, token_arguments
from .links import Link
from .ring import KeyRing, open_for, seal_for
from .scripts import load
from .texts import Place, Texts
from .tokens import Tokens
from .values import Stored, short

ROTATE = load("rotate_refresh")
REFRESH_REUSED = "refresh_reused"  # somebody has a refresh token of an earlier generation: its grant is dead
REFRESH_REPEATED = "refresh_repeated"  # within the grace: an answer was lost, or two asked at once


@dataclass(frozen=True, slots=True)
class Following:
    """What is to follow a refresh token; ``sealed`` is the same for whoever still holds the old text."""

    access: Candidate
    refresh: str
    place: Place
    sealed: str = ""


class Families:
    """The refresh families of all services."""

    def __init__(self, link: Link, texts: Texts, ring: KeyRing, tokens: Tokens) -> None:
        self._link, self._texts, self._ring, self._tokens = link, texts, ring, tokens
        self._candidates, self._compaction = Candidates(texts, ring), Compaction(link, texts, ring)

    async def rotate(self, grant: Grant, presented: str, scope: str | None, *, rotation: bool) -> Issued:
        """The successor of a refresh token, in one trip (RFC 6749 §6, RFC 9700 §4.14).

        :param scope: what the new access token may do, within the grant's; ``None`` for all of it.
        :param rotation: whether the refresh token is replaced too.
        :raises Refusal: unknown, expired, revoked, another's, reused; or the scope is wider than granted.
        """
        place = self._texts.locate_refresh(presented)
        if place is None:
            raise Refusal(errors.INVALID_REFRESH_TOKEN)
        following = self._following(grant, presented, place, rotation=rotation)
        answer = await self._run(grant, place, following, scope)
        return await self._answer(grant, presented, place, following, answer)

    def _following(self, grant: Grant, presented: str, place: Place, *, rotation: bool) -> Following:
        access = self._candidates.access(place.tag, grant.service.policy, grant.version, listed=True)
        if not rotation:
            return Following(access, presented, place)
        refresh, refresh_place = self._candidates.refresh(place.tag, place.family)
        sealed = seal_for(presented, secrets_of(access, refresh, grant.service.policy))
        return Following(access, refresh, refresh_place, sealed)

    async def _run(self, grant: Grant, place: Place, following: Following, scope: str | None) -> list[bytes]:
        policy, tag = grant.service.policy, place.tag
        arguments = token_arguments(grant.service, grant.application, following.access) | {
            "floor": grant.floor,
            "presented": place.digest,
            "next": following.place.digest,
            "rotation": following.place is not place,
            "scope": scope or False,
            "idle": (policy.refresh_idle_ttl or 0) * 1000,
            "longest": lifetime(None),
            "grace": policy.refresh_grace * 1000,
            "sealed": following.sealed,
            "family": place.family,
        }
        access, refresh = following.access, following.refresh
        keep = keeping(self._ring, grant.once, tag, lambda: secrets_of(access, refresh, policy))
        answer: list[bytes] = await self._link.script(
            ROTATE,
            [
                keys.family(tag, place.family),
                keys.grace(tag, place.family),
                keys.token(following.access.place),
                keys.marks(tag),
                keys.index(tag),
                *keep.keys,
            ],
            [orjson.dumps(arguments | keep.arguments)],
        )
        return answer

    async def _answer(
        self, grant: Grant, presented: str, place: Place, following: Following, answer: list[bytes]
    ) -> Issued:
        policy = grant.service.policy
        match answer[0]:
            case b"new":
                parts = orjson.loads(answer[2])
                if answer[3]:
                    end, body, owner = int(answer[1]), answer[2], answer[3]
                    await self._point(grant, following.access, place.family, end, body=body, owner=owner)
                return Answer(following.access, following.refresh, parts.get("s"), parts.get("u")).issued(policy)
            case b"again":
                metrics.seen(REFRESH_REPEATED)
                opened, body = open_for(presented, answer[1].decode()), answer[2]
                return await self._repeated(grant, place.family, opened, body, owner=answer[3])
            case b"kept":
                opened, body = reopened(self._ring, grant.once, place.tag, answer[1])
                return await self._repeated(grant, place.family, opened, body, owner=answer[2])
            case b"scope":
                raise Refusal(errors.INVALID_SCOPE)
            case b"reuse":
                await self._compaction.end(place.tag, answer[1:])
                raise Refusal(errors.INVALID_REFRESH_TOKEN, reason=REFRESH_REUSED)
            case _:
                raise Refusal(errors.INVALID_REFRESH_TOKEN)

    async def _repeated(self, grant: Grant, family: str, opened: bytes, body: bytes, *, owner: bytes) -> Issued:
        """The answer from the first time, which may have been lost before a moved grant's token was listed."""
        issued = issued_again(opened, body)
        place = self._texts.locate(issued.access_token)
        if owner and place:
            end = now_ms() + lifetime(issued.expires_in)
            await self._point(grant, Candidate(issued.access_token, place), family, end, body=body, owner=owner)
        return issued

    async def _point(
        self, grant: Grant, access: Candidate, family: str, expiry: int, *, body: bytes, owner: bytes
    ) -> None:
        """A moved grant's new token is listed, like the one before it, under the user that has it now."""
        parts = orjson.loads(body)
        stored = Stored(
            stamp=0,
            version=0,
            service=short(grant.service.id),
            application=short(grant.application.id),
            expires=expiry,
            family=family,
            owner=owner.decode(),
            member="",
            mac="",
            flow=parts["f"],
            scope=parts.get("s"),
            user_context=parts.get("u"),
        )
        await self._tokens.point(grant.service, access.text, access.place, stored)
