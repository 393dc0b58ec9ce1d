"""A store that was killed, is slow, takes no writes or cannot prove how old the configuration is: try again later."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from mashery_oauth.dialects import CLOUD, DIALECTS, Dialect
from tests.servers import single_node
from tests.waiting import until
from tests.world import Answer, World

from .conftest import world_at
from .outage import Line
from .scene import Scene

CREATE = {"grant_type": "client_credentials"}
LONG = 600.0

dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


async def staged(world: World, dialect: Dialect) -> Scene:
    """A client that has a token already, so that the process knows all of the configuration."""
    service = await world.add_service("rfc6749")
    scene = Scene(world, service, await world.add_application(service), dialect)
    assert (await scene.token(CREATE)).result
    return scene


def check_retryable(found: Answer) -> None:
    """The answer to every call while there is no store."""
    assert found.status == 503
    assert found.headers["Retry-After"] == "1"
    assert found.error["code"] == -32603
    assert found.error["message"] == "Service temporarily unavailable"


@dialects
async def test_answers_503_when_the_store_was_killed(dialect: Dialect) -> None:
    with ExitStack() as server:
        url = server.enter_context(single_node())
        async with world_at(url, max_config_age=LONG) as world:
            scene = await staged(world, dialect)

            server.close()
            created = await scene.token(CREATE)
            fetched = await scene.call("fetchAccessToken", {"service_key": scene.service.key, "access_token": "t" * 44})

            check_retryable(created)
            check_retryable(fetched)


async def test_answers_503_to_a_slow_store_and_goes_on_when_it_is_back(single_url: str) -> None:
    line = Line(single_url)
    await line.open()
    async with world_at(line.url, patience=0.2, max_config_age=LONG) as world:
        scene = await staged(world, CLOUD)

        line.hold()
        held_up = await scene.token(CREATE)
        line.let_go()
        afterwards = await scene.token(CREATE)

        check_retryable(held_up)
        assert afterwards.result["access_token"]
    await line.close()


async def test_answers_503_to_a_cut_line_and_goes_on_when_it_is_mended(single_url: str) -> None:
    line = Line(single_url)
    await line.open()
    async with world_at(line.url, max_config_age=LONG) as world:
        scene = await staged(world, CLOUD)

        line.cut()
        cut_off = await scene.token(CREATE)
        line.mend()
        afterwards = await scene.token(CREATE)

        check_retryable(cut_off)
        assert afterwards.result["access_token"]
    await line.close()


async def test_answers_503_when_the_store_takes_no_writes() -> None:
    with single_node() as url:
        async with world_at(url, max_config_age=LONG) as world:
            scene = await staged(world, CLOUD)
            token = (await scene.token(CREATE)).result["access_token"]

            await world.store.link.run("any", "CONFIG", "SET", "min-replicas-to-write", 1)
            created = await scene.token(CREATE)
            fetched = await world.fetch(scene.service, token)

            check_retryable(created)
            assert fetched.result["client_id"] == scene.client.client_id


@dialects
async def test_refuses_rather_than_guess_when_freshness_cannot_be_proven(single_url: str, dialect: Dialect) -> None:
    line = Line(single_url)
    await line.open()
    async with world_at(line.url, max_config_age=0.2) as world:
        scene = await staged(world, dialect)
        look = {"service_key": scene.service.key, "client": {"client_id": scene.client.client_id}}

        line.cut()

        async def is_refused() -> bool:
            return (await scene.call("fetchApplication", look)).status == 503

        await until(is_refused)
        found = await scene.call("fetchApplication", look)

        check_retryable(found)
        error = {"message": "Service temporarily unavailable", "code": -32603}
        assert found.json == {"jsonrpc": "2.0", "error": error, "id": None}
    await line.close()
