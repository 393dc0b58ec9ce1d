"""The table of a policy's members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields

from mashery_oauth.models import Policy
from mashery_oauth.rails import CHOICES, RAILS

from .tables import Gap, code, codes
from .tables import table as list_table

MEANING = {
    "profile": "The text that the service follows.",
    "flows": "The flows that are on.",
    "access_ttl": "Life of an access token, in seconds.",
    "access_ttl_max": "Longest life that updateAccessToken may set, in seconds.",
    "code_ttl": "Life of an authorization code, in seconds.",
    "refresh_idle_ttl": "Life of a refresh token that is not used, in seconds.",
    "refresh_absolute_ttl": "Life of a grant through all its refreshes, in seconds.",
    "refresh_rotation": "Each refresh replaces the refresh token.",
    "refresh_grace": "How long a repeated refresh gets the same answer, in seconds.",
    "redirect_match": "How a redirect URI is compared with those that are registered.",
    "force_https": "A redirect URI must use https, but for native applications.",
    "pkce": "Who must use PKCE; the stricter of this and the profile holds.",
    "scopes": "The scopes that may be asked for; off allows any.",
    "default_scopes": "The scopes of a grant for which none were asked.",
    "scope_separators": "What separates scopes in a request.",
    "grant_aliases": "Private grant types that mean client_credentials, each with the scope that it requires.",
    "token_type": "The kind of token that is made.",
    "mac_algorithm": "The algorithm of MAC tokens.",
    "allow_multiple_tokens": "A client may have several live tokens of one user; otherwise a new one replaces the old.",
    "token_cap": "Most live tokens that an application may have of one user.",
    "secure_tokens": "Lists show handles, and no token text can be worked out from the store.",
    "revocation": "Whether revokeAccessToken ends the whole grant or the token alone.",
    "guess_limit": "Whether too many wrong secrets hold up wrong ones only, or right ones too.",
    "inactive_retention": "How long a dead token stays in lists, in seconds.",
}
KINDS = {
    "bool": "true or false",
    "frozenset": "list",
    "int": "number",
    "Mapping": "table",
    "str": "text",
    "tuple": "list",
}
NEEDS = {
    "flows": "known in the profile",
    "redirect_match": "``any`` only by import",
    "scope_separators": "the second one only in ``draft10``",
    "grant_aliases": "only in ``draft10``",
    "token_type": "``mac`` only where the profile has MAC tokens",
    "default_scopes": "among ``scopes``",
}


def table() -> Iterator[str]:
    """Every member with its type, default and limits."""
    members = fields(Policy)
    strangers = {member.name for member in members} ^ set(MEANING)
    if strangers:
        raise Gap(f"policy members without a description, or the reverse: {sorted(strangers)}")
    default = Policy()
    rows = (
        (
            code(member.name),
            _kind(str(member.type)),
            shown(getattr(default, member.name)),
            _limits(member.name),
            MEANING[member.name],
        )
        for member in members
    )
    yield from list_table(("Member", "Type", "Default", "Limits", "Meaning"), rows)


def _kind(hint: str) -> str:
    """A type in an operator's words."""
    kind, _, optional = hint.partition(" | ")
    return KINDS[kind.partition("[")[0]] + (" or off" if optional else "")


def _limits(name: str) -> str:
    said = []
    if name in RAILS:
        rail = RAILS[name]
        said.append(f"{rail.lowest} to {rail.highest}" + (" or off" if rail.off else ""))
    if name in CHOICES:
        said.append("one of " + ", ".join(map(_choice, CHOICES[name])))
    if name in NEEDS:
        said.append(NEEDS[name])
    return "; ".join(said)


def _choice(choice: str) -> str:
    return code(f'"{choice}"' if " " in choice else choice)


def shown(value: object) -> str:
    """A value as an operator would write it."""
    match value:
        case None:
            return code("off")
        case bool():
            return code(str(value).lower())
        case frozenset():
            return codes(sorted(value))
        case tuple() | Mapping():
            return codes(value)
        case str():
            return _choice(value)
        case _:
            return code(str(value))
