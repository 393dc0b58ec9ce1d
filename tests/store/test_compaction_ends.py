"""What marks need not name any longer is dead by its own record: until its own end, and in no other list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import orjson
import pytest

from mashery_oauth.models import Application, Service
from mashery_oauth.store import keys
from mashery_oauth.store.compaction import END_GRANTS
from tests.flows.calls import Members, granted, listed, messages
from tests.model.ageing import keys_of
from tests.world import World

from .burying import MANY, buried, client_of, end, family_of, give, living, texts
from .test_ended_grants import lifetime


async def by_revocation(world: World, service: Service, client: Application) -> Members:
    made = await granted(world, service, client)
    await end(world, service, client, [made])
    return made


async def by_replay(world: World, service: Service, client: Application) -> Members:
    code = await world.code(service, client)
    made: Members = (await world.redeem(service, client, code)).result
    assert messages([await world.redeem(service, client, code)]) == {"Invalid authorization code"}
    return made


@pytest.mark.parametrize("way", [by_revocation, by_replay], ids=lambda way: way.__name__)
async def test_everything_of_an_ended_grant_has_an_end(
    world: World, way: Callable[[World, Service, Application], Awaitable[Members]]
) -> None:
    service, client = await client_of(world, access_ttl=3600, refresh_idle_ttl=7200)

    made = [await way(world, service, client) for _ in range(MANY + 1)]
    shown = [text for each in made for text in (each["access_token"], each["refresh_token"])]
    left = [await lifetime(world, name) for name in keys_of(world.store, shown, ())]

    assert await buried(world, service) == set()
    assert sum(each > 0 for each in left) >= 2 * len(made)
    assert -1 not in left
    assert max(left) <= 30 * 86_400_000 + 7_200_000


async def test_grants_without_a_record_leave_the_marks_like_all_others(world: World) -> None:
    service, client = await client_of(world)
    service = await world.set_policy(service, flows=service.policy.flows - {"refresh_token"})
    made: list[Members] = []
    for _ in range(MANY + 1):
        code = await world.code(service, client)
        made.append((await world.redeem(service, client, code)).result)
        assert messages([await world.redeem(service, client, code)]) == {"Invalid authorization code"}

    assert await buried(world, service) == set()
    assert await living(world, service, texts(made)) == set()


@pytest.mark.parametrize("status", ["active", "inactive"])
async def test_a_token_that_was_given_away_meanwhile_does_not_come_back_to_the_list(world: World, status: str) -> None:
    service, client = await client_of(world)
    await granted(world, service, client)
    made = await granted(world, service, client)
    tag, place = world.store.texts.tag_of_user(service.id, "user"), world.store.texts.locate(made["access_token"])
    assert place is not None
    family, index = family_of(world, made), keys.index(tag)
    (member,) = [each for each in await world.store.link.run(index, "ZRANGE", index, 0, -1) if family.encode() in each]
    await give(world, service, client, made)
    await end(world, service, client, [made])
    before = await listed(world, service, status=status)

    names = [keys.marks(tag), index, keys.token(place)]
    arguments = {"grants": (), "tokens": [(family, member.decode())]}
    await world.store.link.script(END_GRANTS, names, [orjson.dumps(arguments)])

    assert await listed(world, service, status=status) == before
    assert await living(world, service, texts([made])) == set()
