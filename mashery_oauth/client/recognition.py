"""Which row of the error table an answer tells: the wire has only its sentence, its code and the OAuth error.

Where these leave more than one row, the exception is of the classes of all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..dialects import DIALECTS
from ..errors import INTERNAL_ERROR, INVALID_PARAMS, KEY_REUSED, OAUTH, ROWS, Row, key_reused
from .errors import BackendError, InternalError, InvalidParams, NotUnderstood, OAuthError, Told, Unavailable
from .refusals import BY_ROW

_OAUTH_CODES = {OAUTH} | {dialect.invalid_client_code for dialect in DIALECTS}
_RESERVED = range(-32768, -31999)  # codes that JSON-RPC keeps for itself


def refused(told: Told) -> BackendError:
    """The exception for what was told, as narrow as can be known."""
    classes = [BY_ROW[row.name] for row in _rows(told)]
    narrow = [each for each in classes if not any(other is not each and issubclass(other, each) for other in classes)]
    if not narrow:
        return _unlisted(told)(told)
    return _either(tuple(narrow))(told)


def _sentence(row: Row) -> re.Pattern[str]:
    """What matches a row's sentence, whatever its blanks are filled with."""
    text = key_reused().message if row is KEY_REUSED else row.message
    return re.compile("(.+)".join(re.escape(part) for part in re.split(r"\{\w+\}", text)))


_SENTENCES = [(_sentence(row), row) for row in ROWS]


def _rows(told: Told) -> Iterator[Row]:
    code = OAUTH if told.code in _OAUTH_CODES else told.code
    for sentence, row in _SENTENCES:
        if row.code == code and sentence.fullmatch(told.message) and (told.error is None or told.error in _errors(row)):
            yield row


def _errors(row: Row) -> set[str]:
    return {row.authorization, row.token, *row.authorization_in.values(), *row.token_in.values()}


@cache
def _either(classes: tuple[type[BackendError], ...]) -> type[BackendError]:
    """A class for what may be any of these."""
    if len(classes) == 1:
        return classes[0]
    name = "Or".join(each.__name__ for each in classes)
    return type(name, classes, {"__module__": __name__, "__doc__": "One of these; the answer does not say which."})


def _unlisted(told: Told) -> type[BackendError]:
    """The kind, for a sentence that the table does not have: the backend is of another version."""
    if told.code in _OAUTH_CODES:
        return OAuthError
    if told.code == INVALID_PARAMS:
        return InvalidParams
    if told.code == INTERNAL_ERROR:
        return Unavailable if told.status == 503 else InternalError
    return NotUnderstood if told.code in _RESERVED else BackendError
