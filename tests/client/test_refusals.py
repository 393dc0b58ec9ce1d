"""One exception for each row of the table of errors, and type checkers know them all."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from mashery_oauth.client import BackendError, InternalError, InvalidParams, OAuthError, Unavailable, refusals
from mashery_oauth.client.errors import Told
from mashery_oauth.errors import INTERNAL_ERROR, INVALID_PARAMS, OAUTH, ROWS, Row

from . import stub

rows = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)


def test_what_type_checkers_read_is_what_there_is() -> None:
    assert stub.FILE.read_text() == stub.written()


@rows
def test_every_row_has_a_class_of_its_kind(row: Row) -> None:
    made = refusals.BY_ROW[row.name]

    kinds: dict[int, type[Any] | tuple[type[Any], ...]] = {
        OAUTH: OAuthError,
        INVALID_PARAMS: InvalidParams,
        INTERNAL_ERROR: (InternalError, Unavailable),
    }
    assert getattr(refusals, made.__name__) is made
    assert made.__name__.lower() == row.name.replace("_", "")
    assert issubclass(made, kinds.get(row.code, BackendError))


def test_no_two_rows_share_a_class() -> None:
    assert len(set(refusals.BY_ROW.values())) == len(ROWS)


@rows
def test_an_exception_can_be_handed_to_another_process(row: Row) -> None:
    made = refusals.BY_ROW[row.name](Told(row.message, row.code))

    again = pickle.loads(pickle.dumps(made))

    assert type(again) is type(made)
    assert (str(again), again.told) == (row.message, made.told)
