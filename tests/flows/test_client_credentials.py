"""The client acts for itself."""

from __future__ import annotations

from tests.world import World


async def test_gives_a_token_that_can_be_fetched(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)

    made = await world.token(service, client, {"grant_type": "client_credentials", "scope": "read"})
    fetched = await world.fetch(service, made.result["access_token"])

    assert fetched.result["client_id"] == client.client_id
    assert fetched.result["grant_type"] == "client_credentials"
    assert fetched.result["scope"] == "read"
