"""What every script that makes a token is handed: lifetimes, the new texts, and how the user's index takes them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import orjson

from ..models import TEN_YEARS, Application, Grant, Issued, Policy, Service
from .candidates import Candidate
from .texts import Texts, random_letters
from .values import short

RAIL = 10_000  # tokens of one user at one service


def now_ms() -> int:
    """The machine's clock, in milliseconds since 1970."""
    return int(time.time() * 1000)


def lifetime(seconds: int | None) -> int:
    """A lifetime in milliseconds; ten years where it is switched off."""
    return (TEN_YEARS if seconds is None else seconds) * 1000


def refresh_lifetime(policy: Policy) -> int:
    """How long a refresh token lives if it is never used, in milliseconds."""
    return min(lifetime(policy.refresh_idle_ttl), lifetime(policy.refresh_absolute_ttl))


def is_counted(policy: Policy) -> bool:
    """Whether tokens without a user must be found again, to be replaced or counted."""
    return not policy.allow_multiple_tokens or policy.token_cap is not None


def tag_of(texts: Texts, grant: Grant) -> str:
    """Where a grant's texts go: to its user, to its client where those are counted, else where its call belongs."""
    if grant.user_context is not None:
        return texts.tag_of_user(grant.service.id, grant.user_context)
    if is_counted(grant.service.policy):
        return texts.tag_of_client(grant.service.id, grant.application.id)
    if grant.once is not None:  # a repetition must find the place again
        return texts.tag_of_key(grant.once.name)
    return random_letters(12)


def listed(grant: Grant) -> bool:
    """Whether a grant's tokens go into an index."""
    return grant.user_context is not None or is_counted(grant.service.policy)


def token_arguments(service: Service, application: Application, made: Candidate) -> dict[str, Any]:
    """The arguments that issue, redeem and rotate have in common."""
    policy = service.policy
    return {
        "application": short(application.id),
        "service": short(service.id),
        "life": lifetime(policy.access_ttl),
        "endless": policy.access_ttl is None,
        "retention": policy.inactive_retention * 1000,
        "member": made.member,
        "start": made.start,
        "mac": made.mac,
        "single": not policy.allow_multiple_tokens,
        "cap": policy.token_cap or 0,
        "rail": RAIL,
    }


def refresh_arguments(policy: Policy, digest: str) -> dict[str, Any]:
    """What a new refresh family is handed; its absolute end counts from now."""
    return {
        "refresh": digest,
        "absolute": 0 if policy.refresh_absolute_ttl is None else policy.refresh_absolute_ttl * 1000,
        "refresh_life": refresh_lifetime(policy),
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """What the new token's owner hears."""

    access: Candidate
    refresh: str | None
    scope: str | None
    user_context: str | None

    def issued(self, policy: Policy) -> Issued:
        """The same in createAccessToken's terms."""
        return Issued(
            access_token=self.access.text,
            token_type=policy.token_type,
            expires_in=policy.access_ttl,
            refresh_token=self.refresh,
            scope=self.scope,
            user_context=self.user_context,
            extended=self.access.extended,
        )


def secrets_of(access: Candidate, refresh: str | None, policy: Policy) -> bytes:
    """What must be sealed of an answer that may be given again; scope and user are in the token's body."""
    return orjson.dumps([access.text, refresh, access.extended, policy.access_ttl])


def issued_again(opened: bytes, body: bytes) -> Issued:
    """The answer from the first time."""
    text, refresh, extended, life = orjson.loads(opened)
    parts = orjson.loads(body)
    return Issued(
        access_token=text,
        token_type="mac" if extended else "bearer",
        expires_in=life,
        refresh_token=refresh,
        scope=parts.get("s"),
        user_context=parts.get("u"),
        extended=extended,
    )
