"""The user gave name and password to the client; the provider checked them and names the user."""

from __future__ import annotations

from tests.world import World

from .calls import listed, password


async def test_gives_a_token_for_the_user_whom_the_provider_names(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)

    made = (await password(world, service, client, scope="read")).result
    fetched = (await world.fetch(service, made["access_token"])).result

    assert made["return_type"] == "json"
    assert made["refresh_token"]
    assert fetched["grant_type"] == "password"
    assert (fetched["user_context"], fetched["scope"]) == ("user", "read")
    assert await listed(world, service) == [made["access_token"]]


async def test_needs_no_user(world: World) -> None:
    service = await world.add_service("rfc6749")
    client = await world.add_application(service)

    made = (await password(world, service, client, None)).result

    assert made["user_context"] is None
    assert (await world.refresh(service, client, made["refresh_token"])).result["user_context"] is None


async def test_goes_on_by_refresh(world: World) -> None:
    service = await world.add_service("draft10")
    client = await world.add_application(service)
    made = (await password(world, service, client)).result

    refreshed = (await world.refresh(service, client, made["refresh_token"])).result

    assert (await world.fetch(service, refreshed["access_token"])).result["grant_type"] == "password"


async def test_passes_over_what_it_has_no_use_for(one_world: World) -> None:
    service = await one_world.add_service("rfc6749")
    client = await one_world.add_application(service)
    data = {"grant_type": "password", "code": "c", "refresh_token": "r"}

    made = await one_world.token(service, client, data, uri={"redirect_uri": "/nowhere", "state": "s"})

    assert made.result["uri"] is None
    assert made.result["state"] is None
