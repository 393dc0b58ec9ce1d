"""Which service knows a client: asked once a minute, and never guessed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer
from structlog.testing import capture_logs

from mashery_oauth.client import AsyncClient, InternalError, Unavailable
from mashery_oauth.models import Service
from mashery_oauth.provider.registry import LIFETIME, AmbiguousClient, Registry
from tests.world import World

from .scene import Serve, configured, entry, no_user, own


class Clock:
    """A clock that is set by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


Over = Callable[..., Registry]


@pytest.fixture
async def over(one_world: World) -> AsyncIterator[Over]:
    """Makes a registry over services of the world."""
    async with AsyncExitStack() as stack:

        def over(*services: Service, clock: Clock | None = None) -> Registry:
            made = configured(one_world, *(entry(each, rendering=each.policy.profile) for each in services))
            client = AsyncClient(made.backend.url, made.backend.credentials)
            stack.push_async_callback(client.close)
            return Registry(client, made.services, clock or Clock())

        yield over


async def test_finds_the_one_service_that_knows_the_client(one_world: World, over: Over) -> None:
    services = [await one_world.add_service(profile) for profile in ("draft10", "draft16", "oauth21")]
    applications = [await one_world.add_application(service) for service in services]

    found = [await over(*services).find(each.client_id) for each in applications]

    assert [each and each.service.service_key for each in found] == [service.key for service in services]
    assert [each and each.rendering.name for each in found] == ["draft10", "draft16", "oauth21"]
    assert [each and each.type for each in found] == ["confidential"] * 3


@pytest.mark.parametrize("client_id", ["nobody", "ü", "x" * 5000])
async def test_nobody_knows_a_stranger(one_world: World, over: Over, client_id: str) -> None:
    service = await one_world.add_service("draft16")

    assert await over(service).find(client_id) is None


async def test_a_client_of_two_services_is_served_by_neither(one_world: World, over: Over, serve: Serve) -> None:
    services = [await one_world.add_service(profile) for profile in ("draft10", "oauth21")]
    application = await one_world.add_application(*services)
    provider = await serve(*(entry(service) for service in services))

    with capture_logs() as said:
        answer = await provider.token(no_user(services[0]) | own(application))

    assert (answer.status, answer.json["error"]) == (500, "server_error")
    (told,) = (line for line in said if line["event"] == "ambiguous_client")
    assert told["services"] == [service.key for service in services]
    with pytest.raises(AmbiguousClient):
        await over(*services).find(application.client_id)


async def test_an_answer_is_good_for_a_minute(one_world: World, over: Over) -> None:
    clock = Clock()
    service = await one_world.add_service("draft16")
    application = await one_world.add_application(service)
    known = over(service, clock=clock)
    first = await known.find(application.client_id)
    await one_world.write(replace(application, active=False))
    await one_world.store.configuration.fresh()

    clock.now += LIFETIME - 1
    within = await known.find(application.client_id)
    clock.now += 2
    after = await known.find(application.client_id)

    assert first is not None
    assert within is first
    assert after is None


async def test_a_client_that_is_made_later_is_found_at_once(one_world: World, over: Over) -> None:
    service = await one_world.add_service("draft16")
    known = over(service)
    application = await one_world.add_application(service)
    moved = replace(application, client_id=f"later-{application.client_id}", id=99)

    before = await known.find(moved.client_id)
    await one_world.write(moved)
    after = await known.find(moved.client_id)

    assert before is None
    assert after is not None


async def test_who_is_sent_nowhere_is_not_kept_by_a_bad_redirect_uri(one_world: World, serve: Serve) -> None:
    service = await one_world.add_service("mashery")
    application = await one_world.add_application(service, redirect_uris=("http://insecure.example.com/cb",))
    provider = await serve(entry(service))

    answer = await provider.token(no_user(service) | own(application))

    assert answer.status == 200


UNKNOWN = {"code": -2001, "message": "Invalid client identifier", "error": {"error": "unauthorized_client"}}
GONE = {"code": -32603, "message": "Service temporarily unavailable"}


@pytest.mark.parametrize("errors", [None, [GONE, UNKNOWN], [UNKNOWN, GONE]], ids=["all", "first", "last"])
async def test_silence_is_not_taken_for_no(
    one_world: World, aiohttp_server: AiohttpServer, errors: list[dict[str, object]] | None
) -> None:
    """One service that cannot be asked might be the one that knows the client, or the second."""

    async def broken(request: web.Request) -> web.Response:
        if errors is None:
            return web.Response(status=503)
        asked = zip(await request.json(), errors, strict=True)
        return web.json_response([{"jsonrpc": "2.0", "id": each["id"], "error": error} for each, error in asked])

    app = web.Application()
    app.router.add_post("/v3/json-rpc", broken)
    server = await aiohttp_server(app)
    services: list[dict[str, object]] = [{"name": name, "service_key": name} for name in ("first", "last")]
    made = configured(one_world, *services)

    async with AsyncClient(str(server.make_url("/")), made.backend.credentials, timeout=0.3) as client:
        with pytest.raises((Unavailable, InternalError)):
            await Registry(client, made.services).find("anybody")
