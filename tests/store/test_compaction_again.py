"""When marks of grants that had to stay are looked at again: seldom, and as soon as it is worth it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.calls import granted, revoke
from tests.model.ageing import let_pass
from tests.world import World

from .burying import MANY, TOGETHER, buried, bury, chain, client_of, end, give, grants, living, marks, texts
from .test_round_trips import quiet  # noqa: F401  a fixture

RAIL = 10


async def test_what_has_to_stay_is_looked_at_again_only_when_it_has_doubled(quiet: World) -> None:  # noqa: F811
    service, client = await client_of(quiet)
    made = await grants(quiet, service, client, 300)
    for at, each in enumerate(made):
        user = f"new-user-{at // 90}"  # a user is given a hundred at most
        await give(quiet, service, client, each, user)
    link: Any = quiet.store.link
    trips = []

    for each in made:
        before = link.commands_sent
        await revoke(quiet, service, client, each["refresh_token"])
        trips.append(link.commands_sent - before)

    assert [at for at, count in enumerate(trips) if count != 1] == [64, 130, 262]
    assert max(trips) <= 2 + 300 // 64 + 1
    assert len(await buried(quiet, service)) == 300
    assert await living(quiet, service, texts(made)) == set()


async def test_when_what_the_index_did_not_show_has_ended_the_marks_become_small(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, client = await client_of(one_world, access_ttl=600)
    with monkeypatch.context() as low:
        low.setattr("mashery_oauth.store.issuing.RAIL", RAIL)
        made = await chain(one_world, service, client, await granted(one_world, service, client), 2 * RAIL)
    service = await one_world.set_policy(service, access_ttl=3600)
    held = await bury(one_world, service, client, MANY + 1)
    before = len(await buried(one_world, service))
    await let_pass(one_world, [*made, *held], 700)

    more = await bury(one_world, service, client, MANY + 2)

    assert before == MANY + 1
    assert len(await buried(one_world, service)) <= TOGETHER
    assert "o" not in await marks(one_world, service)
    assert await living(one_world, service, texts([*held, *more])) == set()


async def test_marks_that_were_kept_for_long_are_small_again_when_their_tokens_have_ended(one_world: World) -> None:
    service, client = await client_of(one_world, access_ttl=600)
    held = await grants(one_world, service, client, MANY + 6)
    for each in held:
        await give(one_world, service, client, each)
    await end(one_world, service, client, held)
    before = len(await buried(one_world, service))
    await let_pass(one_world, held, 700)
    await one_world.set_policy(service, access_ttl=3600)

    await bury(one_world, service, client, MANY + 3)

    assert before == MANY + 6
    assert len(await buried(one_world, service)) <= TOGETHER + 3
