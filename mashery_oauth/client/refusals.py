"""An exception for each row of the service's error table: ``refusals.InvalidCode`` is the row ``invalid_code``.

They are made from the table, and so is ``refusals.pyi``, which tells type checkers of them; a test keeps the two alike.
"""

from __future__ import annotations

from ..errors import INTERNAL_ERROR, INVALID_PARAMS, OAUTH, ROWS, Row
from . import errors
from .errors import BackendError, InternalError, InvalidParams, NotUnderstood, OAuthError

_KINDS: dict[int, type[BackendError]] = {
    OAUTH: OAuthError,
    INVALID_PARAMS: InvalidParams,
    INTERNAL_ERROR: InternalError,
}


def _name_of(row: Row) -> str:
    return "".join(word.capitalize() for word in row.name.split("_"))


def _class_of(row: Row) -> type[BackendError]:
    known: type[BackendError] | None = getattr(errors, _name_of(row), None)  # a row that is a kind of its own
    if known is not None:
        return known
    kind = _KINDS.get(row.code, NotUnderstood)
    return type(_name_of(row), (kind,), {"__module__": __name__, "__doc__": f"{row.message}."})


BY_ROW = {row.name: _class_of(row) for row in ROWS}
globals().update({made.__name__: made for made in BY_ROW.values()})
