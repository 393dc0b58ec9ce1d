"""What a slow store says of the configuration, and when it was true."""

from __future__ import annotations

import time

from tests.waiting import until
from tests.wire.conftest import world_at

from .proxy import Fault, Plan, proxy_to
from .stage import LONG, world_behind

AGE = 0.3  # seconds that configuration may be old
CREATE = {"grant_type": "client_credentials"}
HELD_UP = Fault("held up", pause=5 * AGE)


async def test_a_call_does_not_go_by_a_reading_that_began_too_long_before_it(single_url: str) -> None:
    plan = Plan()
    async with (
        proxy_to(single_url, plan) as proxy,
        world_at(single_url, max_config_age=LONG) as maker,
        world_behind(maker, proxy.url, 10, AGE) as world,
    ):
        service = await maker.add_service("rfc6749")
        client = await maker.add_application(service)
        assert (await world.token(service, client, CREATE)).result

        async def has_caught_up() -> bool:
            return world.store.configuration.version == maker.store.configuration.version

        await until(has_caught_up)
        assert (await world.token(service, client, CREATE)).result
        plan.arm(HELD_UP)

        async def has_read() -> bool:
            return bool(plan.delivered)

        await until(has_read)
        await maker.set_policy(service, flows=frozenset())
        changed = time.monotonic()

        async def is_in_force() -> bool:
            return time.monotonic() > changed + AGE

        await until(is_in_force)

        answer = await world.token(service, client, CREATE)

        assert answer.error["message"] == "Flow client_credentials is not enabled for this service"
