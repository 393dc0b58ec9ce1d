"""Callers: who may call, by apikey and signing secret (Cloud), by user and password (Local), or both."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..checks import check_free, check_record, check_secret
from ..models import Caller
from ..operation import (
    KEY_LENGTH,
    SECRET_LENGTH,
    Change,
    OperationError,
    Snapshot,
    change,
    find,
    read,
    replaced,
    seal_secret,
)
from ..store import Store
from ..store.ring import KeyRing
from ..store.texts import random_letters


@dataclass(frozen=True, slots=True)
class Shown:
    """A caller with its secrets in clear, this one time; those that stay as they are, are empty."""

    caller: Caller
    secret: str = ""
    password: str = ""


async def create(
    store: Store,
    site_id: int,
    name: str,
    *,
    apikey: str | None = None,
    secret: str | None = None,
    user: str | None = None,
    password: str | None = None,
    calls_per_second: int | None = None,
) -> Shown:
    """A new caller; what is not given is generated, the password only where there is a user.

    :raises OperationError: there is no such site, or apikey or user are taken or ill-formed.
    """
    if password is not None and user is None:
        raise OperationError("password", "needs a user")
    apikey = random_letters(KEY_LENGTH) if apikey is None else apikey
    secret = random_letters(SECRET_LENGTH) if secret is None else secret
    password = password or (random_letters(SECRET_LENGTH) if user else "")
    check_secret("secret", secret)
    hashed = _hashed(store.ring, password)
    caller = Caller(
        apikey=apikey,
        site_id=site_id,
        name=name,
        secret=seal_secret(store.ring, apikey, secret),
        user=user or "",
        password=hashed,
        calls_per_second=calls_per_second,
    )

    def decide(snapshot: Snapshot) -> Change[Caller]:
        check_free("apikey", caller.apikey, snapshot.callers)
        check_record(caller, snapshot)
        return Change(caller, (caller,))

    return Shown(await change(store, decide), secret, password)


def _hashed(ring: KeyRing, password: str) -> str:
    if not password:
        return ""
    check_secret("password", password)
    return ring.hash(password)


async def every(store: Store) -> list[Caller]:
    """All callers, by apikey."""
    return list((await read(store)).callers.values())


async def show(store: Store, word: str) -> Caller:
    """The caller with this apikey, user or name.

    :raises OperationError: there is none, or several have the name.
    """
    return find((await read(store)).callers, "caller", word)


async def update(
    store: Store,
    word: str,
    *,
    name: str | None = None,
    active: bool | None = None,
    calls_per_second: int | None = None,
) -> Caller:
    """Changes what is given.

    :param calls_per_second: 0 takes the limit away.

    :raises OperationError: there is no such caller, or the name is none.
    """

    def decide(snapshot: Snapshot) -> Change[Caller]:
        old = find(snapshot.callers, "caller", word)
        new = replace(old, name=old.name if name is None else name, active=old.active if active is None else active)
        if calls_per_second is not None:
            new = replace(new, calls_per_second=calls_per_second or None)
        check_record(new, snapshot)
        return replaced(old, new)

    return await change(store, decide)


async def rotate(store: Store, word: str, *, secret: bool, password: bool) -> Shown:
    """New secrets, in force at once; the old ones end.

    :param secret: whether the signing secret is replaced.
    :param password: whether the password is.
    :raises OperationError: there is no such caller, or it has no user that a password could be for.
    """
    new_secret, new_password = random_letters(SECRET_LENGTH), random_letters(SECRET_LENGTH)

    def decide(snapshot: Snapshot) -> Change[Caller]:
        old = find(snapshot.callers, "caller", word)
        if password and not old.user:
            raise OperationError("password", f"caller {old.apikey} has no user")
        new = old
        if secret:
            new = replace(new, secret=seal_secret(store.ring, old.apikey, new_secret))
        if password:
            new = replace(new, password=store.ring.hash(new_password))
        return replaced(old, new)

    caller = await change(store, decide)
    return Shown(caller, new_secret if secret else "", new_password if password else "")


async def delete(store: Store, word: str) -> Caller:
    """Removes a caller; it is refused from now on.

    :raises OperationError: there is no such caller.
    """

    def decide(snapshot: Snapshot) -> Change[Caller]:
        caller = find(snapshot.callers, "caller", word)
        return Change(caller, deletes=(caller,))

    return await change(store, decide)
