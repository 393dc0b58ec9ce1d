"""A file of sites, callers, services and applications, taken over whole or not at all."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..checks import check_record
from ..entries import KINDS, Kind
from ..models import Record
from ..operation import Change, OperationError, Snapshot, change
from ..store import Store
from ..store.records import key_of
from ..store.ring import KeyRing

CREATE, UPDATE, SAME, REFUSED = "create", "update", "same", "refused"
Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one entry."""

    kind: str
    key: str
    outcome: str
    problem: str = ""
    name: str = field(default="", compare=False)  # for people


@dataclass(frozen=True, slots=True)
class _Plan:
    verdicts: list[Verdict] = field(default_factory=list)
    puts: list[Record] = field(default_factory=list)
    deletes: list[Record] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(verdict.outcome == REFUSED for verdict in self.verdicts)


def parse(raw: bytes) -> Table:
    """A file's content.

    :raises OperationError: it is not TOML.
    """
    try:
        return tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OperationError("file", f"is not TOML: {error}") from None
    except (ValueError, RecursionError):  # not by the rules of TOML, but by the bounds of Python
        raise OperationError("file", "has a number that is too long or tables that are too deep") from None


async def take_over(store: Store, document: Table, *, dry_run: bool = False) -> list[Verdict]:
    """Creates and updates what the document says, in one write; nothing at all where one entry is refused.

    :param dry_run: only say what would become of each entry.
    :raises OperationError: the document as a whole cannot be read.
    """
    entries = _entries(document)

    def decide(snapshot: Snapshot) -> Change[list[Verdict]]:
        plan = _plan(entries, snapshot, store.ring)
        if dry_run or plan.refused:
            return Change(plan.verdicts)
        return Change(plan.verdicts, tuple(plan.puts), tuple(plan.deletes))

    return await change(store, decide)


def _entries(document: Table) -> list[tuple[str, Table]]:
    unknown = sorted(set(document) - set(KINDS))
    if unknown:
        raise OperationError("file", f"there is no {unknown[0]!r}; there are: {', '.join(KINDS)}")
    return [(kind, entry) for kind in KINDS for entry in _tables(kind, document.get(kind, []))]


def _tables(kind: str, value: object) -> list[Table]:
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise OperationError("file", f"{kind} must be an array of tables: [[{kind}]]")
    return value


def _plan(entries: list[tuple[str, Table]], snapshot: Snapshot, ring: KeyRing) -> _Plan:
    plan = _Plan()
    seen: set[tuple[str, str]] = set()
    for name, table in entries:
        kind = KINDS[name]
        key, called = str(table.get(kind.key, "")), str(table.get("name", ""))
        try:
            _check_once(kind, (name, key), seen)
            outcome = _take(plan, kind.record(table, snapshot, ring), snapshot)
            plan.verdicts.append(Verdict(name, key, outcome, name=called))
        except OperationError as error:
            plan.verdicts.append(Verdict(name, key, REFUSED, str(error), called))
    return plan


def _check_once(kind: Kind, name: tuple[str, str], seen: set[tuple[str, str]]) -> None:
    if name in seen:
        raise OperationError(kind.key, "is in the file twice")
    seen.add(name)


def _take(plan: _Plan, record: Record, snapshot: Snapshot) -> str:
    old = snapshot.of_kind(record).get(key_of(record))
    check_record(record, snapshot)
    if record == old:
        return SAME
    snapshot.put(record)
    plan.puts.append(record)
    if old is None:
        return CREATE
    plan.deletes.append(old)
    return UPDATE
