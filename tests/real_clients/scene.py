"""A provider as its process runs it, in front of a world, with one client; and a user of it with a browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from mashery_oauth.models import Application, Service
from mashery_oauth.provider.app import Runner, create_app
from mashery_oauth.provider.backend import backend_of
from mashery_oauth.provider.configuration import parse_configuration
from mashery_oauth.provider.serving import bind
from tests.provider.visiting import ANNA, PASSWORD, WORDS, anna_or_ben
from tests.world import HTTPS, SECRET, World

from .browsing import User
from .errand import BASIC, NONE, POST, Errand

SCOPE = "read write"
LETTERS = "5ecretofletters"  # a secret like those that are generated
METHODS = {"draft16": POST}  # as a client of this text sends Basic with an identifier in the body, which few can


@dataclass(frozen=True, slots=True)
class Scene:
    """What runs."""

    world: World
    service: Service
    application: Application
    gateway: Application  # that may introspect all tokens of the service
    issuer: str
    secret: str
    close: Callable[[], Awaitable[None]]

    @property
    def errand(self) -> Errand:
        """What the client's developer knows."""
        usual = METHODS.get(self.service.policy.profile, BASIC)
        return Errand(
            issuer=self.issuer,
            client_id=self.application.client_id,
            client_secret=self.secret,
            method=usual if self.secret else NONE,
            redirect_uri=HTTPS,
            scope=SCOPE,
            username="anna",
            password=PASSWORD,
            visit=User(self.issuer, "anna", PASSWORD).visit,
        )

    async def with_tokens(self) -> Errand:
        """The same, of a client that has been given tokens."""
        challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636 appendix B
        code = await self.world.code(
            self.service,
            self.application,
            ANNA.user_context,
            scope=SCOPE,
            code_challenge=challenge,
            code_challenge_method="S256",
        )
        verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        answer = await self.world.redeem(self.service, self.application, code, code_verifier=verifier)
        return replace(
            self.errand, access_token=answer.result["access_token"], refresh_token=answer.result["refresh_token"]
        )

    async def seen(self, access_token: str) -> Mapping[str, Any]:
        """What the service has of a token."""
        result: Mapping[str, Any] = (await self.world.fetch(self.service, access_token)).result
        return result


@asynccontextmanager
async def opened(world: World, profile: str, *, public: bool = False, secret: str = SECRET) -> AsyncIterator[Scene]:
    """A provider of this profile, until the block ends."""
    service = await world.add_service(profile, scopes=tuple(WORDS))
    members = {"type": "public"} if public else {}
    application = await world.add_application(service, secret=None if public else secret, **members)
    gateway = await world.add_application(service, secret=LETTERS)
    sock = bind("127.0.0.1", 0)
    issuer = f"http://127.0.0.1:{sock.getsockname()[1]}"
    document: dict[str, Any] = {
        "issuer": issuer,
        "backend": {"url": str(world.http.make_url("")), "user": world.caller.user, "password": world.password},
        "services": [
            {
                "name": "payments",
                "service_key": service.key,
                "rendering": profile,
                "resource_servers": [gateway.client_id],
            }
        ],
        "scopes": WORDS,
    }
    read = parse_configuration(document, Path())
    runner = Runner(create_app(read, backend_of(read), anna_or_ben))
    await runner.setup()
    try:
        await web.SockSite(runner, sock).start()
        yield Scene(world, service, application, gateway, issuer, "" if public else secret, runner.cleanup)
    finally:
        await asyncio.wait_for(runner.cleanup(), 10)
