"""What a file may say of a record, and the record that is made of it with what the store knows already.

An entry says all of its record. What stays as it is where an entry is silent: numbers, secrets, and a policy that is
not mentioned. Secrets may be given in clear, which is how one comes here from another product, or as exported.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TypeVar

from .checks import check_secret, service_keys
from .members import changed_policy, policy_of_preset, read_members
from .models import Application, Caller, Policy, Record, Service, Site
from .operation import OperationError, Snapshot, seal_secret, secret_context
from .rails import check_policy
from .store.ring import KeyRing, RingError

_is_hash = re.compile(r"[0-9a-f]{4}:[0-9a-f]{64}").fullmatch

Table = Mapping[str, object]
E = TypeVar("E", bound=object)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteEntry:
    id: int
    name: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerEntry:
    apikey: str
    site: int
    name: str
    secret: str = ""
    secret_sealed: str = ""
    user: str = ""
    password: str = ""
    password_hash: str = ""
    calls_per_second: int | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEntry:
    key: str
    site: int
    name: str
    id: int | None = None
    preset: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationEntry:
    client_id: str
    site: int
    name: str
    id: int | None = None
    services: tuple[str, ...] = ()
    type: str = "confidential"
    native: bool = False
    redirect_uris: tuple[str, ...] = ()
    flows: frozenset[str] | None = None
    client_secret: str = ""
    secret_hashes: tuple[str, ...] = ()
    external_id: str | None = None
    attributes: str | None = None
    active: bool = True


def _read(cls: type[E], table: Table) -> E:
    values = read_members(cls, table)
    for member in fields(cls):  # type: ignore[arg-type]
        if member.default is MISSING and member.name not in values:
            raise OperationError(member.name, "is missing")
    return cls(**values)


def _check_unmoved(old: Caller | Service | Application | None, site_id: int, number: int | None = None) -> None:
    if old is not None and old.site_id != site_id:
        raise OperationError("site", f"cannot change; it is {old.site_id}")
    if isinstance(old, Service | Application) and number not in (None, old.id):
        raise OperationError("id", f"cannot change; it is {old.id}")


def _site(table: Table, snapshot: Snapshot, _: KeyRing) -> Site:
    entry = _read(SiteEntry, table)
    old = snapshot.sites.get(str(entry.id))
    return Site(entry.id, entry.name, entry.active, old.revoked_before if old else 0)


def _caller(table: Table, snapshot: Snapshot, ring: KeyRing) -> Caller:
    entry = _read(CallerEntry, table)
    old = snapshot.callers.get(entry.apikey)
    _check_unmoved(old, entry.site)
    secret = _sealed(entry, old.secret if old else "", ring)
    password = _password(entry, old.password if old else "", ring)
    return Caller(
        apikey=entry.apikey,
        site_id=entry.site,
        name=entry.name,
        secret=secret,
        user=entry.user,
        password=password,
        active=entry.active,
        calls_per_second=entry.calls_per_second,
    )


def _sealed(entry: CallerEntry, old: str, ring: KeyRing) -> str:
    context = secret_context(entry.apikey)
    if entry.secret_sealed:
        if entry.secret:
            raise OperationError("secret", "is given in clear and sealed")
        try:
            ring.open(entry.secret_sealed, context)
        except RingError as error:
            raise OperationError("secret_sealed", str(error)) from None
        return entry.secret_sealed
    if not entry.secret:
        return old
    check_secret("secret", entry.secret)
    return old if _opens_to(ring, old, context, entry.secret) else seal_secret(ring, entry.apikey, entry.secret)


def _opens_to(ring: KeyRing, sealed: str, context: str, clear: str) -> bool:
    try:
        return bool(sealed) and ring.open(sealed, context).decode() == clear
    except RingError:  # its key was lost: what is given now takes its place
        return False


def _password(entry: CallerEntry, old: str, ring: KeyRing) -> str:
    if not entry.user:
        if entry.password or entry.password_hash:
            raise OperationError("password", "needs a user")
        return ""
    return _hashed("password", entry.password, (entry.password_hash,) if entry.password_hash else (), (old,), ring)[0]


def _hashed(name: str, clear: str, hashes: tuple[str, ...], old: tuple[str, ...], ring: KeyRing) -> tuple[str, ...]:
    """The hashes to keep: those given, or of what is given in clear, or those there are."""
    if hashes:
        if clear:
            raise OperationError(name, "is given in clear and hashed")
        if not all(_is_hash(each) for each in hashes):
            raise OperationError(name, "is given as what is no hash of an export")
        return hashes
    if not clear:
        return old
    check_secret(name, clear)
    return old if any(ring.matches(clear, each) for each in old) else (ring.hash(clear),)


def _service(table: Table, snapshot: Snapshot, _: KeyRing) -> Service:
    entry = _read(ServiceEntry, {name: value for name, value in table.items() if name != "policy"})
    old = snapshot.services.get(entry.key)
    _check_unmoved(old, entry.site, entry.id)
    policy = _policy(table.get("policy"), entry.preset, old)
    check_policy(policy, imported=True)
    number = old.id if old else entry.id
    if number is None:
        number = snapshot.free_service()
    floor = old.revoked_before if old else snapshot.version
    return Service(entry.key, number, entry.site, entry.name, policy, entry.active, floor)


def _policy(table: object, preset_name: str | None, old: Service | None) -> Policy:
    if table is None and preset_name is None and old is not None:
        return old.policy
    base = Policy() if preset_name is None else policy_of_preset(preset_name)
    if table is None:
        return base
    if not isinstance(table, Mapping):
        raise OperationError("policy", "must be a table")
    return changed_policy(base, table)


def _application(table: Table, snapshot: Snapshot, ring: KeyRing) -> Application:
    entry = _read(ApplicationEntry, table)
    old = snapshot.applications.get(entry.client_id)
    _check_unmoved(old, entry.site, entry.id)
    number = old.id if old else entry.id
    if number is None:
        number = snapshot.free_application(entry.site)
    return Application(
        id=number,
        client_id=entry.client_id,
        site_id=entry.site,
        name=entry.name,
        services=service_keys(entry.services, entry.site, snapshot),
        type=entry.type,
        native=entry.native,
        redirect_uris=entry.redirect_uris,
        flows=entry.flows,
        secrets=_secrets(entry, old.secrets if old else (), ring),
        external_id=entry.external_id,
        attributes=entry.attributes,
        active=entry.active,
        revoked_before=old.revoked_before if old else snapshot.version,
    )


def _secrets(entry: ApplicationEntry, old: tuple[str, ...], ring: KeyRing) -> tuple[str, ...]:
    if entry.type == "public":
        old = ()  # it has none; what is given is refused with the record
    return _hashed("client_secret", entry.client_secret, entry.secret_hashes, old, ring)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entry: the member that names one, and how its record is made."""

    key: str
    record: Callable[[Table, Snapshot, KeyRing], Record]


# In this order: a record may name one of a kind before its own.
KINDS = {
    "sites": Kind("id", _site),
    "callers": Kind("apikey", _caller),
    "services": Kind("key", _service),
    "applications": Kind("client_id", _application),
}
