"""Waiting on a condition, with a bound: how a test lets a short lifetime pass."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from mashery_oauth.store import Store, keys

PATIENCE = 10.0  # seconds


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Returns when the condition holds.

    :raises TimeoutError: it does not within ten seconds.
    """
    deadline = time.monotonic() + PATIENCE
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.02)


async def expired(store: Store, *names: str) -> None:
    """Returns when none of these keys is in the store."""

    async def are_gone() -> bool:
        return not any([await store.link.run(name, "EXISTS", name) for name in names])

    await until(are_gone)


async def code_expired(store: Store, code: str) -> None:
    """Returns when an unused code has ended."""
    place = store.texts.locate(code)
    assert place is not None
    await expired(store, keys.code(place))


async def token_expired(store: Store, access_token: str) -> None:
    """Returns when an access token has ended."""
    place = store.texts.locate(access_token)
    assert place is not None
    await expired(store, keys.token(place))


async def family_expired(store: Store, refresh_token: str) -> None:
    """Returns when a refresh token and its successors have ended."""
    place = store.texts.locate_refresh(refresh_token)
    assert place is not None
    await expired(store, keys.family(place.tag, place.family))


async def grace_expired(store: Store, refresh_token: str) -> None:
    """Returns when a used refresh token gets the same answer no longer."""
    place = store.texts.locate_refresh(refresh_token)
    assert place is not None
    await expired(store, keys.grace(place.tag, place.family))
