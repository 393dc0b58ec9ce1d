"""What a client hears when something else than itself is at fault; and that it hears the backend's own words."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest
import structlog
from aiohttp import web
from pytest_aiohttp.plugin import AiohttpClient, AiohttpServer
from structlog.testing import capture_logs

from mashery_oauth.provider.app import create_app
from mashery_oauth.provider.backend import Backend
from tests.world import SECRET, World

from .scene import PROFILES, Provider, Serve, configured, entry, no_user, own, packed, users

Answering = Any


async def broken(world: World, aiohttp_client: AiohttpClient, server: AiohttpServer, handler: Answering) -> Provider:
    """A provider whose backend answers as it is told."""
    app = web.Application()
    app.router.add_post("/v3/json-rpc", handler)
    backend = await server(app)
    configuration = configured(world, {"name": "service", "service_key": "key"})
    place = replace(configuration.backend, url=str(backend.make_url("/")))
    http: Any = await aiohttp_client(create_app(configuration, Backend(place, configuration.services), users))
    return Provider(world, http, configuration)


def saying(status: int, body: Any = None, headers: dict[str, str] | None = None) -> Answering:
    """A backend that says one thing."""

    async def answer(_: web.Request) -> web.Response:
        return web.json_response(body, status=status, headers=headers)

    return answer


def failing(code: int, message: str, **members: Any) -> Any:
    """A JSON-RPC error."""
    return {"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message, **members}}


CLIENT = {"client_id": "client", "client_secret": "secret-of-the-client", "grant_type": "client_credentials"}
PATHS = ("/oauth2/token", "/oauth2/revoke", "/oauth2/introspect")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("handler", "status", "error"),
    [
        (
            saying(503, failing(-32603, "Service temporarily unavailable"), {"Retry-After": "7"}),
            503,
            "temporarily_unavailable",
        ),
        (saying(503), 503, "temporarily_unavailable"),
        (saying(502), 503, "temporarily_unavailable"),
        (saying(429, failing(429, "Too Many Requests"), {"Retry-After": "7"}), 503, "temporarily_unavailable"),
        (saying(200, failing(-32603, "Internal error")), 500, "server_error"),
        (
            saying(200, failing(-32602, "Invalid params: x", data=[{"field": "service_key", "message": "y"}])),
            500,
            "server_error",
        ),
        (saying(200, failing(-2001, "Unknown service key", error={"error": "invalid_request"})), 500, "server_error"),
        (saying(401, failing(401, "Unauthorized")), 500, "server_error"),
        (saying(200, "nonsense"), 500, "server_error"),
        (saying(404), 500, "server_error"),
    ],
    ids=[
        "store gone",
        "bare 503",
        "bare 502",
        "throttled",
        "fault",
        "bad call",
        "no such service",
        "refused",
        "nonsense",
        "404",
    ],
)
async def test_trouble_behind_is_never_the_clients_fault(
    one_world: World,
    aiohttp_client: AiohttpClient,
    aiohttp_server: AiohttpServer,
    *,
    path: str,
    handler: Answering,
    status: int,
    error: str,
) -> None:
    """An ``invalid_...`` would make a client throw away what is good."""
    provider = await broken(one_world, aiohttp_client, aiohttp_server, handler)

    with capture_logs() as logs:
        answer = await provider.post(path, CLIENT | {"token": "token-of-the-client"})

    told = {"temporarily_unavailable": ("temporarily_unavailable", "503"), "server_error": ("server_error", "500")}
    assert answer.status == status
    assert answer.json["error"] in told[error]
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert [line["log_level"] for line in logs] == ["error" if status == 500 else "warning"]
    assert not any(secret in str(logs) for secret in ("secret-of-the-client", "token-of-the-client"))


@pytest.mark.parametrize("path", ["/oauth2/token", "/resource/service"])
async def test_a_backend_that_is_gone_is_told_so(
    one_world: World, aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer, path: str
) -> None:
    provider = await broken(one_world, aiohttp_client, aiohttp_server, saying(200))
    configuration = configured(one_world, {"name": "service", "service_key": "key"})
    place = replace(configuration.backend, url="http://127.0.0.1:1", timeout=0.3)
    http: Any = await aiohttp_client(create_app(configuration, Backend(place, configuration.services), users))

    answer = await Provider(one_world, http, provider.configuration).post(
        path, CLIENT, {"Authorization": "Bearer x"} if path.startswith("/resource") else None
    )

    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) >= 1


async def test_draft_16_hears_of_trouble_as_a_number(
    one_world: World, aiohttp_client: AiohttpClient, aiohttp_server: AiohttpServer
) -> None:
    """Once the client's text is known: here the backend goes away after it has told it."""
    known = {"id": 1, "name": "x", "type": "confidential", "profile": "draft16"}

    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        if isinstance(body, list):  # the question who knows the client
            return web.json_response([{"jsonrpc": "2.0", "id": each["id"], "result": known} for each in body])
        return web.json_response(None, status=503)

    provider = await broken(one_world, aiohttp_client, aiohttp_server, answer)

    told = await provider.token(CLIENT)

    assert (told.status, told.json["error"]) == (503, "503")


async def test_a_fault_of_the_providers_own_says_nothing_of_it(
    serve: Serve, one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = await serve(entry(await one_world.add_service("rfc6749")))

    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("text-of-the-fault")

    monkeypatch.setattr("mashery_oauth.provider.registry.Registry.find", fail)
    with capture_logs() as logs:
        answer = await provider.token(CLIENT)

    assert (answer.status, answer.json["error"]) == (500, "server_error")
    assert b"text-of-the-fault" not in answer.body
    assert [line["event"] for line in logs] == ["failed"]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("fault", ["grant", "scope", "code", "refresh", "nothing"])
async def test_the_backends_words_arrive_as_they_are(serve: Serve, one_world: World, profile: str, fault: str) -> None:
    service = await one_world.add_service(profile, scopes=("read",))
    application = await one_world.add_application(service)
    provider = await serve(entry(service, rendering=profile))
    forms: dict[str, dict[str, str]] = {
        "grant": {"grant_type": "nonsense"},
        "scope": no_user(service, scope="write"),
        "code": {"grant_type": "authorization_code", "redirect_uri": "https://client.example.com/cb", "code": "x"},
        "refresh": {"grant_type": "refresh_token", "refresh_token": "x"},
        "nothing": {},
    }
    params = {name: value for name, value in forms[fault].items() if name != "redirect_uri"}
    uri = {"redirect_uri": "https://client.example.com/cb"}

    backend = (await one_world.token(service, application, params, uri=uri)).oauth["error_response"]
    answer = await provider.token(forms[fault] | own(application))

    assert (answer.status, answer.json) == (backend["status"], backend["response"])
    assert {name: answer.headers[name] for name in backend["headers"]} == backend["headers"]


async def test_no_secret_of_a_request_is_in_a_log(
    serve: Serve, one_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service = await one_world.add_service("rfc6749")
    application = await one_world.add_application(service)
    provider = await serve(entry(service))
    password = {"grant_type": "password", "username": "johndoe", "password": "A3ddj3w"}

    with capture_logs() as logs:
        made = (await provider.token(password | own(application))).json
        bad = packed(application.client_id, "wrong-secret-of-a-client")
        await provider.token({"grant_type": "authorization_code", "code": "code-of-a-user"} | own(application))
        await provider.token({"grant_type": "refresh_token", "refresh_token": "refresh-of-a-user"}, bad)
        await provider.get(f"/resource/service-{service.id}?access_token={made['access_token']}")
        await provider.post("/oauth2/introspect", {"token": made["refresh_token"]} | own(application))
        await provider.post("/oauth2/revoke", {"token": made["access_token"]} | own(application))
    # The test's server writes an access log, which the provider's own does not: test_serving.py sees to that.
    said = f"{logs} {[each.getMessage() for each in caplog.records if each.name != 'aiohttp.access']}"

    secrets = (SECRET, "A3ddj3w", "wrong-secret", "code-of-a-user", "refresh-of-a-user", *made.values())
    assert structlog.is_configured()
    assert [text for text in secrets if isinstance(text, str) and len(text) > 6 and text in said] == []


@pytest.mark.parametrize("dialect", ["cloud", "local 2", "local 3"])
async def test_every_dialect_of_the_backend_is_relayed_alike(serve: Serve, one_world: World, dialect: str) -> None:
    service = await one_world.add_service("rfc6749")
    application = await one_world.add_application(service)
    caller = one_world.caller
    backend: dict[str, object] = {"url": str(one_world.http.make_url("/"))}
    if dialect == "cloud":
        backend |= {"site_id": caller.site_id, "apikey": caller.apikey, "secret": one_world.apikey_secret}
    else:
        backend |= {"user": caller.user, "password": one_world.password, "version": int(dialect[-1])}
    provider = await serve(entry(service, rendering="rfc6749"), backend=backend)

    told = [
        await provider.token(form | client)
        for form, client in (
            (no_user(service), own(application)),
            (no_user(service), own(application) | {"client_secret": "wrong"}),
            (no_user(service), {"client_id": "nobody", "client_secret": SECRET}),
            ({"grant_type": "nonsense"}, own(application)),
        )
    ]
    opened = await provider.get(
        f"/resource/service-{service.id}", {"Authorization": f"Bearer {told[0].json['access_token']}"}
    )
    closed = await provider.get(f"/resource/service-{service.id}", {"Authorization": "Bearer x"})

    assert [(each.status, each.json.get("error")) for each in told] == [
        (200, None),
        (401, "invalid_client"),
        (401, "invalid_client"),
        (400, "unsupported_grant_type"),
    ]
    assert (opened.status, closed.status) == (200, 401)
