"""What goes wrong between the provider and its backend: told in the log, at the start already, and without a secret.

A new user found a wrong address, password or service key only when the first client came.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer
from structlog.testing import capture_logs

from mashery_oauth.client import ClientCredentials, calls
from mashery_oauth.provider import backend as backend_module
from mashery_oauth.provider.backend import Backend, backend_of
from mashery_oauth.provider.configuration import Configuration
from mashery_oauth.provider.serving import provider
from mashery_oauth.provider.users import hash_generated_password
from tests.waiting import until
from tests.world import SECRET, World

from .scene import Provider, Serve, configured, entry, no_user, own, packed
from .visiting import OpenStage

NOWHERE = "http://127.0.0.1:1"
Said = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that is not there is not waited for."""
    monkeypatch.setattr(backend_module, "START", 0.2)
    monkeypatch.setattr(backend_module, "PAUSE", 0.05)


def of_backend(said: Said) -> Said:
    return [line for line in said if line["event"] == "backend"]


async def told_at_start(configuration: Configuration) -> Said:
    """What a check says."""
    backend = backend_of(configuration)
    try:
        with capture_logs() as said:
            await backend.check()
    finally:
        await backend.close()
    return of_backend(said)


def cloud(world: World) -> dict[str, Any]:
    caller = world.caller
    return {"url": base(world), "site_id": caller.site_id, "apikey": caller.apikey, "secret": world.apikey_secret}


def base(world: World) -> str:
    return str(world.http.make_url("/"))


@pytest.mark.parametrize("dialect", ["cloud", "local 2", "local 3"])
async def test_a_file_that_is_right_is_said_nothing_of(one_world: World, dialect: str) -> None:
    services = [entry(await one_world.add_service(profile)) for profile in ("draft10", "oauth21")]
    local = {"url": base(one_world), "user": one_world.caller.user, "password": one_world.password}
    backend = cloud(one_world) if dialect == "cloud" else local | {"version": int(dialect[-1])}

    said = await told_at_start(configured(one_world, *services, backend=backend))

    assert said == []


@pytest.mark.parametrize(
    ("wrong", "suspects"),
    [
        ({"password": "wrong-password"}, ["backend.user", "backend.password"]),
        ({"user": "nobody"}, ["backend.user", "backend.password"]),
        ({"url": "http://127.0.0.1:1"}, ["backend.url"]),
    ],
    ids=["password", "user", "address"],
)
async def test_what_is_wrong_in_the_file_is_named_at_the_start(
    one_world: World, wrong: dict[str, Any], suspects: list[str]
) -> None:
    local = {"url": base(one_world), "user": one_world.caller.user, "password": one_world.password} | wrong
    services = [entry(await one_world.add_service("rfc6749")) for _ in range(2)]

    said = await told_at_start(configured(one_world, *services, backend=local))

    assert [line["look_at"] for line in said] == [suspects]
    assert said[0]["url"] == local["url"]
    assert said[0]["service_names"] == [each["name"] for each in services]
    assert said[0]["log_level"] == ("warning" if "url" in wrong else "error")
    assert not any(secret in str(said) for secret in ("wrong-password", one_world.password))


@pytest.mark.parametrize(
    ("wrong", "suspects"),
    [
        ({"apikey": "nobody"}, ["backend.site_id", "backend.apikey", "backend.secret"]),
        ({"secret": "wrong-secret"}, ["backend.site_id", "backend.apikey", "backend.secret"]),
        ({"site_id": 7}, ["backend.url", "backend.site_id"]),
    ],
    ids=["apikey", "secret", "site"],
)
async def test_the_same_for_a_caller_of_the_cloud(one_world: World, wrong: dict[str, Any], suspects: list[str]) -> None:
    service = entry(await one_world.add_service("rfc6749"))

    said = await told_at_start(configured(one_world, service, backend=cloud(one_world) | wrong))

    assert [line["look_at"] for line in said] == [suspects]
    assert "sig=" not in str(said)
    assert not any(secret in str(said) for secret in ("wrong-secret", one_world.apikey_secret))


async def test_a_service_key_that_is_wrong_is_named_by_its_service(one_world: World) -> None:
    right = entry(await one_world.add_service("rfc6749"))
    wrong: dict[str, object] = {"name": "payments", "service_key": "wrong-key"}
    off = await one_world.add_service("rfc6749")
    await one_world.write(replace(off, active=False))

    said = await told_at_start(configured(one_world, right, wrong, entry(off) | {"name": "off"}))

    assert [line["look_at"] for line in said] == [["services.payments.service_key"], ["services.off.service_key"]]
    assert {line["log_level"] for line in said} == {"error"}


@pytest.mark.parametrize("status", [200, 400, 404, 405, 500, 502])
async def test_something_else_that_answers_is_no_backend(
    one_world: World, aiohttp_server: AiohttpServer, status: int
) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>a page</html>", status=status)

    app = web.Application()
    app.router.add_post("/v3/json-rpc", page)
    url = str((await aiohttp_server(app)).make_url("/"))
    made = configured(one_world, entry(await one_world.add_service("rfc6749")))

    said = await told_at_start(replace(made, backend=replace(made.backend, url=url)))

    assert [line["look_at"] for line in said] == [["backend.url"]]
    assert "a page" not in str(said)


async def test_a_backend_that_is_started_together_with_it_may_come_later(
    one_world: World, aiohttp_server: AiohttpServer, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend_module, "START", 30)
    made = configured(one_world, entry(await one_world.add_service("rfc6749")))
    backend = Backend(replace(made.backend, url=f"http://127.0.0.1:{unused_tcp_port}", timeout=5), made.services)
    heard: list[bytes] = []

    async def relay(request: web.Request) -> web.Response:
        heard.append(await request.read())
        answer = await one_world.post(heard[-1])
        return web.Response(status=answer.status, body=answer.body)

    app = web.Application()
    app.router.add_post("/v3/json-rpc", relay)
    with capture_logs() as said:
        checking = asyncio.ensure_future(backend.check())
        await asyncio.wait([checking], timeout=0.1)
        was_waiting = not checking.done()
        await aiohttp_server(app, port=unused_tcp_port)
        await asyncio.wait_for(checking, 20)
    await backend.close()

    assert was_waiting
    assert len(heard) == 1
    assert of_backend(said) == []


@asynccontextmanager
async def started(
    configuration: Configuration, folder: Path, aiohttp_client: AiohttpClient
) -> AsyncIterator[Callable[[], Said]]:
    """A provider as its process has it, and what it has said."""
    users = folder / "users.toml"
    users.write_text(f'[users.anna]\npassword = "{hash_generated_password("secret")}"\n')
    with capture_logs() as said:
        client: Any = await aiohttp_client(provider(replace(configuration, users=users)))
        try:
            yield lambda: of_backend(said)
        finally:
            await client.close()


async def test_a_start_does_not_wait_for_the_backend(
    one_world: World, aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, tmp_path: Path
) -> None:
    url, answered, asked_for = await slow_backend(one_world, aiohttp_server)
    made = configured(one_world, {"name": "payments", "service_key": "wrong-key"})

    async with started(replace(made, backend=replace(made.backend, url=url)), tmp_path, aiohttp_client) as said:

        async def is_told() -> bool:
            return bool(said())

        await asyncio.wait_for(asked_for.wait(), 10)
        before = said()
        answered.set()
        await until(is_told)

    assert before == []
    assert said()[0]["look_at"] == ["services.payments.service_key"]


async def slow_backend(world: World, aiohttp_server: AiohttpServer) -> tuple[str, asyncio.Event, asyncio.Event]:
    """A backend that answers when it is told to; its address, how to tell it, and whether it has been asked."""
    answered, asked_for = asyncio.Event(), asyncio.Event()

    async def relay(request: web.Request) -> web.Response:
        asked_for.set()
        await answered.wait()
        answer = await world.post(await request.read())
        return web.Response(status=answer.status, body=answer.body)

    app = web.Application()
    app.router.add_post("/v3/json-rpc", relay)
    return str((await aiohttp_server(app)).make_url("/")), answered, asked_for


async def test_an_end_does_not_wait_for_the_backend(
    one_world: World, aiohttp_client: AiohttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backend_module, "START", 600)
    made = configured(one_world, {"name": "payments", "service_key": "key"})

    async with asyncio.timeout(10):
        away = replace(made, backend=replace(made.backend, url=NOWHERE))
        async with started(away, tmp_path, aiohttp_client) as said:
            pass

    assert said() == []


CALLS = ("token", "revoke", "introspect", "resource", "authorize")


@pytest.mark.parametrize("call", CALLS)
async def test_a_service_that_the_backend_does_not_know_is_the_providers_fault(
    serve: Serve, one_world: World, call: str
) -> None:
    """The authorization endpoint told the user that the application was at fault."""
    provider = await serve({"name": "payments", "service_key": "wrong-key"})

    with capture_logs() as said:
        answer = await asked(provider, call)

    assert answer.status == 500
    assert b"server_error" in answer.body or answer.json["error"] in ("500", "server_error")
    assert of_backend(said)[0]["look_at"] == ["services.payments.service_key"]
    assert {line["log_level"] for line in of_backend(said)} == {"error"}


async def asked(provider: Provider, call: str) -> Any:
    client = {"client_id": "client", "client_secret": "secret-of-the-client"}
    if call == "authorize":
        return await provider.get("/oauth2/authorize?response_type=code&client_id=client&state=state-of-the-client")
    if call == "resource":
        return await provider.get("/resource/payments", {"Authorization": "Bearer token-of-the-client"})
    form = {"grant_type": "client_credentials", "token": "token-of-the-client"} | client
    return await provider.post(f"/oauth2/{call}", form)


@pytest.mark.parametrize("call", CALLS)
async def test_a_call_that_failed_is_told_without_a_secret(
    one_world: World, aiohttp_client: AiohttpClient, serve: Serve, call: str
) -> None:
    backend = {"url": NOWHERE, "user": "user", "password": "password-of-the-caller", "timeout": 0.2}
    provider = await serve({"name": "payments", "service_key": "key"}, backend=backend)

    with capture_logs() as said:
        answer = await asked(provider, call)

    lines = of_backend(said)
    assert answer.status == 503
    assert [(line["url"], line["service_names"], line["error"]) for line in lines] == [
        (NOWHERE, ["payments"], "ConnectionFailed")
    ]
    assert lines[0]["method"][0].startswith("oauth2.fetchA")
    assert lines[0]["log_level"] == "warning"
    assert not any(word in str(said) for word in ("of-the-client", "password-of-the-caller"))


async def test_what_is_a_clients_own_fault_is_no_line(serve: Serve, one_world: World) -> None:
    service = await one_world.add_service("rfc6749", scopes=("read",))
    application = await one_world.add_application(service)
    provider = await serve(entry(service, rendering="rfc6749"))

    with capture_logs() as said:
        answers = [
            await provider.token(no_user(service, scope="x") | own(application)),
            await provider.token(no_user(service), packed(application.client_id, "wrong")),
            await provider.token(no_user(service) | {"client_id": "nobody", "client_secret": SECRET}),
            await provider.post("/oauth2/introspect", {"token": "x"} | own(application)),
            await provider.get("/oauth2/authorize?client_id=nobody"),
        ]

    assert [each.status for each in answers] == [400, 401, 401, 200, 400]
    assert of_backend(said) == []


async def test_a_batch_tells_which_of_its_calls_failed(one_world: World) -> None:
    right = await one_world.add_service("rfc6749")
    made = configured(one_world, entry(right) | {"name": "right"}, {"name": "wrong", "service_key": "wrong-key"})
    backend = backend_of(made)
    questions = [
        calls.fetch_application(each.service_key, client=ClientCredentials("nobody")) for each in made.services
    ]

    with capture_logs() as said:
        await backend.batch(questions)
    await backend.close()

    assert [line["service_names"] for line in of_backend(said)] == [["wrong"]]


async def test_the_user_sees_a_fault_of_the_provider_not_of_the_application(open_stage: OpenStage) -> None:
    stage = await open_stage()
    anna = await stage.visitor()
    await stage.world.write(replace(stage.service, active=False))
    await stage.world.store.configuration.fresh()

    page = await anna.authorize(**stage.request())

    assert page.status == 500
    assert "Something is wrong on our side" in page.text
    assert "server_error" in page.text
