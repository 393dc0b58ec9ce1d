"""Sites: a provider's area, the number in the Cloud URL."""

from __future__ import annotations

from dataclasses import replace

from ..checks import check_free, check_record
from ..models import Site
from ..operation import Change, OperationError, Snapshot, change, find, read, replaced
from ..store import Store


async def create(store: Store, name: str, *, number: int | None = None) -> Site:
    """A new site.

    :param number: its id; ``None`` for the next one that is free.
    :raises OperationError: the name is none, or the number is taken.
    """

    def decide(snapshot: Snapshot) -> Change[Site]:
        site = Site(snapshot.free_site() if number is None else number, name)
        check_free("id", str(site.id), snapshot.sites)
        check_record(site, snapshot)
        return Change(site, (site,))

    return await change(store, decide)


async def every(store: Store) -> list[Site]:
    """All sites, by number."""
    return sorted((await read(store)).sites.values(), key=lambda site: site.id)


async def show(store: Store, word: str) -> Site:
    """The site with this number or name.

    :raises OperationError: there is none.
    """
    return find((await read(store)).sites, "site", word)


async def update(store: Store, word: str, *, name: str | None = None, active: bool | None = None) -> Site:
    """Changes what is given.

    :raises OperationError: there is no such site, or the name is none.
    """

    def decide(snapshot: Snapshot) -> Change[Site]:
        old = find(snapshot.sites, "site", word)
        new = replace(old, name=old.name if name is None else name, active=old.active if active is None else active)
        check_record(new, snapshot)
        return replaced(old, new)

    return await change(store, decide)


async def delete(store: Store, word: str) -> Site:
    """Removes an empty site.

    :raises OperationError: there is no such site, or something still belongs to it.
    """

    def decide(snapshot: Snapshot) -> Change[Site]:
        site = find(snapshot.sites, "site", word)
        kinds = (
            ("callers", snapshot.callers.values()),
            ("services", snapshot.services.values()),
            ("applications", snapshot.applications.values()),
        )
        left = {kind: sum(record.site_id == site.id for record in records) for kind, records in kinds}
        if any(left.values()):
            listed = ", ".join(f"{count} {kind}" for kind, count in left.items() if count)
            raise OperationError("site", f"{site.id} still has {listed}")
        return Change(site, deletes=(site,))

    return await change(store, decide)
