"""Everything that is configured, as a TOML file: secrets stay sealed or hashed, as the store has them.

What a record does not have is left out; a lifetime that is switched off is the text "off".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from ..members import OFF
from ..models import Application, Caller, Policy, Service, Site
from ..operation import Snapshot, read
from ..rails import RAILS
from ..store import Store

Table = Mapping[str, object]
_BARE = re.compile(r"[A-Za-z0-9_-]+").fullmatch


async def export(store: Store) -> str:
    """Sites, callers, services and applications; imported where the same keys are in force, it restores them all."""
    return write(tables(await read(store)))


def tables(snapshot: Snapshot) -> dict[str, list[Table]]:
    """The same as plain values, by kind."""
    services = sorted(snapshot.services.values(), key=lambda service: service.id)
    applications = sorted(snapshot.applications.values(), key=lambda each: (each.site_id, each.id))
    return {
        "sites": [_site(site) for site in sorted(snapshot.sites.values(), key=lambda site: site.id)],
        "callers": [_caller(caller) for caller in snapshot.callers.values()],
        "services": [_service(service) for service in services],
        "applications": [_application(application) for application in applications],
    }


def _site(site: Site) -> Table:
    return {"id": site.id, "name": site.name, "active": site.active}


def _caller(caller: Caller) -> Table:
    return {
        "apikey": caller.apikey,
        "site": caller.site_id,
        "name": caller.name,
        "secret_sealed": caller.secret or None,
        "user": caller.user or None,
        "password_hash": caller.password or None,
        "calls_per_second": caller.calls_per_second,
        "active": caller.active,
    }


def _service(service: Service) -> Table:
    return {
        "key": service.key,
        "id": service.id,
        "site": service.site_id,
        "name": service.name,
        "active": service.active,
        "policy": policy_table(service.policy),
    }


def policy_table(policy: Policy) -> Table:
    """A policy as plain values; ``None`` only where it is the same as left out."""
    values = {name: getattr(policy, name) for name in Policy.__dataclass_fields__}
    off = {name: OFF for name, rail in RAILS.items() if rail.off and values[name] is None}
    return {**values, **off, "flows": sorted(policy.flows)}


def _application(application: Application) -> Table:
    return {
        "client_id": application.client_id,
        "id": application.id,
        "site": application.site_id,
        "name": application.name,
        "services": application.services,
        "type": application.type,
        "native": application.native,
        "redirect_uris": application.redirect_uris,
        "flows": None if application.flows is None else sorted(application.flows),
        "secret_hashes": application.secrets,
        "external_id": application.external_id,
        "attributes": application.attributes,
        "active": application.active,
    }


def write(document: Mapping[str, Sequence[Table]]) -> str:
    """A TOML file of arrays of tables, in the order in which they are given."""
    lines = [
        line for kind, entries in document.items() for entry in entries for line in _lines(f"[[{kind}]]", kind, entry)
    ]
    return "\n".join(lines)


def _lines(head: str, path: str, table: Table) -> Iterator[str]:
    """A table's lines: its own values first, then the tables in it, as TOML wants it."""
    yield head
    inner = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    for name, value in table.items():
        if name not in inner and value is not None:
            yield f"{_key(name)} = {_value(value)}"
    yield ""
    for name, value in inner.items():
        deeper = f"{path}.{_key(name)}"
        if value:
            yield from _lines(f"[{deeper}]", deeper, value)


def _key(name: str) -> str:
    return name if _BARE(name) else _text(name)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _text(value)
        case list() | tuple():
            return f"[{', '.join(_value(each) for each in value)}]"
        case _:
            raise TypeError(type(value))


def _text(text: str) -> str:
    """A basic string: JSON's, but for the one control character that JSON lets through."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
