"""Authorization codes: kept until their own expiry, used or not, so that a second redemption is noticed."""

from __future__ import annotations

from typing import Any

import orjson

from .. import errors
from ..errors import Refusal, Row
from ..models import Grant, Issued, Redirection, Request
from . import keys
from .answers import keeping, reopened
from .candidates import Candidate, Candidates
from .compaction import Compaction
from .issuing import Answer, issued_again, listed, refresh_arguments, secrets_of, tag_of, token_arguments
from .links import Link
from .ring import KeyRing
from .scripts import load
from .texts import Texts
from .values import body, short

ISSUE, REDEEM = load("issue_code"), load("redeem_code")

REFUSED: dict[bytes, Row] = {
    b"invalid": errors.INVALID_CODE,
    b"replay": errors.INVALID_CODE,
    b"mismatch": errors.REDIRECT_MISMATCH,
    b"redirect_missing": errors.REDIRECT_MISSING,
    b"verifier_unexpected": errors.VERIFIER_UNEXPECTED,
    b"verifier_wrong": errors.VERIFIER_WRONG,
    b"scope": errors.INVALID_SCOPE,
    b"full": errors.TOKEN_LIMIT,
}

CODE_REPLAYED = "code_replayed"  # somebody has a code that was used: its grant is dead


class Codes:
    """The authorization codes of all services."""

    def __init__(self, link: Link, texts: Texts, ring: KeyRing) -> None:
        self._link, self._texts, self._ring = link, texts, ring
        self._candidates, self._compaction = Candidates(texts, ring), Compaction(link, texts, ring)

    async def issue(self, grant: Grant, redirection: Redirection, request: Request) -> str:
        """A new code, bound to client, redirect URI and challenge (RFC 6749 §4.1.2, RFC 7636 §4.4)."""
        text, place = self._candidates.code(tag_of(self._texts, grant))
        keep = keeping(self._ring, grant.once, place.tag, text.encode)
        members = {
            "application": short(grant.application.id),
            "service": short(grant.service.id),
            "redirect": redirection.uri,
            "sent": redirection.sent,
            "challenge": request.code_challenge or "",
            "method": request.code_challenge_method or "plain",
            "version": grant.version,
            "body": body(grant.flow, grant.scope, grant.user_context),
            "listed": listed(grant),
            "life": grant.service.policy.code_ttl * 1000,
        }
        names = [keys.code(place), keys.marks(place.tag), *keep.keys]
        answer = await self._link.script(ISSUE, names, [orjson.dumps(members), orjson.dumps(keep.arguments)])
        if answer[0] == b"kept":
            return reopened(self._ring, grant.once, place.tag, answer[1])[0].decode()
        return text

    async def redeem(self, grant: Grant, request: Request, verifier_s256: str, scope: str | None) -> Issued:
        """The one token of a code, in one trip (RFC 6749 §4.1.3).

        :param grant: who asks; scope and user come from the code.
        :param verifier_s256: the S256 form of the request's verifier, ``""`` where there is none.
        :param scope: what a draft 10 client wants of the granted scope; ``None`` for all.
        :raises Refusal: the code is unknown, used, expired or another's; or redirect URI, verifier or scope do not fit.
        """
        place = self._texts.locate(request.code or "")
        if place is None:
            raise Refusal(errors.INVALID_CODE)
        policy, tag = grant.service.policy, place.tag
        access = self._candidates.access(tag, policy, grant.version, listed=True)
        family = self._candidates.family()
        arguments: dict[str, Any] = token_arguments(grant.service, grant.application, access) | {
            "floor": grant.floor,
            "redirect": request.redirect_uri or "",
            "verifier": request.code_verifier or "",
            "verifier_s256": verifier_s256,
            "scope": scope or False,
            "digest": access.place.digest,
            "family": family,
        }
        refresh = None
        if grant.with_refresh:
            refresh, refresh_place = self._candidates.refresh(tag, family)
            arguments |= refresh_arguments(policy, refresh_place.digest)
        keep = keeping(self._ring, grant.once, tag, lambda: secrets_of(access, refresh, policy))
        answer = await self._link.script(
            REDEEM,
            [
                keys.code(place),
                keys.marks(tag),
                keys.token(access.place),
                keys.family(tag, family),
                keys.index(tag),
                *keep.keys,
            ],
            [orjson.dumps(arguments | keep.arguments)],
        )
        if answer[0] == b"replay":
            await self._compaction.end(tag, answer[1:])
        return self._redeemed(grant, access, refresh, answer)

    def _redeemed(self, grant: Grant, access: Candidate, refresh: str | None, answer: list[bytes]) -> Issued:
        if answer[0] in REFUSED:
            raise Refusal(REFUSED[answer[0]], reason=CODE_REPLAYED if answer[0] == b"replay" else None)
        if answer[0] == b"kept":
            return issued_again(*reopened(self._ring, grant.once, access.place.tag, answer[1]))
        parts = orjson.loads(answer[2])
        return Answer(access, refresh, parts.get("s"), parts.get("u")).issued(grant.service.policy)
