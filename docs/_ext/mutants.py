"""The mutants that no test notices, from the list that the search for them reads."""

from __future__ import annotations

from collections.abc import Iterator

from tests.mutants.known import known

from .tables import code, table

HEADER = ("File", "As it is", "As it was made", "Why nobody notices")


def survivors() -> Iterator[str]:
    """A row for each."""
    yield from table(HEADER, ((code(one.file), code(one.before), code(one.after), one.why) for one in known()))
