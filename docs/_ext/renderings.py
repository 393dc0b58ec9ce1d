"""The provider's switches, a column for each text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from mashery_oauth.provider.renderings import RENDERINGS, Rendering

from .tables import Gap, code, codes, yes
from .tables import table as list_table

MEANING = {
    "issuer_in_redirect": "A redirection names the issuer (RFC 9207)",
    "token_type": "A token answer has ``token_type``",
    "lifetime_as_text": "``expires_in`` is a string",
    "scope_always": "A token answer has ``scope`` even if it is what was asked for",
    "scope_separators": "What parts scopes",
    "form_decoded_basic": "User and password of HTTP Basic are form-decoded",
    "client_id_beside_basic": "``client_id`` is wanted in the body beside HTTP Basic",
    "pragma": "Token answers have ``Pragma: no-cache``",
    "scheme": "Scheme of a bearer token at a resource",
    "parameters": "Parameters of a bearer token in a body",
    "in_query": "They count in a query as well",
    "expired_token": "A resource tells ``expired_token`` to a client that can refresh",
    "response_types": "Response types that the metadata list",
    "grant_types": "Grant types that the metadata list",
}
_LEFT_OUT = {"name", "profile"}


def table() -> Iterator[str]:
    """Every switch of every row."""
    names = [member.name for member in fields(Rendering) if member.name not in _LEFT_OUT]
    if set(names) != set(MEANING):
        raise Gap(f"renderings' switches without a description: {sorted(set(names) ^ set(MEANING))}")
    rows = [(MEANING[name], *(_cell(getattr(row, name)) for row in RENDERINGS.values())) for name in names]
    yield from list_table(("Switch", *map(code, RENDERINGS)), rows)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return yes(value)
    if isinstance(value, tuple):
        return codes(value)
    words = {" ": "space", "+": code("+")}
    return " ".join(words[letter] for letter in value) if set(str(value)) <= set(words) else code(str(value))
