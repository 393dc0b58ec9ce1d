"""What an operation is: a decision about the configuration as it stands, carried out whole or not at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar, cast

from .models import Application, Caller, Record, Service, Site
from .store import Store
from .store.census import Counts
from .store.configuration import Conflict
from .store.records import key_of, second_names
from .store.ring import KeyRing

KEY_LENGTH, SECRET_LENGTH, CLIENT_SECRET_LENGTH = 24, 32, 40
FIRST_SITE, FIRST_SERVICE, FIRST_APPLICATION, HIGHEST = 100, 1, 1001, 2_147_483_647
_FIRST: dict[type, int] = {Site: FIRST_SITE, Service: FIRST_SERVICE, Application: FIRST_APPLICATION}
_KEY_WORDS = {"site": "number", "caller": "apikey, user", "service": "key", "application": "client_id"}
_ATTEMPTS = 20
_PAUSE = 0.02  # seconds, longer with each attempt

T = TypeVar("T")
Found = TypeVar("Found", Site, Caller, Service, Application)


class OperationError(Exception):
    """It cannot be done: ``field`` is the argument at fault, ``problem`` says what is wrong with it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a revocation ended. ``dead_since`` is when the last worker stopped serving it; ``None`` in a dry run."""

    level: str
    whom: str
    services: tuple[str, ...]  # keys of those that it reached
    died: Counts
    dead_since: datetime | None
    reach: str = ""  # whose and where, in words and with names


def from_now(seconds: float = 0) -> datetime:
    """A time to come, for a receipt."""
    return datetime.fromtimestamp(time.time() + seconds, UTC)


@dataclass(slots=True)
class Numbers:
    """The numbers of one kind that are taken, and what is needed to find a free one without going through them."""

    above: int  # the one after the highest
    gap: int  # none below it is free
    taken: set[int] = field(default_factory=set)

    def take(self, number: int) -> None:
        """Remembers one that is taken."""
        self.taken.add(number)
        self.above = max(self.above, number + 1)

    def free(self) -> int:
        """The number after the highest that is taken; a gap only where there is none left above.

        :raises OperationError: all are taken.
        """
        if self.above <= HIGHEST:
            return self.above
        while self.gap in self.taken:
            self.gap += 1
        if self.gap > HIGHEST:
            raise OperationError("id", "no number is left")
        return self.gap


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All configuration records by key, as they were at ``version`` or later."""

    version: int
    sites: dict[str, Site]
    callers: dict[str, Caller]
    services: dict[str, Service]
    applications: dict[str, Application]
    second: dict[tuple[str, str], str]  # kind of second name, second name -> key
    numbers: dict[tuple[type, int], Numbers] = field(default_factory=dict)  # kind, site (0: over all sites)

    def of_kind(self, record: Record) -> dict[str, Record]:
        """The records of the same kind."""
        kinds: dict[type, object] = {
            Site: self.sites,
            Caller: self.callers,
            Service: self.services,
            Application: self.applications,
        }
        return cast(dict[str, Record], kinds[type(record)])

    def put(self, record: Record) -> None:
        """Takes a record in; for whoever has the snapshot to itself."""
        kept, key = self.of_kind(record), key_of(record)
        if key in kept:
            for name in second_names(kept[key]).items():
                self.second.pop(name, None)
        kept[key] = record
        self.second.update(dict.fromkeys(second_names(record).items(), key))
        match record:
            case Site() | Service():
                self._numbers(type(record)).take(record.id)
            case Application():
                self._numbers(Application, record.site_id).take(record.id)

    def free_site(self) -> int:
        """The next free number of a site."""
        return self._numbers(Site).free()

    def free_service(self) -> int:
        """The next free number of a service, over all sites."""
        return self._numbers(Service).free()

    def free_application(self, site_id: int) -> int:
        """The next free number of an application in a site."""
        return self._numbers(Application, site_id).free()

    def _numbers(self, kind: type, site_id: int = 0) -> Numbers:
        first = _FIRST[kind]
        return self.numbers.setdefault((kind, site_id), Numbers(first, first))


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """What to write, and what to answer once it is written. Deleted first: a record may be in both."""

    answer: T
    puts: tuple[Record, ...] = ()
    deletes: tuple[Record, ...] = ()


def replaced(old: Found, new: Found) -> Change[Found]:
    """A record in the place of another with the same key; nothing is written where they are equal."""
    return Change(new) if old == new else Change(new, (new,), (old,))


async def read(store: Store) -> Snapshot:
    """The configuration as it is now.

    :raises StoreUnavailable: it cannot be read.
    """
    configuration = store.configuration
    await configuration.fresh()
    snapshot = Snapshot(configuration.version, {}, {}, {}, {}, {})
    found: list[Iterable[Record]] = [
        await configuration.everything(Site),
        await configuration.everything(Caller),
        await configuration.everything(Service),
        await configuration.everything(Application),
    ]
    for records in found:
        for record in records:
            snapshot.put(record)
    return snapshot


async def change(store: Store, decide: Callable[[Snapshot], Change[T]]) -> T:
    """Lets ``decide`` say what to write, and writes it; asks again where somebody else wrote meanwhile.

    :raises OperationError: ``decide`` refused, or others never stop writing.
    """
    for attempt in range(_ATTEMPTS):
        snapshot = await read(store)
        wanted = decide(snapshot)
        if not wanted.puts and not wanted.deletes:
            return wanted.answer
        try:
            await store.configuration.write(snapshot.version, wanted.puts, wanted.deletes)
        except Conflict:
            await asyncio.sleep(_PAUSE * attempt)
        else:
            return wanted.answer
    raise OperationError("configuration", "others are changing it all the time; try again")


def find(records: dict[str, Found], what: str, word: str) -> Found:
    """The record that a key or a name stands for.

    :param what: the kind of record: ``site``, ``caller``, ``service`` or ``application``.
    :raises OperationError: there is none, or several have the name.
    """
    if word in records:
        return records[word]
    named = [record for record in records.values() if word and word in (record.name, getattr(record, "user", ""))]
    if not named:
        raise OperationError(what, f"there is none with the {_KEY_WORDS[what]} or name {word!r}")
    if len(named) > 1:
        keys = ", ".join(key_of(record) for record in named)
        raise OperationError(what, f"{len(named)} have the name {word!r}, say which: {keys}")
    return named[0]


def secret_context(apikey: str) -> str:
    """What a caller's sealed signing secret is bound to."""
    return f"caller:{apikey}"


def seal_secret(ring: KeyRing, apikey: str, secret: str) -> str:
    """A caller's signing secret as the store keeps it."""
    return ring.seal(secret.encode(), secret_context(apikey))
