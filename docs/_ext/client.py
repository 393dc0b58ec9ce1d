"""The kinds of failure that the Python client tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mashery_oauth.client import errors
from mashery_oauth.client.errors import BackendError

from .tables import code
from .tables import table as list_table


def errors_table() -> Iterator[str]:
    """A row for each kind."""
    yield from list_table(("Exception", "What happened", "What it has"), map(_cells, _kinds(BackendError)))


def _kinds(kind: type[BackendError]) -> Iterator[type[BackendError]]:
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from _kinds(each)


def _cells(kind: type[Any]) -> tuple[str, ...]:
    own = [name for name, value in vars(kind).items() if isinstance(value, property)]
    return code(kind.__name__), " ".join((kind.__doc__ or "").split()), ", ".join(map(code, own))
