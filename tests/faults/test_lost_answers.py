"""An answer that is lost on its way from the store: with an Idempotency-Key it can be asked for again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from mashery_oauth.models import Application, Service
from tests.effort import tally
from tests.flows.calls import listed
from tests.wire.test_store_trouble import check_retryable
from tests.world import HTTPS, SECRET, Answer, World

from .injected import CUT_AFTER, CUT_BEFORE
from .proxy import Fault
from .stage import Lane, lanes

pytestmark = pytest.mark.asyncio(loop_scope="module")
CLAIM, WORK = 1, 2  # the commands of a call with a key
Data = Callable[[World, Service, Application], Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lane(single_url: str) -> AsyncIterator[Lane]:
    """A worker at the end of a line that can be cut."""
    async with lanes(single_url, 1, 5, promised=10) as made:
        yield made[0]


async def by_code(world: World, service: Service, client: Application) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": await world.code(service, client, "user")}


async def by_refresh(world: World, service: Service, client: Application) -> dict[str, str]:
    made = (await world.token(service, client, {"grant_type": "password"}, user_context="user")).result
    return {"grant_type": "refresh_token", "refresh_token": made["refresh_token"]}


async def by_password(*_: Any) -> dict[str, str]:
    return {"grant_type": "password"}


async def keyed(world: World, service: Service, client: Application, data: dict[str, str]) -> Answer:
    params = {
        "service_key": service.key,
        "client": {"client_id": client.client_id, "client_secret": SECRET},
        "token_data": data,
        "uri": {"redirect_uri": HTTPS},
        "user_context": "user",
    }
    return await world.call("createAccessToken", params, headers={"Idempotency-Key": "key"})


@pytest.mark.parametrize("fault", [CUT_BEFORE, CUT_AFTER], ids=lambda fault: fault.name)
@pytest.mark.parametrize("at", [CLAIM, WORK], ids=["claim", "work"])
@pytest.mark.parametrize("data_of", [by_code, by_refresh, by_password], ids=lambda data: data.__name__)
async def test_a_call_that_was_answered_503_is_answered_when_it_is_sent_again_with_its_key(
    lane: Lane, data_of: Data, at: int, fault: Fault
) -> None:
    service = await lane.maker.add_service("draft16", refresh_grace=0)
    client = await lane.maker.add_application(service)
    data = await data_of(lane.maker, service, client)
    before = set(await listed(lane.maker, service))
    await keyed(lane.world, service, client, {"grant_type": "unknown"})  # so that it knows service and client

    lane.plan.arm(fault, at, lasting=True)
    lost = await keyed(lane.world, service, client, data)
    lane.plan.disarm()
    again = await keyed(lane.world, service, client, data)
    once_more = await keyed(lane.maker, service, client, data)

    check_retryable(lost)
    assert again.result == once_more.result
    assert set(await listed(lane.maker, service)) - before == {again.result["access_token"]}
    assert (await lane.maker.refresh(service, client, again.result["refresh_token"])).result
    tally("answers that were lost and asked for again")
