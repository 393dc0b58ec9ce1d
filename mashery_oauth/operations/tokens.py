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


@dataclass(frozen=True, slots=True)
class _Found:
    """What the store has of a token. There is no record where only the grave of a dead one is left."""

    kind: str
    place: Place
    service: Service | None
    application: Application | None
    record: Stored | None = None
    lives: bool = False  # neither it nor its grant has been ended, by itself or by a mark of its user
    latest: bool = True  # of a refresh token: none has been made of it yet
    expires: int | None = None


async def show(store: Store, text: str) -> TokenState:
    """What there is of a token.

    :param text: the token's text, or the ``sha256:`` handle of an access token.
    :raises OperationError: there is no such token.
    """
    return await _state(store, await _find(store, text))


async def revoke(store: Store, text: str, *, dry_run: bool = False) -> tuple[TokenState, Receipt]:
    """Kills a token, and its grant as the service's policy says; what is left of it, and how much died.

    :raises OperationError: there is no such token.
    """
    found = await _find(store, text)
    state, service = await _state(store, found), found.service
    if service is None:  # its tokens died with it
        return state, Receipt(TOKEN, state.handle or "", (), Counts(), None if dry_run else from_now())
    whole = found.kind == REFRESH or service.policy.revocation == GRANT
    died = await _would_die(store, found, whole=whole)
    dead = not dry_run and await store.users.revoke_token(service, text, None, grant=whole)
    receipt = Receipt(
        GRANT if whole else TOKEN, state.handle or "", (service.key,), died, None if dry_run else from_now()
    )
    return replace(state, alive=state.alive and not dead), receipt


async def _find(store: Store, text: str) -> _Found:
    await store.configuration.fresh()
    refresh = store.texts.locate_refresh(text)
    place = refresh or store.texts.locate(text) or store.texts.locate_handle(text)
    found = None if place is None else await (_refresh if refresh else _access)(store, place)
    if found is None:
        raise OperationError("token", "no such token")
    return found


async def _access(store: Store, place: Place) -> _Found | None:
    value, stored = await store.tokens.read(place)
    if value is None:
        return None
    record = parse(value)
    if record is None:
        _, service_number, application_number = value.decode().split(".")
        return _Found(ACCESS, place, *await _whose(store, service_number, application_number))
    return _Found(
        ACCESS,
        place,
        *await _whose(store, record.service, record.application),
        record,
        lives=stored is not None,
        expires=record.expires // 1000 if record.expires > 0 else None,
    )


async def _refresh(store: Store, place: Place) -> _Found | None:
    grant = await _grant(store, place)
    if grant is None or place.digest not in (grant.current, grant.previous):
        return None
    key, record = keys.family(place.tag, place.family), grant.record
    left: int = await store.link.run(key, "PTTL", key)
    return _Found(
        REFRESH,
        place,
        *await _whose(store, record.service, record.application),
        record,
        grant.lives,
        latest=place.digest == grant.current,
        expires=int(time.time() + left / 1000) if left > 0 else None,
    )


async def _state(store: Store, found: _Found) -> TokenState:
    record, service, application = found.record, found.service, found.application
    in_force = await _stands(store, found) and await _is_awake(store, service, application)
    return TokenState(
        kind=found.kind,
        alive=found.lives and found.latest and in_force,
        handle=store.texts.handle(found.place) if found.kind == ACCESS else None,
        service=service,
        application=application,
        flow=record and record.flow,
        scope=record and record.scope,
        user_context=record and record.user_context,
        expires=found.expires,
    )


async def _would_die(store: Store, found: _Found, *, whole: bool) -> Counts:
    """What of a token's grant is alive; of the token itself, where it is ended alone."""
    record, tag = found.record, found.place.tag
    if record is None or not await _stands(store, found):
        return Counts()
    if not whole or not record.family:
        return Counts(access_tokens=int(found.lives))
    family = record.family
    grant = found if found.kind == REFRESH else await _grant(store, Place(tag, "", family))
    counts = await store.census.count(lambda seen: seen.family == family, near=(tag,))
    return replace(counts, refresh_tokens=int(grant is not None and grant.lives))


@dataclass(frozen=True, slots=True)
class _Grant:
    """What refresh tokens are made from, with the digests of the latest and of the one before."""

    record: Stored
    lives: bool  # neither it nor a mark of its user has ended it
    current: str
    previous: str | None


async def _grant(store: Store, place: Place) -> _Grant | None:
    raw, marks = await store.link.read(keys.family(place.tag, place.family), keys.marks(place.tag))
    if raw is None:
        return None
    kept = orjson.loads(raw)
    record = _as_stored(kept, place)
    lives = not kept.get("dead") and not parse_marks(marks).reach_token(record)
    return _Grant(record, lives, kept["current"], kept.get("previous"))


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


async def _stands(store: Store, found: _Found) -> bool:
    """Whether no revocation of its application, service or site has ended it: while those are off, it only sleeps."""
    service, application = found.service, found.application
    if found.record is None or service is None or application is None or service.key not in application.services:
        return False
    site = await store.configuration.site(service.site_id)
    return site is not None and found.record.version >= _floor(site, service, application)


async def _is_awake(store: Store, service: Service | None, application: Application | None) -> bool:
    """Whether application, service and site are on."""
    site = None if service is None else await store.configuration.site(service.site_id)
    return all(each is not None and each.active for each in (site, service, application))


def _floor(*records: Site | Service | Application) -> int:
    """The configuration version that something must have been issued at, to be alive."""
    return max(record.revoked_before for record in records)
