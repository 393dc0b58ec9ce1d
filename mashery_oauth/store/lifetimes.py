"""Lifetimes cut short: what a text names ends now, and every answer about it is as if its time had passed.

For the tests of providers, which would have to wait otherwise. No call and no command leads here. What goes is what
the store itself takes away when a time to live is over; a user's list, which outlives its tokens, is written as it
would read then. Nothing is revoked: what else belongs to the grant stays as it is.
"""

from __future__ import annotations

from . import Store, keys
from .scripts import load
from .texts import Place
from .values import parse

END_TOKEN, END_POINTER = load("end_token", "ending"), load("end_pointer", "ending")
CODE, ACCESS, REFRESH = "code", "access token", "refresh token"


async def end(store: Store, text: str) -> str | None:
    """Ends what a text names: a code, used or not; an access token; a refresh token, with all of its generations.

    :returns: which of these it was; ``None`` where there is nothing of that name, or it has ended before.
    """
    refresh = store.texts.locate_refresh(text)
    if refresh is not None:
        return REFRESH if await _remove(store, keys.family(refresh.tag, refresh.family)) else None
    place = store.texts.locate(text)
    if place is None:
        return None
    if await _remove(store, keys.code(place)):
        return CODE
    return ACCESS if await _end_token(store, place) else None


async def end_grace(store: Store, refresh_token: str) -> bool:
    """Ends the time in which a used refresh token gets its answer again; whether there was any left."""
    place = store.texts.locate_refresh(refresh_token)
    return place is not None and await _remove(store, keys.grace(place.tag, place.family))


async def _remove(store: Store, key: str) -> bool:
    return bool(await store.link.write(key, "DEL", key))


async def _end_token(store: Store, place: Place) -> bool:
    """Its record and its entry in the list beside it; then, where it was given to another user, the entry there."""
    retention = await _retention(store, place)
    owner = await store.link.script(END_TOKEN, [keys.token(place), keys.index(place.tag)], [retention])
    if owner:
        await store.link.script(END_POINTER, [keys.index(owner.decode())], [place.tag + place.digest, retention])
    return owner is not None


async def _retention(store: Store, place: Place) -> int:
    """How long its service lists a dead token, in milliseconds; of one that is dead already nobody asks."""
    (value,) = await store.link.read(keys.token(place))
    stored = None if value is None else parse(value)
    service = None if stored is None else await store.configuration.service_by_id(int(stored.service, 36))
    return 0 if service is None else service.policy.inactive_retention * 1000
