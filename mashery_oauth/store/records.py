"""Configuration records as JSON in the store and back. Members that a newer release wrote are passed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

import orjson

from ..models import Application, Caller, Policy, Record, Service, Site

_SETS = frozenset({"flows"})
_TUPLES = frozenset({"services", "redirect_uris", "secrets", "scopes", "default_scopes"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record: its name, its class, and the member that names one."""

    name: str
    cls: type[Any]
    key: str


KINDS = {
    kind.cls: kind
    for kind in (
        Kind("site", Site, "id"),
        Kind("caller", Caller, "apikey"),
        Kind("service", Service, "key"),
        Kind("application", Application, "client_id"),
    )
}
# Second names, each unique: where a record is found by something else than its key.
USER, SERVICE_ID, APPLICATION_ID = "user", "service_id", "application_id"
HASHES = (*(kind.name for kind in KINDS.values()), USER, SERVICE_ID, APPLICATION_ID)


def key_of(record: Record) -> str:
    """The record's key within its kind."""
    return str(getattr(record, KINDS[type(record)].key))


def second_names(record: Record) -> dict[str, str]:
    """Which other names lead to it: hash -> name."""
    match record:
        case Caller(user=user) if user:
            return {USER: user}
        case Service(id=number):
            return {SERVICE_ID: str(number)}
        case Application(id=number, site_id=site):
            return {APPLICATION_ID: f"{site}:{number}"}
        case _:
            return {}


def dump(record: Record) -> bytes:
    """The record as JSON."""
    return orjson.dumps(record, default=_plain)


def as_plain(record: Record) -> dict[str, Any]:
    """The record as what JSON can say; for operators' eyes and exports."""
    return cast(dict[str, Any], orjson.loads(dump(record)))


def _plain(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError


def load(cls: type[Any], raw: bytes) -> Any:
    """The record of a kind from its JSON."""
    return _build(cls, orjson.loads(raw))


def _build(cls: type[Any], members: dict[str, Any]) -> Any:
    known = {field.name for field in fields(cls)}
    return cls(**{name: _member(name, value) for name, value in members.items() if name in known})


def _member(name: str, value: Any) -> Any:
    if name == "policy":
        return _build(Policy, value)
    if value is None:
        return None
    if name in _SETS:
        return frozenset(value)
    if name in _TUPLES:
        return tuple(value)
    return value
