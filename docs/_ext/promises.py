"""The tables of promises: what each source asks for, and the test or the reason that answers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tests.promises.reading import Keeper, Malformed, Promise, Table, keepers, tables

from .tables import Gap, code
from .tables import table as list_table

HEADER = ("Name", "Section", "What is asked for", "How it is answered")
TEST, PROVIDER, NOT_HERE = "test", "provider", "not_here"
COUNTED = {
    TEST: "held by tests",
    PROVIDER: "for the provider, the client or the resource server",
    NOT_HERE: "about what does not occur here",
}


def table(name: str) -> Iterator[str]:
    """A row for each statement of a source, after a line that counts them."""
    try:
        promises, held = tables()[name], keepers()
    except (KeyError, Malformed) as error:
        raise Gap(f"no table of promises can be read: {error}") from None
    yield from (f"Source: {promises.source}.", "", _counted(promises), "")
    yield from list_table(HEADER, (_cells(promise, held.get(promise.name, ())) for promise in promises.promises))


def _counted(promises: Table) -> str:
    kinds = Counter(map(_kind, promises.promises))
    parts = (f"{kinds[kind]} {said}" for kind, said in COUNTED.items() if kinds[kind])
    return f"{len(promises.promises)} statements: {', '.join(parts)}."


def _kind(promise: Promise) -> str:
    if promise.provider:
        return PROVIDER
    return NOT_HERE if promise.not_here else TEST


def _cells(promise: Promise, tests: tuple[Keeper, ...]) -> tuple[str, ...]:
    if bool(tests) == bool(promise.reason):
        raise Gap(f"{promise.name} needs a test or a reason, and not both")
    return promise.name, promise.section, promise.text, _answer(promise, tests)


def _answer(promise: Promise, tests: tuple[Keeper, ...]) -> str:
    if promise.provider:
        return f"**Elsewhere:** {promise.provider}"
    if promise.not_here:
        return f"**Not here:** {promise.not_here}"
    shown = "; ".join(f"*{test.sentence}* ({code(test.path)})" for test in tests)
    return f"**Decided:** {promise.decided} Held by {shown}" if promise.decided else shown
