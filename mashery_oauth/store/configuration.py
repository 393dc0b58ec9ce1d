"""Sites, callers, services and applications: records in the store, read when first needed, kept in the process.

One version key tells whether anything changed. A worker that has not read it for ``max_age`` seconds reads it
before it answers, and refuses when it cannot: so a change is in force everywhere within that time.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import orjson
import structlog

from ..bounded import keep
from ..errors import StoreUnavailable
from ..models import Application, Caller, Record, Service, Site
from . import keys, records
from .links import Link
from .scripts import load

CONFIGURE = load("configure")
KEPT = 100_000  # records in the process
MISSED = 4_096  # names in the process of what there is not: whoever asks chooses them
LONGEST = 255  # characters of a key or a user name
LOG_LENGTH = 10_000
TOLD = 20  # records that a line of the process's log names
_HASHES = records.HASHES

_log = structlog.get_logger("mashery_oauth.configuration")

T = TypeVar("T", Site, Caller, Service, Application)


class Conflict(Exception):
    """Somebody else changed the configuration between reading and writing; read again and decide anew."""


class Configuration:
    """The records as this process knows them, never older than ``max_age`` seconds."""

    def __init__(self, link: Link, max_age: float) -> None:
        self._link, self._max_age = link, max_age
        self._kept: dict[tuple[str, str], Any] = {}
        self._missed: dict[tuple[str, str], None] = {}
        self._known = (0, "")
        self._proven = float("-inf")
        self._generation = 0
        self._reading: asyncio.Task[None] | None = None
        self._poll: asyncio.Task[None] | None = None

    @property
    def version(self) -> int:
        """The version number that this process knows; stamped on what it issues."""
        return self._known[0]

    def start(self) -> None:
        """Begins to look for changes twice within ``max_age``, so that calls seldom have to wait for it."""
        self._poll = asyncio.get_running_loop().create_task(self._look())

    async def close(self) -> None:
        """Ends looking."""
        for task in (self._poll, self._reading):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, StoreUnavailable):
                    await task

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(Exception):  # a call that needs it will see it; the next look may go well
                await self._refresh()
            await asyncio.sleep(self._max_age / 2)

    async def fresh(self) -> None:
        """Returns when what is kept is known to be at most ``max_age`` old.

        :raises StoreUnavailable: it cannot be proven.
        """
        if time.monotonic() - self._proven > self._max_age:
            await self._refresh()

    def doubt(self) -> None:
        """What is kept has to be proven anew before it is gone by."""
        self._proven = float("-inf")

    async def _refresh(self) -> None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.get_running_loop().create_task(self._read_version())
        await asyncio.shield(self._reading)

    async def _read_version(self) -> None:
        started = time.monotonic()
        found = _version(await self._link.run(keys.VERSION, "GET", keys.VERSION))
        if found != self._known:
            await self._catch_up(found)
        self._proven = started

    async def _catch_up(self, found: tuple[int, str]) -> None:
        """Forgets what changed; everything, where the log cannot tell: writes were lost, or we are too far behind."""
        number, nonce = self._known
        self._generation += 1
        changed: list[bytes] = []
        if found[0] > number > 0:
            changed = await self._link.run(keys.LOG, "ZRANGEBYSCORE", keys.LOG, number, found[0])
        told = bool(changed) and changed[0].startswith(f"{number}:{nonce}:".encode())
        if told:
            for member in changed:
                self._forget(_name(member))
        else:
            self._kept.clear()
            self._missed.clear()
        self._generation += 1
        self._known = found
        if number > 0 and self._poll is not None:  # a service, not a command; and nothing is new to who has begun now
            _tell(found[0], [_name(member) for member in changed if _is_later(member, number)] if told else None)

    def _forget(self, name: tuple[str, str]) -> None:
        self._kept.pop(name, None)
        self._missed.pop(name, None)

    async def _get(self, cls: type[T], key: str) -> T | None:
        name = records.KINDS[cls].name
        try:
            return self._kept[name, key]  # type: ignore[no-any-return]
        except KeyError:
            return await self._field(name, key, lambda raw: records.load(cls, raw))  # type: ignore[no-any-return]

    async def _field(self, name: str, field: str, read: Callable[[bytes], Any]) -> Any:
        """One field of a hash, kept unless the configuration changes while it is on its way."""
        if (name, field) in self._missed or not _is_possible(field):
            return None
        generation = self._generation
        hash_key = keys.records(name)
        raw: bytes | None = await self._link.run(hash_key, "HGET", hash_key, field)
        value = None if raw is None else read(raw)
        if generation == self._generation:
            if value is None:
                keep(self._missed, MISSED, (name, field), None)
            else:
                keep(self._kept, KEPT, (name, field), value)
        return value

    async def _named(self, cls: type[T], name: str, second: str) -> T | None:
        """A record by its second name."""
        try:
            key = self._kept[name, second]
        except KeyError:
            key = await self._field(name, second, bytes.decode)
        return None if key is None else await self._get(cls, key)

    def kept(self, cls: type[T], key: object) -> T | None:
        """A record that this process has at hand, for who only wants to name it."""
        found: T | None = self._kept.get((records.KINDS[cls].name, key)) if isinstance(key, str) else None
        return found

    async def site(self, number: int) -> Site | None:
        """The site with this number."""
        return await self._get(Site, str(number))

    async def caller(self, apikey: str) -> Caller | None:
        """The caller with this apikey."""
        return await self._get(Caller, apikey)

    async def caller_of_user(self, user: str) -> Caller | None:
        """The caller that signs in with this user name."""
        return await self._named(Caller, records.USER, user)

    async def service(self, key: str) -> Service | None:
        """The service with this service_key."""
        return await self._get(Service, key)

    async def service_by_id(self, number: int) -> Service | None:
        """The service with this short number."""
        return await self._named(Service, records.SERVICE_ID, str(number))

    async def application(self, client_id: str) -> Application | None:
        """The application with this client_id."""
        return await self._get(Application, client_id)

    async def application_by_id(self, site_id: int, number: int) -> Application | None:
        """The application with this number in a site."""
        return await self._named(Application, records.APPLICATION_ID, f"{site_id}:{number}")

    async def everything(self, cls: type[T]) -> list[T]:
        """All records of a kind, from the store itself, by key. For operators, not for calls."""
        hash_key = keys.records(records.KINDS[cls].name)
        pairs = await self._link.run(hash_key, "HGETALL", hash_key)
        return sorted((records.load(cls, raw) for raw in pairs[1::2]), key=records.key_of)

    async def write(self, base: int, puts: Sequence[Record], deletes: Sequence[Record] = ()) -> int:
        """Writes and deletes records, all or none, as version ``base + 1``; returns that number.

        :raises Conflict: the configuration is no longer at ``base``.
        """
        changes = [*_removals(deletes), *_additions(puts)]
        hash_keys = [keys.records(name) for name in _HASHES]
        number: int = await self._link.script(
            CONFIGURE,
            [keys.VERSION, keys.LOG, *hash_keys],
            [base, secrets.token_hex(8), orjson.dumps(changes), LOG_LENGTH],
        )
        await self._read_version()
        if number < 0:
            raise Conflict
        return number


def _name(member: bytes) -> tuple[str, str]:
    """The hash and the field that a member of the log is about."""
    _, _, hash_number, field = member.decode().split(":", 3)
    return _HASHES[int(hash_number) - 1], field


def _is_later(member: bytes, number: int) -> bool:
    return int(member.partition(b":")[0]) > number


def _tell(version: int, names: Iterable[tuple[str, str]] | None) -> None:
    """What is in force in this process from now on: an operator's change is seen where calls are.

    :param names: what the store's log names; ``None`` where it cannot tell.
    """
    if names is None:
        _log.info("configuration", version=version, changed=None)
        return
    kinds = {kind.name for kind in records.KINDS.values()}
    changed = sorted({f"{kind} {key}" for kind, key in names if kind in kinds})
    more = {"more": len(changed) - TOLD} if len(changed) > TOLD else {}
    _log.info("configuration", version=version, changed=changed[:TOLD], **more)


def _is_possible(field: str) -> bool:
    """Whether any record may have this name."""
    return 0 < len(field) <= LONGEST and field.isprintable()


def _version(raw: bytes | None) -> tuple[int, str]:
    number, _, nonce = (raw or b"0:").decode().partition(":")
    return int(number), nonce


def _number(name: str) -> int:
    return _HASHES.index(name) + 1


def _additions(puts: Iterable[Record]) -> list[tuple[int, str, str]]:
    changes = []
    for record in puts:
        key = records.key_of(record)
        changes.append((_number(records.KINDS[type(record)].name), key, records.dump(record).decode()))
        changes.extend((_number(name), second, key) for name, second in records.second_names(record).items())
    return changes


def _removals(deletes: Iterable[Record]) -> list[tuple[int, str, bool]]:
    changes: list[tuple[int, str, bool]] = []
    for record in deletes:
        changes.append((_number(records.KINDS[type(record)].name), records.key_of(record), False))
        changes.extend((_number(name), second, False) for name, second in records.second_names(record).items())
    return changes
