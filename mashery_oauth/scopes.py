"""Scopes: what one looks like, how several are split, and which a request may have. RFC 6749 §3.3."""

from __future__ import annotations

import re

from .errors import INVALID_SCOPE, Refusal
from .models import Policy

LONGEST = 1024
_TOKEN = re.compile(r"[!#-\[\]-~]+").fullmatch


def split(scope: str, separators: str) -> list[str]:
    """The words of a scope, in order, without repetitions. A service may let ``+`` separate them as well.

    :raises Refusal: it is too long or has a character that no scope may have.
    """
    if len(scope) > LONGEST:
        raise Refusal(INVALID_SCOPE)
    if "+" in separators:
        scope = scope.replace("+", " ")
    words = [word for word in scope.split(" ") if word]
    if any(_TOKEN(word) is None for word in words):
        raise Refusal(INVALID_SCOPE)
    return list(dict.fromkeys(words))


def granted(policy: Policy, asked: str | None) -> str | None:
    """The scope that a new grant gets: what was asked, or the service's default; ``None`` for none.

    :raises Refusal: it is ill-formed or has a word that the service does not allow; nothing is narrowed in silence.
    """
    if asked is None:
        return " ".join(policy.default_scopes) or None
    words = split(asked, policy.scope_separators)
    if policy.scopes is not None and any(word not in policy.scopes for word in words):
        raise Refusal(INVALID_SCOPE)
    if "+" in policy.scope_separators:
        return " ".join(words) or None
    return asked if words else None


def narrowed(policy: Policy, asked: str | None) -> str | None:
    """What a client wants of a scope that it already has; the store compares it with the grant.

    :raises Refusal: it is ill-formed.
    """
    if asked is None:
        return None
    return " ".join(split(asked, policy.scope_separators)) or None
