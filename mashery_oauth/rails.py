"""What a policy may say at all: every limit that no operator can pass."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from . import scopes
from .errors import Refusal
from .flows import FLOWS
from .models import TEN_YEARS, Policy
from .operation import OperationError
from .profiles import PROFILES

SEPARATORS_OF_DRAFT10 = " +"


@dataclass(frozen=True, slots=True)
class Rail:
    """The bounds of a number, both allowed; ``off`` says whether it can be switched off."""

    lowest: int
    highest: int
    off: bool = False


RAILS = {
    "code_ttl": Rail(10, 3600),
    "access_ttl": Rail(1, TEN_YEARS, off=True),
    "access_ttl_max": Rail(1, TEN_YEARS),
    "refresh_idle_ttl": Rail(60, TEN_YEARS, off=True),
    "refresh_absolute_ttl": Rail(60, TEN_YEARS, off=True),
    "refresh_grace": Rail(0, 300),
    "inactive_retention": Rail(0, 2_592_000),
    "token_cap": Rail(1, 10_000, off=True),
}
CHOICES = {
    "profile": tuple(PROFILES),
    "redirect_match": ("exact", "registered", "any"),
    "pkce": ("optional", "public", "required"),
    "token_type": ("bearer", "mac"),
    "mac_algorithm": ("hmac-sha-1", "hmac-sha-256"),
    "revocation": ("grant", "token"),
    "guess_limit": ("lenient", "strict"),
    "scope_separators": (" ", SEPARATORS_OF_DRAFT10),
}


def check_policy(policy: Policy, *, imported: bool) -> None:
    """Whether a service may have it.

    :param imported: it comes from somewhere else, where what nobody should start with may be in use.
    :raises OperationError: it breaks a limit; names the member.
    """
    _check_choices(policy)
    _check_numbers(policy)
    for flow in sorted(policy.flows):
        check_flow("flows", flow, policy.profile)
    _check_scopes(policy)
    _check_aliases(policy)
    if policy.redirect_match == "any" and not imported:
        raise OperationError("redirect_match", "any can only be imported; use exact or registered")
    if policy.token_type == "mac" and not PROFILES[policy.profile].mac_tokens:
        raise OperationError("token_type", f"the profile {policy.profile} has no mac tokens")


def _check_choices(policy: Policy) -> None:
    for name, choices in CHOICES.items():
        if getattr(policy, name) not in choices:
            listed = ", ".join(repr(choice) if " " in choice else choice for choice in choices)
            raise OperationError(name, f"must be one of: {listed}")
    if policy.scope_separators == SEPARATORS_OF_DRAFT10 and policy.profile != "draft10":
        raise OperationError("scope_separators", "only the profile draft10 has a second separator")


def _check_numbers(policy: Policy) -> None:
    for name, rail in RAILS.items():
        value: int | None = getattr(policy, name)
        fits = rail.off if value is None else rail.lowest <= value <= rail.highest
        if not fits:
            or_off = " or off" if rail.off else ""
            raise OperationError(name, f"must be {rail.lowest} to {rail.highest}{or_off}")
    if policy.access_ttl is not None and policy.access_ttl > policy.access_ttl_max:
        raise OperationError("access_ttl", f"must be at most access_ttl_max, {policy.access_ttl_max}")


def check_flow(field: str, name: str, profile: str | None = None) -> None:
    """Whether it is a flow, and known in a profile.

    :param profile: ``None`` where it need not be known in any.
    :raises OperationError: it is not.
    """
    if name not in FLOWS:
        raise OperationError(field, f"there is no flow {name!r}; there are: {', '.join(FLOWS)}")
    if profile is not None and not FLOWS[name].known_in(profile):
        raise OperationError(field, f"the profile {profile} does not know the flow {name}")


def _check_scopes(policy: Policy) -> None:
    for name, words in (("scopes", policy.scopes or ()), ("default_scopes", policy.default_scopes)):
        for word in words:
            check_scope(name, word, policy.scope_separators)
    _check_within("default_scopes", policy.default_scopes, policy.scopes)
    if len(" ".join(policy.default_scopes)) > scopes.LONGEST:
        raise OperationError("default_scopes", f"must be {scopes.LONGEST} characters or fewer together")


def check_scope(field: str, word: str, separators: str) -> None:
    """Whether it is one well-formed word of a scope.

    :raises OperationError: it is not.
    """
    try:
        words = scopes.split(word, separators)
    except Refusal:
        words = []
    if words != [word]:
        raise OperationError(field, f"{word!r} is not one scope")


def _check_within(field: str, words: tuple[str, ...], allowed: Container[str] | None) -> None:
    for word in words:
        if allowed is not None and word not in allowed:
            raise OperationError(field, f"{word!r} is not in scopes")


def _check_aliases(policy: Policy) -> None:
    if policy.grant_aliases and policy.profile != "draft10":
        raise OperationError("grant_aliases", "only the profile draft10 has aliases")
    standard = {name for flow in FLOWS.values() for name in flow.grant_types}
    for alias, scope in policy.grant_aliases.items():
        if not alias or not alias.isprintable() or alias in standard:
            raise OperationError("grant_aliases", f"{alias!r} cannot be the name of an alias")
        check_scope("grant_aliases", scope, policy.scope_separators)
        _check_within("grant_aliases", (scope,), policy.scopes)
