"""One token, by its text or its handle: what it is, and its end. Its text is never said again."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import orjson

from ..models import Application, Service, Site
from ..operation import OperationError, Receipt, from_now
from ..store import Store, keys
from ..store.census import Counts
from ..store.texts import Place
from ..store.values import Stored, parse, parse_marks

ACCESS, REFRESH = "access", "refresh"
TOKEN, GRANT = "token", "grant"


@dataclass(frozen=True, slots=True)
class TokenState:
    """A token as operators see it. ``expires`` is in seconds since 1970, ``None`` where the lifetime is off or over."""

    kind: str
    alive: bool
    handle: str | None  # a refresh token has none
    service: Service | None
    application: Application | None
    flow: str | None = None
    scope: str | None = None
    user_context: str | None = None
    expires: int | None = None


async def show(store: Store, text: str) -> TokenState:
    """What there is of a token.

    :param text: the token's text, or the ``sha256:`` handle of an access token.
    :raises OperationError: there is no such token.
    """
    await store.configuration.fresh()
    refresh = store.texts.locate_refresh(text)
    place = refresh or store.texts.locate(text) or store.texts.locate_handle(text)
    found = None if place is None else await (_refresh if refresh else _access)(store, place)
    if found is None:
        raise OperationError("token", "no such token")
    return found


async def revoke(store: Store, text: str, *, dry_run: bool = False) -> tuple[TokenState, Receipt]:
    """Kills a token, and its grant as the service's policy says; what is left of it, and how much died.

    :raises OperationError: there is no such token.
    """
    found = await show(store, text)
    service = found.service
    if service is None:  # its tokens died with it
        return found, Receipt(TOKEN, found.handle or "", (), Counts(), None if dry_run else from_now())
    whole = found.kind == REFRESH or service.policy.revocation == GRANT
    died = await _would_die(store, text, whole=whole)
    dead = not dry_run and await store.users.revoke_token(service, text, None, grant=whole)
    receipt = Receipt(
        GRANT if whole else TOKEN, found.handle or "", (service.key,), died, None if dry_run else from_now()
    )
    return replace(found, alive=found.alive and not dead), receipt


async def _would_die(store: Store, text: str, *, whole: bool) -> Counts:
    """What of a token's grant is alive; of the token itself, where it is ended alone."""
    refresh = store.texts.locate_refresh(text)
    place = refresh or store.texts.locate(text) or store.texts.locate_handle(text)
    found = None if place is None else await (_grant if refresh else _token)(store, place)
    if place is None or found is None or not await _stands(store, found.record):
        return Counts()
    family = found.record.family
    if not whole or not family:
        return Counts(access_tokens=int(found.alive))
    grant = found if refresh else await _grant(store, Place(place.tag, "", family))
    counts = await store.census.count(lambda seen: seen.family == family, near=(place.tag,))
    return replace(counts, refresh_tokens=int(grant is not None and grant.alive))


@dataclass(frozen=True, slots=True)
class _Kept:
    """The record of a token or grant, and whether no mark of its user has ended it."""

    record: Stored
    alive: bool


async def _token(store: Store, place: Place) -> _Kept | None:
    value, alive = await store.tokens.read(place)
    record = None if value is None else parse(value)
    return None if record is None else _Kept(record, alive is not None)


async def _grant(store: Store, place: Place) -> _Kept | None:
    raw, marks = await store.link.read(keys.family(place.tag, place.family), keys.marks(place.tag))
    if raw is None:
        return None
    kept = orjson.loads(raw)
    record = _as_stored(kept, place)
    return _Kept(record, not kept.get("dead") and not parse_marks(marks).reach_token(record))


async def _stands(store: Store, record: Stored) -> bool:
    """Whether no revocation of its application, service or site has ended it: while those are off, it only sleeps."""
    service, application = await _whose(store, record.service, record.application)
    if service is None or application is None or service.key not in application.services:
        return False
    site = await store.configuration.site(service.site_id)
    return site is not None and record.version >= _floor(site, service, application)


async def _access(store: Store, place: Place) -> TokenState | None:
    value, stored = await store.tokens.read(place)
    if value is None:
        return None
    handle = store.texts.handle(place)
    record = parse(value)
    if record is None:
        _, service_number, application_number = value.decode().split(".")
        service, application = await _whose(store, service_number, application_number)
        return TokenState(ACCESS, alive=False, handle=handle, service=service, application=application)
    service, application = await _whose(store, record.service, record.application)
    return TokenState(
        kind=ACCESS,
        alive=stored is not None and await _in_force(store, record.version, service, application),
        handle=handle,
        service=service,
        application=application,
        flow=record.flow,
        scope=record.scope,
        user_context=record.user_context,
        expires=record.expires // 1000 if record.expires > 0 else None,
    )


async def _refresh(store: Store, place: Place) -> TokenState | None:
    key = keys.family(place.tag, place.family)
    raw, marks = await store.link.read(key, keys.marks(place.tag))
    if raw is None:
        return None
    family = orjson.loads(raw)
    if place.digest not in (family["current"], family.get("previous")):
        return None
    service, application = await _whose(store, family["service"], family["application"])
    record = _as_stored(family, place)
    current = place.digest == family["current"] and not family.get("dead")
    alive = current and not parse_marks(marks).reach_token(record)
    left: int = await store.link.run(key, "PTTL", key)
    return TokenState(
        kind=REFRESH,
        alive=alive and await _in_force(store, record.version, service, application),
        handle=None,
        service=service,
        application=application,
        flow=record.flow,
        scope=record.scope,
        user_context=record.user_context,
        expires=int(time.time() + left / 1000) if left > 0 else None,
    )


def _as_stored(family: dict[str, Any], place: Place) -> Stored:
    """A family in the terms of the tokens that it yields."""
    body = orjson.loads(family["body"])
    return Stored(
        stamp=family["stamp"],
        version=family["version"],
        service=family["service"],
        application=family["application"],
        expires=0,
        family=place.family,
        owner=family.get("owner", ""),
        member="",
        mac="",
        flow=body["f"],
        scope=body.get("s"),
        user_context=body.get("u"),
    )


async def _whose(store: Store, service: str, application: str) -> tuple[Service | None, Application | None]:
    """Service and application by the numbers that a record holds; ``None`` for one that was deleted."""
    configuration = store.configuration
    found = await configuration.service_by_id(int(service, 36))
    if found is None:
        return None, None
    return found, await configuration.application_by_id(found.site_id, int(application, 36))


async def _in_force(store: Store, version: int, service: Service | None, application: Application | None) -> bool:
    """Whether nothing that is configured stands in the way of what was issued at a version."""
    if service is None or application is None:
        return False
    site = await store.configuration.site(service.site_id)
    if site is None or not (site.active and service.active and application.active):
        return False
    return service.key in application.services and version >= _floor(site, service, application)


def _floor(*records: Site | Service | Application) -> int:
    """The configuration version that something must have been issued at, to be alive."""
    return max(record.revoked_before for record in records)
