"""No secret anywhere: seeded ones go through a running service at its most talkative, and are then looked for."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient
from redis import Redis

from mashery_oauth.dialects import CLOUD, DIALECTS
from mashery_oauth.models import Application, Service
from mashery_oauth.opening import store_place
from mashery_oauth.settings import Settings
from mashery_oauth.store import open_store
from mashery_oauth.store.texts import random_letters

from .conftest import new_world
from .effort import tally
from .serving import Running, running, wait_for
from .store.everything import Used, client_of, use_everything
from .store.test_at_rest import readable, shown, whole
from .world import World

POLICIES: list[dict[str, Any]] = [{}, {"token_type": "mac"}, {"secure_tokens": True, "guess_limit": "strict"}]


@asynccontextmanager
async def world_of(service: Running) -> AsyncIterator[World]:
    """A world of its own on the store of a service that runs; its calls go to that service."""
    with store_place(Settings(data_dir=service.folder), serving=False) as place:
        store = await open_store(place.url, place.keys, timeout=5, max_config_age=1)
    async with ClientSession(f"http://127.0.0.1:{service.port}") as session:

        async def existing(_: web.Application) -> TestClient[Any, Any]:
            return cast(TestClient[Any, Any], session)

        world = await new_world(store, cast(Any, existing))
        await _known(world)
        yield world
    await store.close()


async def _known(world: World) -> None:
    """Waits until the service lets the world's caller in."""
    while (await world.call("test.hello")).status != 200:
        pass


@dataclass
class Told:
    """Everything that the service has told anybody who is no caller, and every error that it told a caller."""

    errors: list[bytes] = field(default_factory=list)

    def note(self, answer: Any) -> None:
        self.errors.append(repr(answer.headers).encode() + answer.body)


async def go_wrong(world: World, used: Used, told: Told) -> None:
    """Every kind of refusal, each with a secret where one may stand or where it is by mistake."""
    service = await world.add_service(scopes=("read",))
    client = await world.add_application(service)
    secret, token = random_letters(40), random_letters(44)
    used.texts += [secret, token]
    for params in _mistakes(service, client, secret, token):
        for method in ("createAccessToken", "createAuthorizationCode", "fetchAccessToken", "fetchApplication",
                       "revokeAccessToken", "updateAccessToken", "fetchUserApplications", f"un.{secret}"):  # fmt: skip
            for dialect in DIALECTS:
                told.note(await world.call(method, params, dialect=dialect))
                tally("calls made with a secret in the wrong place")
    await _go_wrong_below(world, secret, token, told)


def _mistakes(service: Service, client: Application, secret: str, token: str) -> Iterator[Any]:
    about = {"service_key": service.key, "client": {"client_id": client.client_id, "client_secret": secret}}
    right = {"service_key": service.key, "client": client_of(client)}
    yield {**about, "token_data": {"grant_type": "client_credentials"}, "access_token": token, "user_context": "u"}
    yield {**right, "token_data": {"grant_type": secret, "code": token}, "access_token": token, "scope": secret}
    yield {**right, "token_data": {"grant_type": "refresh_token", "refresh_token": token}, "access_token": [token]}
    yield {**right, "token_data": {"grant_type": "authorization_code", "code": {"code": token}}, "expires_in": secret}
    yield {"service_key": secret, "client": {"client_id": token}, "token_data": secret}
    yield [secret, token, {"grant_type": secret}]
    yield {secret: token, "service_key": {secret: secret}}
    yield {**right, "uri": {"redirect_uri": f"https://{secret}:x@example.com/{token}", "state": f"{secret}\r\n"}}
    yield {**right, "code_challenge": secret, "code_challenge_method": secret, "response_type": token}


async def _go_wrong_below(world: World, secret: str, token: str, told: Told) -> None:
    """The same below JSON-RPC: in bodies that are none, in URLs, in headers."""
    for body in (f'{{"method": "{secret}"', f'"{token}"', f'[{{"{secret}": 1}}]', secret, "\udcff" * 3 + token):
        told.note(await world.post(body.encode(errors="surrogateescape")))
    for header in (
        f"Basic {secret}",
        f"Bearer {token}",
        "Basic " + base64.b64encode(f"{token}:{secret}".encode()).decode(),
    ):
        async with world.http.post("/v3/json-rpc", data=b"{}", headers={"Authorization": header}) as response:
            told.errors.append(await response.read())
    for path in (f"/v2/json-rpc/1?apikey={token}&sig={secret}", f"/v3/{secret}?token={token}", f"/{secret}"):
        async with world.http.post(path, data=b"{}") as response:
            if path.startswith("/v"):
                told.errors.append(await response.read())
    told.note(await world.post(b"{}", dialect=CLOUD, headers={"X-Request-Id": f"{secret} {token}"}))


def spelled(texts: list[str]) -> list[str]:
    """Secrets as they may also be written."""
    ways = (str, quote, quote_plus, lambda text: base64.b64encode(text.encode()).decode().rstrip("="))
    return sorted({way(text) for text in texts for way in ways})


def found(used: Used, haystack: bytes) -> list[str]:
    return shown(Used(spelled(used.texts)), haystack)


def of_processes(service: Running) -> bytes:
    """Titles and environments of the service, its workers and its store."""
    pids = {service.process.pid, service.valkey, *service.workers}
    return b"\n".join(
        Path(f"/proc/{pid}/{what}").read_bytes() for pid in pids for what in ("cmdline", "comm", "environ")
    )


@pytest.mark.parametrize("policy", POLICIES, ids=str)
async def test_no_secret_is_in_logs_metrics_errors_titles_or_the_store(tmp_path: Path, policy: dict[str, Any]) -> None:
    used, told = Used(), Told()
    with running(tmp_path / "data", log_level="debug", guesses="5/minute", workers=2) as service:
        async with world_of(service) as world:
            made = await use_everything(world, **policy)
            used.texts += made.texts
            await go_wrong(world, used, told)
            with (
                store_place(Settings(data_dir=service.folder), serving=False) as place,
                Redis.from_url(place.url) as node,
            ):
                dump = readable(node)
            metrics = service.request("/metrics")[1].encode()
            titles = of_processes(service)
            service.tell(signal.SIGTERM)
            service.ended()
        log = service.log.encode()

    assert len(used.texts) > 30
    assert len(told.errors) > 200
    assert log.count(b'"event":"call"') > 20
    assert world.caller.apikey.encode() in log  # it is there that was looked, and who calls is no secret
    assert world.site.name.encode() in dump
    assert b"createAccessToken" in metrics
    places = {"log": log, "store": dump, "files": whole(service.folder), "metrics": metrics, "titles": titles}
    assert {name: texts for name, text in places.items() if (texts := found(used, text))} == {}
    assert found(used, b"\n".join(told.errors)) == []


def lines_of(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.split("\n") if line]


async def test_every_line_of_a_log_is_one_event_in_json(tmp_path: Path) -> None:
    with running(tmp_path / "data", log_level="debug") as service:
        async with world_of(service) as world:
            await use_everything(world)
            await go_wrong(world, Used(), Told())
        service.tell(signal.SIGTERM)
        service.ended()
        said = lines_of(service.log)

    calls = [line for line in said if line["event"] in ("call", "refused")]
    assert len(calls) > 100
    for line in said:
        assert {"event", "level", "timestamp"} <= set(line)
    for line in calls:
        assert {"request_id", "caller", "site", "method", "service", "client", "flow", "outcome", "row"} <= set(line)
    assert {line["flow"] for line in calls} >= {"authorization_code", "client_credentials", "password", "refresh_token"}


async def test_a_store_that_dies_is_told_of_without_a_secret(tmp_path: Path) -> None:
    used, told = Used(), Told()
    with running(tmp_path / "data", log_level="debug") as service:
        async with world_of(service) as world:
            wanted = await world.add_service()
            client = await world.add_application(wanted)
            made = used.note(await world.token(wanted, client, {"grant_type": "password"}, user_context="alice"))
            await world.store.close()
            os.kill(service.valkey, signal.SIGKILL)
            for _ in range(20):
                told.note(await world.refresh(wanted, client, made["refresh_token"]))
                told.note(await world.fetch(wanted, made["access_token"]))
        wait_for(lambda: service.checks()[0] == 200)
        log = service.log.encode()

    assert any(b"503" in answer or b"unavailable" in answer for answer in told.errors)
    assert re.search(rb'"event":"unavailable"', log)
    assert found(used, log) == []
    assert found(used, b"\n".join(error for error in told.errors if b'"error"' in error)) == []
