"""A grant that is ended has two witnesses: its own record, and the user's marks while a token of it could live."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from mashery_oauth.models import Application, Service
from mashery_oauth.store import keys
from tests.flows.calls import Members, granted, messages, revoke
from tests.model.ageing import keys_of, let_pass
from tests.world import Answer, World

from .burying import buried, chain, client_of, end, family_of, living, texts

IDLE, SHORT, LONG = 9000, 60, 3600  # seconds
Way = Callable[[World, Service, Application, list[Members]], Awaitable[Answer]]


async def by_reuse(world: World, service: Service, client: Application, made: list[Members]) -> Answer:
    return await world.refresh(service, client, made[0]["refresh_token"])


async def by_access_token(world: World, service: Service, client: Application, made: list[Members]) -> Answer:
    return await revoke(world, service, client, made[0]["access_token"])


async def by_refresh_token(world: World, service: Service, client: Application, made: list[Members]) -> Answer:
    return await revoke(world, service, client, made[-1]["refresh_token"])


WAYS: dict[str, Way] = {
    "reuse": by_reuse,
    "its access token": by_access_token,
    "its refresh token": by_refresh_token,
}
each_way = pytest.mark.parametrize("way", list(WAYS.values()), ids=list(WAYS))


async def refreshed(world: World, lives: tuple[int, ...], grace: int = 0) -> tuple[Service, Application, list[Members]]:
    """A grant whose access tokens live so many seconds, one after the other."""
    service, client = await client_of(
        world, access_ttl=lives[0], refresh_idle_ttl=IDLE, refresh_grace=grace, revocation="grant"
    )
    made = [await granted(world, service, client)]
    for life in lives[1:]:
        service = await world.set_policy(service, access_ttl=life)
        made += (await chain(world, service, client, made[-1], 1))[1:]
    return service, client, made


async def forget(world: World, service: Service, client: Application) -> Members:
    """Ends another grant of the user: what is needed no longer leaves the marks."""
    other = await granted(world, service, client)
    await end(world, service, client, [other])
    return other


@each_way
async def test_its_record_knows_when_the_marks_have_forgotten_it(world: World, way: Way) -> None:
    service, client, made = await refreshed(world, (SHORT, SHORT, SHORT))
    await way(world, service, client, made)
    await let_pass(world, made, 2 * SHORT)

    other = await forget(world, service, client)

    assert await buried(world, service) == {family_of(world, other)}
    assert messages([await world.refresh(service, client, made[-1]["refresh_token"])]) == {"Invalid refresh token"}


@each_way
@pytest.mark.parametrize("lives", [(SHORT, LONG), (LONG, SHORT)], ids=["the last lives longest", "the first does"])
async def test_the_marks_know_until_its_last_token_has_ended(world: World, way: Way, lives: tuple[int, ...]) -> None:
    service, client, made = await refreshed(world, (SHORT, *lives))
    await way(world, service, client, made)
    await let_pass(world, made, 2 * SHORT)

    await forget(world, service, client)

    assert family_of(world, made[0]) in await buried(world, service)
    assert await living(world, service, texts(made)) == set()


async def test_the_marks_know_though_its_record_had_ended_before(world: World) -> None:
    service, client, made = await refreshed(world, (IDLE + 2 * SHORT, IDLE + LONG))
    await let_pass(world, made, IDLE + SHORT)
    before = await living(world, service, texts(made))
    await by_access_token(world, service, client, made)
    await let_pass(world, made, 2 * SHORT)

    await forget(world, service, client)

    assert before == set(texts(made))
    assert await living(world, service, texts(made)) == set()


@each_way
async def test_nothing_of_it_lives_longer_than_it_would_have(world: World, way: Way) -> None:
    service, client, made = await refreshed(world, (SHORT, LONG, SHORT))
    names = keys_of(world.store, [made[-1]["refresh_token"], *texts(made)], ())
    before = {name: left for name in names if (left := await lifetime(world, name)) > 0}

    await way(world, service, client, made)

    after = {name: await lifetime(world, name) for name in before}
    assert len(before) == len(made) + len(("marks", "index", "family"))
    assert {name: left for name, left in after.items() if not 0 < left <= before[name]} == {}


@pytest.mark.parametrize("way", [by_access_token, by_refresh_token], ids=["its access token", "its refresh token"])
async def test_the_answer_that_is_kept_for_a_retry_goes_with_it(world: World, way: Way) -> None:
    service, client, made = await refreshed(world, (LONG, LONG), grace=300)
    place = world.store.texts.locate_refresh(made[0]["refresh_token"])
    assert place is not None
    name = keys.grace(place.tag, place.family)
    before = await lifetime(world, name)

    await way(world, service, client, made)

    assert before > 0
    assert await lifetime(world, name) == -2


async def lifetime(world: World, name: str) -> int:
    """Milliseconds; -1 for ever, -2 gone."""
    left: int = await world.store.link.run(name, "PTTL", name)
    return left
