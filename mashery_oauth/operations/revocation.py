"""Ends what was issued: of a user, of an application, of a service, of a site. Each with a receipt.

A revocation is in force before it is counted, so counting, which goes through the store, delays nothing. Only what a
user's list names elsewhere is looked at before: afterwards nobody could tell whether it was alive. A dry run only
counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ..models import Application, Service, Site
from ..operation import Change, OperationError, Receipt, Snapshot, change, find, from_now, read
from ..store import Store
from ..store.census import Before, Seen, joined
from ..store.records import key_of
from ..store.values import Marks, short

USER_LONGEST = 255  # characters, as on the wire
USER, USER_APPLICATION, APPLICATION, SERVICE, SITE = "user", "user and application", "application", "service", "site"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a user is to be revoked: services by key or name, a site by number or name, an application by client_id."""

    services: tuple[str, ...] = ()
    site: str | None = None
    application: str | None = None


async def user(store: Store, user_context: str, reach: Reach, *, dry_run: bool = False) -> Receipt:
    """Ends what a user has, with one application or with all; service by service, one script each.

    :raises OperationError: there is no such service, site or application; or several sites, and none was named.
    :raises StoreUnavailable: the store does not answer; what was revoked until then is, and it can be asked again.
    """
    _check_user(user_context)
    snapshot = await read(store)
    application = None
    if reach.application is not None:
        application = find(snapshot.applications, "application", reach.application)
    services, places = _places(snapshot, reach)
    before, after = list[Before](), None if dry_run else dict[str, Marks]()
    since = None if dry_run else from_now()
    for service in services:
        tag, given = await store.users.given(service, user_context, application)
        before.append(await store.census.before(tag, given))
        if after is not None:
            await store.users.revoke(service, user_context, application)
            since, after[tag] = from_now(), await store.users.marks(tag)
    died = await store.census.count_ended(_lived(snapshot, services, application), joined(before), after)
    level = USER if application is None else USER_APPLICATION
    words = " ".join((f"of user {user_context}", *_with(application), *places))
    return Receipt(level, user_context, tuple(service.key for service in services), died, since, words)


def _with(application: Application | None) -> tuple[str, ...]:
    return () if application is None else (f"with application {_named(application)}",)


def _check_user(user_context: str) -> None:
    try:
        user_context.encode()
    except UnicodeEncodeError:
        raise OperationError("user", "is no text") from None
    if not 0 < len(user_context) <= USER_LONGEST:
        raise OperationError("user", f"must have 1 to {USER_LONGEST} characters")


def _places(snapshot: Snapshot, reach: Reach) -> tuple[list[Service], list[str]]:
    """The services that a user is revoked at, and in words what was named of them: services, or a site."""
    if reach.services:
        if reach.site is not None:
            raise OperationError("site", "goes without services: they say themselves where they are")
        found = [find(snapshot.services, "service", word) for word in reach.services]
        services = list({service.key: service for service in found}.values())
        return services, [f"at service {', '.join(map(_named, services))}"]
    if reach.site is None and len(snapshot.sites) > 1:
        raise OperationError(
            "site", "there are several; a user of one is not the user of another, so say which with --site"
        )
    sites = snapshot.sites if reach.site is None else {"": find(snapshot.sites, "site", reach.site)}
    numbers = {site.id for site in sites.values()}
    services = [service for service in snapshot.services.values() if service.site_id in numbers]
    return services, [f"in site {_named(site)}" for site in sites.values()]


def _named(record: Application | Service | Site) -> str:
    return f"{record.name} ({key_of(record)})"


async def application(store: Store, word: str, max_age: float, *, dry_run: bool = False) -> Receipt:
    """Ends what all users have with an application, and what it has for itself.

    :param word: its client_id or name.
    :param max_age: seconds after which no worker goes by an older configuration.
    :raises OperationError: there is no such application.
    """
    return await _revoke(store, lambda found: find(found.applications, APPLICATION, word), max_age, dry_run=dry_run)


async def service(store: Store, word: str, max_age: float, *, dry_run: bool = False) -> Receipt:
    """Ends everything that was issued at a service; parameters and errors as :func:`application`."""
    return await _revoke(store, lambda found: find(found.services, SERVICE, word), max_age, dry_run=dry_run)


async def site(store: Store, word: str, max_age: float, *, dry_run: bool = False) -> Receipt:
    """Ends everything that was issued in a site; parameters and errors as :func:`application`."""
    return await _revoke(store, lambda found: find(found.sites, SITE, word), max_age, dry_run=dry_run)


async def _revoke(
    store: Store, choose: Callable[[Snapshot], Application | Service | Site], max_age: float, *, dry_run: bool
) -> Receipt:
    """Marks a record with the version that the mark itself makes: whatever is older is dead."""
    before: list[Snapshot] = []

    def decide(snapshot: Snapshot) -> Change[Application | Service | Site]:
        before[:] = [snapshot]
        old = choose(snapshot)
        if dry_run:
            return Change(old)
        return Change(old, (replace(old, revoked_before=snapshot.version + 1),), (old,))

    old = await change(store, decide)
    since = None if dry_run else from_now(max_age)
    snapshot = before[0]
    reached = _reached(snapshot, old)
    alive = _lived(snapshot, reached, old if isinstance(old, Application) else None)
    died = await store.census.count(lambda seen: seen.version <= snapshot.version and alive(seen))
    level, place = _level(old)
    words = f"{place} {level} {_named(old)}"
    return Receipt(level, key_of(old), tuple(each.key for each in reached), died, since, words)


def _level(record: Application | Service | Site) -> tuple[str, str]:
    """The level, and how it is said where that is."""
    match record:
        case Application():
            return APPLICATION, "of"
        case Service():
            return SERVICE, "at"
        case Site():
            return SITE, "in"


def _reached(snapshot: Snapshot, record: Application | Service | Site) -> list[Service]:
    match record:
        case Application():
            return [snapshot.services[key] for key in record.services if key in snapshot.services]
        case Service():
            return [record]
        case Site():
            return [service for service in snapshot.services.values() if service.site_id == record.id]


def _lived(snapshot: Snapshot, services: Sequence[Service], application: Application | None) -> Callable[[Seen], bool]:
    """Whether something is of these, and no record of the configuration had ended it before."""
    by_number = {short(service.id): service for service in services}
    applications = {(each.site_id, short(each.id)): each for each in snapshot.applications.values()}
    only = None if application is None else short(application.id)

    def lived(seen: Seen) -> bool:
        service = by_number.get(seen.service)
        if service is None or only not in (None, seen.application):
            return False
        owner, site = applications.get((service.site_id, seen.application)), snapshot.sites[str(service.site_id)]
        if owner is None or service.key not in owner.services:
            return False
        return seen.version >= max(site.revoked_before, service.revoked_before, owner.revoked_before)

    return lived
