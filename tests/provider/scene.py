"""A provider in front of the real backend, over HTTP on both sides; and what its clients send."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth.models import Application, Service
from mashery_oauth.provider.app import create_app
from mashery_oauth.provider.backend import backend_of
from mashery_oauth.provider.configuration import Configuration, parse_configuration
from mashery_oauth.provider.users import User
from tests.world import SECRET, Answer, World

ISSUER = "http://127.0.0.1:8084"
FORM = "application/x-www-form-urlencoded"
USER = User("johndoe-42", "John Doe")
LOGIN = ("johndoe", "A3ddj3w")
PROFILES = ("draft10", "draft16", "rfc6749", "oauth21")
NO_USER = {"draft10": "none"}  # the grant type without a user, where it is not client_credentials


async def users(name: str, password: str) -> User | None:
    """One user."""
    return USER if (name, password) == LOGIN else None


def packed(user: str, password: str) -> dict[str, str]:
    """HTTP Basic, nothing encoded."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def own(application: Application) -> dict[str, str]:
    """An application's credentials, for a body."""
    return {"client_id": application.client_id, "client_secret": SECRET}


def no_user(service: Service, **members: str) -> dict[str, str]:
    """A token request without a user, in the words of the service's profile."""
    return {"grant_type": NO_USER.get(service.policy.profile, "client_credentials"), **members}


@dataclass
class Provider:
    """A provider that runs, and the world behind it."""

    world: World
    http: TestClient[Any, Any]
    configuration: Configuration

    async def send(
        self, method: str, path: str, body: str | bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request as it is."""
        sent = self.http.request(method, path, data=body, headers=headers, allow_redirects=False)
        async with sent as response:
            return Answer(response.status, dict(response.headers), await response.read())

    async def post(self, path: str, form: dict[str, str] | str, headers: dict[str, str] | None = None) -> Answer:
        """A form."""
        body = form if isinstance(form, str) else urlencode(form)
        return await self.send("POST", path, body, {"Content-Type": FORM} | (headers or {}))

    async def token(self, form: dict[str, str] | str, headers: dict[str, str] | None = None) -> Answer:
        """A token request."""
        return await self.post("/oauth2/token", form, headers)

    async def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        """A page, or a resource."""
        return await self.send("GET", path, headers=headers)


Serve = Callable[..., Awaitable[Provider]]


def entry(service: Service, **members: object) -> dict[str, object]:
    """A service in the provider's file."""
    return {"name": f"service-{service.id}", "service_key": service.key, **members}


def configured(world: World, *services: dict[str, object], **members: object) -> Configuration:
    """The provider's file, in front of a world."""
    backend = {"url": str(world.http.make_url("/")), "user": world.caller.user, "password": world.password}
    document = {"issuer": ISSUER, "name": "Example Bank", "backend": backend, "services": list(services), **members}
    return parse_configuration(document, Path())


async def provider_of(
    world: World, aiohttp_client: AiohttpClient, *services: dict[str, object], **members: object
) -> Provider:
    """A provider in front of services of a world."""
    configuration = configured(world, *services, **members)
    http: Any = await aiohttp_client(create_app(configuration, backend_of(configuration), users))
    return Provider(world, http, configuration)
