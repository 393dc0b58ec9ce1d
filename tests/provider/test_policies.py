"""What the services let clients ask for, as the metadata tell it: asked about once a minute, and never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpServer

from mashery_oauth.models import Service
from mashery_oauth.provider.backend import Backend
from mashery_oauth.provider.policies import AGAIN, LIFETIME, POLICIES, Policies
from tests.world import World

from .scene import Serve, configured, entry
from .test_registry import Clock

DOCUMENT = "/.well-known/oauth-authorization-server"
ALL = ("authorization_code", "client_credentials", "implicit", "password", "refresh_token")


@dataclass
class Counted:
    """A backend in front of the real one, that counts, and says what it is told to."""

    world: World
    url: str = ""
    asked: int = 0
    says: Callable[[list[Any]], web.Response] | None = None

    async def handle(self, request: web.Request) -> web.Response:
        """One batch."""
        self.asked += 1
        body = await request.read()
        if self.says is not None:
            return self.says(orjson.loads(body))
        answer = await self.world.post(body)
        return web.Response(status=answer.status, body=answer.body)

    def policies(self, clock: Clock, *services: Service) -> Policies:
        """What a provider in front of these services knows."""
        made = configured(self.world, *(entry(each, rendering=each.policy.profile) for each in services))
        backend = Backend(replace(made.backend, url=self.url, timeout=2), made.services)
        return Policies(backend, made.services, clock)


@pytest.fixture
async def counted(one_world: World, aiohttp_server: AiohttpServer) -> Counted:
    made = Counted(one_world)
    app = web.Application()
    app.router.add_post("/v3/json-rpc", made.handle)
    made.url = str((await aiohttp_server(app)).make_url("/"))
    return made


def failing(code: int, message: str) -> Callable[[list[Any]], web.Response]:
    """A backend that says the same of each call."""
    error = {"code": code, "message": message}
    return lambda calls: web.json_response([{"jsonrpc": "2.0", "id": each["id"], "error": error} for each in calls])


def saying(result: object) -> Callable[[list[Any]], web.Response]:
    return lambda calls: web.json_response([{"jsonrpc": "2.0", "id": each["id"], "result": result} for each in calls])


async def closed(policies: Policies, then: Awaitable[Any]) -> Any:
    """What comes of it; the connections of these policies are closed behind it."""
    try:
        return await then
    finally:
        await policies._backend.close()


async def test_the_metadata_name_what_is_on(serve: Serve, one_world: World) -> None:
    """They named every flow of the text, those too that the services had off."""
    code = frozenset({"authorization_code", "refresh_token"})
    one = await one_world.add_service("rfc6749", all_flows=False, flows=code)
    two = await one_world.add_service("draft10", all_flows=False, flows=frozenset({"client_credentials"}))
    provider = await serve(entry(one, rendering="rfc6749"), entry(two, rendering="draft10"))

    document = (await provider.get(DOCUMENT)).json

    assert document["grant_types_supported"] == ["authorization_code", "none", "refresh_token"]
    assert document["response_types_supported"] == ["code"]


async def test_a_list_that_would_be_empty_is_left_out(serve: Serve, one_world: World) -> None:
    service = await one_world.add_service("rfc6749", all_flows=False, flows=frozenset({"client_credentials"}))
    provider = await serve(entry(service, rendering="rfc6749"))

    document = (await provider.get(DOCUMENT)).json

    assert document["grant_types_supported"] == ["client_credentials"]
    assert "response_types_supported" not in document


async def test_a_change_is_told_within_a_minute(counted: Counted, one_world: World) -> None:
    clock = Clock()
    service = await one_world.add_service("rfc6749", all_flows=False, flows=frozenset({"client_credentials"}))
    policies = counted.policies(clock, service)

    async def asked() -> list[Any]:
        told = [(await policies.known())[0].grant_types]
        await one_world.set_policy(service, flows=frozenset({"authorization_code"}))
        await one_world.store.configuration.fresh()
        clock.now += LIFETIME - 1
        told.append((await policies.known())[0].grant_types)
        clock.now += 2
        return [*told, (await policies.known())[0].grant_types]

    told = await closed(policies, asked())

    assert told == [("client_credentials",), ("client_credentials",), ("authorization_code",)]
    assert counted.asked == 2


async def test_many_who_want_to_know_ask_once(counted: Counted, one_world: World) -> None:
    services = [await one_world.add_service(profile) for profile in ("draft16", "oauth21")]
    policies = counted.policies(Clock(), *services)

    told = await closed(policies, asyncio.gather(*(policies.known() for _ in range(50))))

    assert counted.asked == 1
    assert all(each == told[0] for each in told)
    assert [each.response_types for each in told[0]] == [("code", "token"), ("code",)]


@pytest.mark.parametrize(
    "says",
    [
        failing(-32601, "Method not found"),
        failing(-32602, "Invalid params: include is none of them"),
        failing(-32603, "Internal error"),
        saying(None),
        saying({"service_key": "key", "name": "payments", "object_type": "service"}),
        saying({"grant_types": "all", "response_types": None}),
        saying("nonsense"),
        lambda _: web.Response(status=404),
        lambda _: web.Response(text="<html>"),
    ],
    ids=["no such method", "no include", "a fault", "unknown", "the product's", "others", "text", "404", "a page"],
)
async def test_a_backend_that_does_not_tell_leaves_the_metadata_as_the_text_has_it(
    counted: Counted, one_world: World, says: Callable[[list[Any]], web.Response]
) -> None:
    service = await one_world.add_service("rfc6749", all_flows=False, flows=frozenset({"client_credentials"}))
    policies = counted.policies(Clock(), service)
    counted.says = says

    told = await closed(policies, policies.known())

    assert told[0].grant_types == ALL
    assert told[0].response_types == ("code", "token")


async def test_what_was_told_is_kept_while_the_backend_is_gone(counted: Counted, one_world: World) -> None:
    clock = Clock()
    service = await one_world.add_service("rfc6749", all_flows=False, flows=frozenset({"client_credentials"}))
    policies = counted.policies(clock, service)

    async def asked() -> list[Any]:
        before = await policies.known()
        counted.says = failing(-32603, "Internal error")
        clock.now += LIFETIME + 1
        gone = [await policies.known() for _ in range(3)]
        counted.says = None
        await one_world.set_policy(service, flows=frozenset({"authorization_code"}))
        await one_world.store.configuration.fresh()
        clock.now += AGAIN + 1
        return [before, *gone, await policies.known()]

    before, *gone, after = await closed(policies, asked())

    assert gone == [before] * 3
    assert counted.asked == 3
    assert after[0].grant_types == ("authorization_code",)


async def test_the_provider_has_one_for_all_requests(serve: Serve, one_world: World) -> None:
    service = await one_world.add_service("rfc6749")
    provider = await serve(entry(service, rendering="rfc6749"))
    await provider.get(DOCUMENT)
    policies = provider.http.app[POLICIES]
    until = policies._until

    await provider.get(DOCUMENT)

    assert policies._until == until > 0
