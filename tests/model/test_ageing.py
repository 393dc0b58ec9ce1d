"""Time that is made to pass leaves a store as time does that passes by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mashery_oauth.models import Application, Service
from tests.flows.calls import listed, password, revoke
from tests.waiting import token_expired
from tests.world import World

from .ageing import let_pass


async def what_is_left(world: World, service: Service, client: Application, made: dict[str, Any]) -> list[Any]:
    """What can be told of a token and its grant after the token has ended."""
    token = made["access_token"]
    return [
        (await world.fetch(service, token)).error["message"],
        await listed(world, service),
        await listed(world, service, status="inactive") == [token],
        (await revoke(world, service, client, token)).result,
        "result" in (await world.refresh(service, client, made["refresh_token"])).json,
    ]


async def test_a_token_that_was_made_to_end_is_like_one_that_ended(world: World) -> None:
    short, long = await world.add_service(access_ttl=1), await world.add_service(access_ttl=1000)
    client = await world.add_application(short, long)
    first, second = (await password(world, short, client)).result, (await password(world, long, client)).result

    await token_expired(world.store, first["access_token"])
    await let_pass(world, [second], 1001, (long, "user"))

    left = await what_is_left(world, short, client, first)
    assert left == ["Invalid Access Token", [], True, False, True]
    assert await what_is_left(world, long, client, second) == left


async def test_a_token_that_was_made_older_lives_and_ends_as_much_earlier(world: World) -> None:
    service = await world.add_service(access_ttl=1000)
    client = await world.add_application(service)
    made = (await password(world, service, client)).result
    before = (await world.fetch(service, made["access_token"])).result["expires"]

    await let_pass(world, [made], 600, (service, "user"))
    after = (await world.fetch(service, made["access_token"])).result["expires"]

    assert seconds(before) - seconds(after) == 600
    assert await listed(world, service) == [made["access_token"]]


def seconds(time: str) -> float:
    """A time as seconds since 1970."""
    return datetime.fromisoformat(time).timestamp()
