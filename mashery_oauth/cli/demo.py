"""The demo: a provider with two services, applications on them and a user, and the file that names them all.

Beside them are a service for each text with clients and a user of their own, for ``mashery-oauth replay``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson

from ..flows import FLOWS
from ..models import Application, Caller, Service
from ..operation import CLIENT_SECRET_LENGTH, KEY_LENGTH, SECRET_LENGTH, OperationError, Snapshot, read
from ..operations.importing import REFUSED, take_over
from ..store import Store
from ..store.texts import random_letters
from . import replayed
from .files import write_private
from .replayed import Registration

FILE = "demo.json"
PASSWORD_LENGTH = 12  # people type it
SITE, CALLER, USER = "Demo", "Demo provider", "demo"
PAYMENTS, STOREFRONT = "payments", "storefront"
BACKUPS, BACKUP_PORTAL = "backups", "backup-portal"
SAMPLE_CLIENT = "sample-client"
POLICIES: Mapping[str, Mapping[str, object]] = {
    PAYMENTS: {"preset": "mashery", "policy": {"flows": list(FLOWS)}},
    BACKUPS: {"preset": "draft10", "policy": {"scope_separators": " +"}},
    **replayed.POLICIES,
}
LOOPBACK_URI = "http://127.0.0.1/callback"  # of a native application; it may be on any port
REGISTRATIONS: Mapping[str, Registration] = {
    STOREFRONT: Registration((PAYMENTS,), ("https://storefront.example.com/callback",)),
    BACKUP_PORTAL: Registration((BACKUPS,), ("https://backup-portal.example.com/callback",)),
    SAMPLE_CLIENT: Registration((PAYMENTS,), (LOOPBACK_URI,), native=True),
    **replayed.REGISTRATIONS,
}


def _key() -> str:
    return random_letters(KEY_LENGTH)


def _secret() -> str:
    return random_letters(SECRET_LENGTH)


@dataclass(frozen=True, slots=True)
class DemoCaller:
    """Who calls, in both ways."""

    apikey: str = field(default_factory=_key)
    secret: str = field(default_factory=_secret)
    user: str = USER
    password: str = field(default_factory=_secret)


@dataclass(frozen=True, slots=True)
class DemoApplication:
    """A client. A public one has no secret."""

    client_id: str = field(default_factory=_key)
    client_secret: str = field(default_factory=lambda: random_letters(CLIENT_SECRET_LENGTH))
    redirect_uris: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    native: bool = False
    type: str = "confidential"


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Who logs in at the provider."""

    name: str = USER
    password: str = field(default_factory=lambda: random_letters(PASSWORD_LENGTH))


@dataclass(frozen=True, slots=True)
class Demo:
    """What the demo consists of, with its secrets in clear."""

    site_id: int
    caller: DemoCaller
    services: dict[str, str]  # name -> service_key
    applications: dict[str, DemoApplication]
    user: DemoUser
    tester: DemoUser  # whom replay signs in


def _fresh() -> Demo:
    applications = {name: _application(name) for name in REGISTRATIONS}
    return Demo(0, DemoCaller(), {name: _key() for name in POLICIES}, applications, DemoUser(), _tester())


def _tester() -> DemoUser:
    return DemoUser(replayed.USER, _secret())


def _application(name: str) -> DemoApplication:
    given = REGISTRATIONS[name]
    made = DemoApplication(
        redirect_uris=given.redirect_uris, services=given.services, native=given.native, type=given.type
    )
    return replace(made, client_secret="") if given.type == "public" else made


def read_demo(path: Path) -> Demo | None:
    """What a former start wrote down, with what it did not know yet made now.

    :raises OperationError: the file is damaged.
    """
    try:
        members = orjson.loads(path.read_bytes())
        kept = {
            name: DemoApplication(
                each["client_id"],
                each["client_secret"],
                tuple(each["redirect_uris"]),
                tuple(each["services"]),
                each.get("native", False),
                each.get("type", "confidential"),
            )
            for name, each in members["applications"].items()
        }
        applications = kept | {name: _application(name) for name in REGISTRATIONS if name not in kept}
        services = {name: _key() for name in POLICIES} | members["services"]
        user, tester = DemoUser(**members.get("user", {})), DemoUser(**members.get("tester", asdict(_tester())))
        return Demo(members["site_id"], DemoCaller(**members["caller"]), services, applications, user, tester)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise OperationError(str(path), "cannot be read; move it away to begin anew") from None


async def seed(store: Store, path: Path, origin: str, more_urls: Mapping[str, str] | None = None) -> Demo:
    """The demo in the store: what is there goes on, what is not is made, with the secrets of the file if there is one.

    The file is written before the store, so that a start cut short is taken up with the same secrets.

    :param origin: scheme, host and port of the service.
    :param more_urls: what runs beside it.
    :raises OperationError: something else in the store has a name that the demo needs.
    """
    kept = read_demo(path)
    snapshot = await read(store)
    if kept is not None and _is_there(kept, snapshot):
        _write(path, kept, {**urls(kept, origin), **(more_urls or {})})
        return kept
    demo = _fitted(kept or _fresh(), snapshot)
    _write(path, demo, {**urls(demo, origin), **(more_urls or {})})
    for verdict in await take_over(store, _document(demo, snapshot)):
        if verdict.outcome == REFUSED:
            raise OperationError(f"{verdict.kind} {verdict.key}", verdict.problem)
    return demo


def _is_there(demo: Demo, snapshot: Snapshot) -> bool:
    services = all(key in snapshot.services for key in demo.services.values())
    return services and all(each.client_id in snapshot.applications for each in demo.applications.values())


def _fitted(demo: Demo, snapshot: Snapshot) -> Demo:
    """The demo with the keys of what the store has of it already: a lost file costs the secrets, nothing else."""
    site_id = next((site.id for site in snapshot.sites.values() if site.name == SITE), None)
    if site_id is None:
        return replace(demo, site_id=snapshot.free_site())

    def known(records: Mapping[str, Caller | Service | Application]) -> dict[str, str]:
        return {record.name: key for key, record in records.items() if record.site_id == site_id}

    callers, services = known(snapshot.callers), known(snapshot.services)
    applications = known(snapshot.applications)
    return Demo(
        site_id=site_id,
        caller=replace(demo.caller, apikey=callers.get(CALLER, demo.caller.apikey)),
        services={name: services.get(name, key) for name, key in demo.services.items()},
        applications={
            name: replace(each, client_id=applications.get(name, each.client_id))
            for name, each in demo.applications.items()
        },
        user=demo.user,
        tester=demo.tester,
    )


def _document(demo: Demo, snapshot: Snapshot) -> dict[str, object]:
    """The demo as a file to import; a service that is there keeps its policy."""
    at_site = {"site": demo.site_id}
    return {
        "sites": [{"id": demo.site_id, "name": SITE}],
        "callers": [{**at_site, "name": CALLER, **asdict(demo.caller)}],
        "services": [
            {**at_site, "name": name, "key": key, **({} if key in snapshot.services else POLICIES[name])}
            for name, key in demo.services.items()
        ],
        "applications": [{**at_site, "name": name, **asdict(each)} for name, each in demo.applications.items()],
    }


def _write(path: Path, demo: Demo, places: Mapping[str, str]) -> None:
    members = {"urls": places, **asdict(demo)}
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(path, orjson.dumps(members, option=orjson.OPT_INDENT_2).decode() + "\n")


def urls(demo: Demo, origin: str) -> dict[str, str]:
    """Where the service is, and where each dialect is spoken."""
    return {
        "backend": origin,
        "cloud": f"{origin}/v2/json-rpc/{demo.site_id}",
        "local_v2": f"{origin}/v2/json-rpc",
        "local_v3": f"{origin}/v3/json-rpc",
    }
