"""The dialects' tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from mashery_oauth.dialects import DIALECTS, Dialect

from .tables import code, codes, yes
from .tables import table as list_table

MEANING = {
    "name": "Name in this documentation and in the code",
    "nested": "Member of a 2.0 error that holds the OAuth error",
    "nested_legacy": "The same member in answers to JSON-RPC 1.0 and 1.1",
    "keeps_nulls": "Nulls are kept in results and OAuth errors",
    "unknown_token": "OAuth error of an unknown access token",
    "error_status": "HTTP status of a JSON-RPC error",
    "internal_status": "HTTP status of a fault of the service",
    "invalid_client_code": "Code of an unknown client or a wrong secret",
    "invalid_client_status": "HTTP status of an unknown client or a wrong secret",
    "reused_key_status": "HTTP status of an Idempotency-Key that came with other arguments before",
    "envelope": "Order of the members after ``jsonrpc``",
    "error_members": "Order of the members of an error, ``nested`` being the OAuth error",
    "token_members": "Order of the members of createAccessToken's result",
}
ROUTES = {
    "cloud": ("/v2/json-rpc/{site_id}", "``apikey`` and ``sig`` in the query"),
    "local_v2": ("/v2/json-rpc", "HTTP Basic"),
    "local_v3": ("/v3/json-rpc, /v2/java/json-rpc", "HTTP Basic"),
}
IN_OWN_TABLE = ("name", "token_members")


def table() -> Iterator[str]:
    """What differs between the answers of the dialects."""
    names = [member.name for member in fields(Dialect) if member.name not in IN_OWN_TABLE]
    rows = ((MEANING[name], *(_cell(getattr(dialect, name)) for dialect in DIALECTS)) for name in names)
    yield from list_table(("What", *(code(dialect.name) for dialect in DIALECTS)), rows)


def routes() -> Iterator[str]:
    """Where each dialect is spoken, and how a caller says who it is."""
    rows = ((code(name), codes(paths.split(", ")), caller) for name, (paths, caller) in ROUTES.items())
    yield from list_table(("Dialect", "Routes", "Caller"), rows)


def token_members() -> Iterator[str]:
    """In which order createAccessToken answers."""
    rows = ((code(dialect.name), codes(dialect.token_members)) for dialect in DIALECTS)
    yield from list_table(("Dialect", "Members in order"), rows)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return yes(value)
    if isinstance(value, tuple):
        return codes(value)
    return code(f'"{value}"') if value == "invalid_request" else code(str(value))
