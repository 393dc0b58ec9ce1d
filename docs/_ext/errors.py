"""The table of errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mashery_oauth.errors import ROWS, Row

from .tables import code, yes
from .tables import table as list_table

HEADER = ("Name", "Message", "Code", "Authorization step", "Token step", "Redirected", "Status passed on", "HTTP")


def table() -> Iterator[str]:
    """A row for each thing that can go wrong."""
    yield from list_table(HEADER, map(_cells, ROWS))


def _cells(row: Row) -> tuple[str, ...]:
    return (
        code(row.name),
        code(row.message),
        str(row.code),
        _error(row.authorization, row.authorization_in),
        _error(row.token, row.token_in),
        yes(row.redirect) + (", without state" if row.drop_state else ""),
        str(row.status) if row.token and row.relayed else "",
        str(row.http or ""),
    )


def _error(error: str, overrides: Mapping[str, str]) -> str:
    others = "".join(f"; {code(other)} in {code(profile)}" for profile, other in overrides.items())
    return code(error) + others
