"""``/oauth2/introspect``: RFC 7662, and who learns nothing from it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mashery_oauth.models import Application, Service
from tests.waiting import token_expired
from tests.world import SECRET, World

from .scene import ISSUER, PROFILES, Provider, Serve, entry, own, packed

INACTIVE = {"active": False}


async def granted(world: World, service: Service, application: Application, **data: str) -> dict[str, Any]:
    """A token of a user."""
    answer = await world.token(service, application, {"grant_type": "password", **data}, user_context="john")
    made: dict[str, Any] = answer.result
    return made


async def asked(provider: Provider, application: Application, token: str) -> Any:
    """What an application is told of a token."""
    answer = await provider.post("/oauth2/introspect", {"token": token} | own(application))
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store"), answer
    return answer.json


@pytest.mark.parametrize("profile", [name for name in PROFILES if name != "oauth21"])
async def test_tells_a_client_of_its_own_token(serve: Serve, one_world: World, profile: str) -> None:
    service = await one_world.add_service(profile)
    application = await one_world.add_application(service)
    provider = await serve(entry(service, rendering=profile))
    made = await granted(one_world, service, application, scope="read write")

    told = await asked(provider, application, made["access_token"])

    expires = told.pop("exp")
    assert told == {
        "active": True,
        "scope": "read write",
        "client_id": application.client_id,
        "username": "john",
        "token_type": "bearer",
        "sub": "john",
        "iss": ISSUER,
    }
    assert abs(expires - time.time() - 3600) < 30


async def test_only_a_resource_server_hears_of_the_tokens_of_others(serve: Serve, one_world: World) -> None:
    service = await one_world.add_service("rfc6749")
    application, curious, resource = [await one_world.add_application(service) for _ in range(3)]
    provider = await serve(entry(service, resource_servers=[resource.client_id]))
    made = await granted(one_world, service, application)

    assert await asked(provider, curious, made["access_token"]) == INACTIVE
    assert (await asked(provider, resource, made["access_token"]))["client_id"] == application.client_id


async def test_a_resource_server_hears_of_its_own_service_alone(serve: Serve, one_world: World) -> None:
    service, other = await one_world.add_service("rfc6749"), await one_world.add_service("rfc6749")
    application, resource = await one_world.add_application(service), await one_world.add_application(other)
    provider = await serve(entry(service), entry(other, resource_servers=[resource.client_id]))
    made = await granted(one_world, service, application)

    assert await asked(provider, resource, made["access_token"]) == INACTIVE


@pytest.mark.parametrize("kind", ["unknown", "refresh", "revoked", "expired", "long", "handle"])
async def test_every_token_that_is_not_alive_looks_the_same(serve: Serve, one_world: World, kind: str) -> None:
    service = await one_world.add_service("rfc6749", access_ttl=1 if kind == "expired" else 3600)
    application = await one_world.add_application(service)
    provider = await serve(entry(service))
    made = await granted(one_world, service, application)
    if kind == "revoked":
        await provider.post("/oauth2/revoke", {"token": made["access_token"]} | own(application))
    if kind == "expired":
        await token_expired(one_world.store, made["access_token"])
    texts = {"unknown": "x", "refresh": made["refresh_token"], "long": "x" * 9000, "handle": "sha256:" + "0" * 64}

    assert await asked(provider, application, texts.get(kind, made["access_token"])) == INACTIVE


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_who_does_not_show_a_secret_learns_nothing(serve: Serve, one_world: World, secret: str) -> None:
    service = await one_world.add_service("rfc6749")
    application = await one_world.add_application(service)
    provider = await serve(entry(service))
    made = await granted(one_world, service, application)
    client = {"client_id": application.client_id, "client_secret": secret}

    answers = [
        await provider.post("/oauth2/introspect", {"token": token} | client) for token in (made["access_token"], "x")
    ]

    assert {(answer.status, answer.json["error"]) for answer in answers} == {(401, "invalid_client")}


async def test_a_public_client_learns_nothing(serve: Serve, one_world: World) -> None:
    service = await one_world.add_service("rfc6749")
    public = await one_world.add_application(service, secret=None, type="public")
    provider = await serve(entry(service, resource_servers=[public.client_id]))

    answer = await provider.post("/oauth2/introspect", {"token": "x", "client_id": public.client_id})

    assert (answer.status, answer.json["error"]) == (401, "invalid_client")


async def test_a_token_must_be_named(serve: Serve, one_world: World) -> None:
    service = await one_world.add_service("rfc6749")
    application = await one_world.add_application(service)
    provider = await serve(entry(service))

    answer = await provider.post("/oauth2/introspect", {}, packed(application.client_id, SECRET))

    assert (answer.status, answer.json["error"]) == (400, "invalid_request")
