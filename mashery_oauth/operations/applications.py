"""Applications: clients, the services that each may be used with, and their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..checks import SECRETS, check_free, check_record, check_secret, service_keys
from ..models import Application
from ..operation import (
    CLIENT_SECRET_LENGTH,
    KEY_LENGTH,
    Change,
    OperationError,
    Snapshot,
    change,
    find,
    read,
    replaced,
)
from ..store import Store
from ..store.texts import random_letters


@dataclass(frozen=True, slots=True)
class Shown:
    """An application with its new secret in clear, this one time; empty where there is none."""

    application: Application
    client_secret: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Members of an application as an operator names them; ``None`` is "not said"."""

    name: str | None = None
    services: Sequence[str] | None = None  # keys or names
    type: str | None = None
    native: bool | None = None
    redirect_uris: Sequence[str] | None = None
    flows: frozenset[str] | None = None
    every_flow: bool = False  # all that the service allows, now and later
    external_id: str | None = None
    attributes: str | None = None
    active: bool | None = None


def _with(application: Application, wanted: Wanted, snapshot: Snapshot) -> Application:
    plain = ("name", "type", "native", "flows", "external_id", "attributes", "active")
    given = {name: getattr(wanted, name) for name in plain if getattr(wanted, name) is not None}
    if wanted.every_flow:
        given["flows"] = None
    if wanted.redirect_uris is not None:
        given["redirect_uris"] = tuple(wanted.redirect_uris)
    if wanted.services is not None:
        given["services"] = service_keys(tuple(wanted.services), application.site_id, snapshot)
    changed = replace(application, **given)
    return replace(changed, secrets=()) if changed.public else changed


async def create(
    store: Store,
    site_id: int,
    wanted: Wanted,
    *,
    number: int | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
) -> Shown:
    """A new application; what is not given is generated, the secret only where it can be kept.

    :param number: its id; ``None`` for the next one that is free in the site.
    :raises OperationError: a member is ill-formed, or there is no such site or service, or id or client_id are taken.
    """
    public = wanted.type == "public"
    if public and client_secret is not None:
        raise OperationError("client_secret", "a public application has none")
    client_id = random_letters(KEY_LENGTH) if client_id is None else client_id
    secret = "" if public else client_secret or random_letters(CLIENT_SECRET_LENGTH)
    secrets = () if public else (_hashed(store, secret),)

    def decide(snapshot: Snapshot) -> Change[Application]:
        chosen = snapshot.free_application(site_id) if number is None else number
        # What an earlier bearer of the number was issued is dead.
        bare = Application(chosen, client_id, site_id, "", secrets=secrets, revoked_before=snapshot.version)
        application = _with(bare, wanted, snapshot)
        check_free("client_id", client_id, snapshot.applications)
        check_record(application, snapshot)
        return Change(application, (application,))

    return Shown(await change(store, decide), secret)


def _hashed(store: Store, secret: str) -> str:
    check_secret("client_secret", secret)
    return store.ring.hash(secret)


async def every(store: Store) -> list[tuple[Application, list[str]]]:
    """All applications, by site and number, each with the names of its services."""
    snapshot = await read(store)
    found = sorted(snapshot.applications.values(), key=lambda application: (application.site_id, application.id))
    return [(each, [snapshot.services[key].name for key in each.services]) for each in found]


async def show(store: Store, word: str) -> Application:
    """The application with this client_id or name.

    :raises OperationError: there is none, or several have the name.
    """
    return find((await read(store)).applications, "application", word)


async def update(store: Store, word: str, wanted: Wanted) -> Application:
    """Changes what is given; one that becomes public loses its secrets.

    :raises OperationError: there is no such application, or a member is ill-formed.
    """

    def decide(snapshot: Snapshot) -> Change[Application]:
        old = find(snapshot.applications, "application", word)
        new = _with(old, wanted, snapshot)
        check_record(new, snapshot)
        return replaced(old, new)

    return await change(store, decide)


async def add_secret(store: Store, word: str, *, client_secret: str | None = None) -> Shown:
    """A further secret, beside the newest of those there are: both count until the older is dropped.

    :raises OperationError: there is no such application, or it cannot keep a secret.
    """
    secret = client_secret or random_letters(CLIENT_SECRET_LENGTH)
    hashed = _hashed(store, secret)

    def decide(snapshot: Snapshot) -> Change[Application]:
        old = find(snapshot.applications, "application", word)
        if old.public:
            raise OperationError("application", f"{old.client_id} is public and has no secret")
        return replaced(old, replace(old, secrets=(hashed, *old.secrets)[:SECRETS]))

    return Shown(await change(store, decide), secret)


async def drop_secret(store: Store, word: str) -> Application:
    """Ends the older of two secrets.

    :raises OperationError: there is no such application, or it has no older secret.
    """

    def decide(snapshot: Snapshot) -> Change[Application]:
        old = find(snapshot.applications, "application", word)
        if len(old.secrets) < SECRETS:
            raise OperationError("application", f"{old.client_id} has no older secret")
        return replaced(old, replace(old, secrets=old.secrets[:1]))

    return await change(store, decide)


async def delete(store: Store, word: str) -> Application:
    """Removes an application; its tokens are dead from now on.

    :raises OperationError: there is no such application.
    """

    def decide(snapshot: Snapshot) -> Change[Application]:
        application = find(snapshot.applications, "application", word)
        return Change(application, deletes=(application,))

    return await change(store, decide)
