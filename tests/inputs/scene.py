"""The service as it is run, on a store that nobody else writes to, with a world in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import aiohttp
import orjson
from aiohttp import web

from mashery_oauth.dialects import CLOUD, LOCAL_V3, Dialect
from mashery_oauth.models import Application, Service
from mashery_oauth.routes import application
from mashery_oauth.rpc.protocol import Runner
from mashery_oauth.settings import Settings
from mashery_oauth.store import open_store
from tests.conftest import KEYS, new_world
from tests.world import SECRET, Answer, World

from .line import Line

MARKERS: dict[str, dict[str, str]] = {"2.0": {"jsonrpc": "2.0"}, "1.1": {"version": "1.1"}, "1.0": {}}


@dataclass(frozen=True, slots=True)
class Scene:
    """A world with one service, one client and one token, and a line to the door."""

    world: World
    line: Line
    service: Service
    client: Application

    def head(self, *lines: bytes, dialect: Dialect = LOCAL_V3, method: bytes = b"POST") -> bytes:
        """The head of a request with the caller's credentials."""
        own = () if dialect is CLOUD else (b"Authorization: " + self.world.basic()["Authorization"].encode(),)
        first = method + b" " + self.world.url(dialect).encode() + b" HTTP/1.1"
        return b"\r\n".join([first, b"Host: x", *own, *lines, b"", b""])

    def request(self, body: bytes, *lines: bytes, dialect: Dialect = LOCAL_V3) -> bytes:
        """A whole request."""
        return self.head(b"Content-Length: %d" % len(body), *lines, dialect=dialect) + body

    async def post(self, body: bytes, dialect: Dialect = LOCAL_V3) -> Answer:
        """Posts a body as it is."""
        return await self.line.ask(self.request(body, dialect=dialect))

    async def call(self, method: str, params: Any, dialect: Dialect = LOCAL_V3, version: str = "2.0") -> Answer:
        """One call."""
        return await self.post(self.written(method, params, version), dialect)

    def written(self, method: str, params: Any, version: str = "2.0") -> bytes:
        """The body of one call."""
        return orjson.dumps(MARKERS[version] | {"method": method, "params": params, "id": 1})

    async def kept(self) -> dict[bytes, Any]:
        """Every key of the store, with what it holds."""
        names = sorted(await self.world.store.link.run("", "KEYS", "*"))
        return {name: await self._content(name) for name in names}

    async def _content(self, name: bytes) -> Any:
        run = self.world.store.link.run
        match await run("", "TYPE", name):
            case b"string":
                return await run("", "GET", name)
            case b"hash":
                return sorted(await run("", "HGETALL", name))  # which has no order of its own
            case _:
                return await run("", "ZRANGE", name, 0, -1, "WITHSCORES")

    @property
    def creation(self) -> bytes:
        """The body of a call that leaves something behind."""
        token_data = {"grant_type": "client_credentials"}
        return self.written("oauth2.createAccessToken", [self.service.key, self.credentials, token_data])

    @property
    def credentials(self) -> dict[str, str]:
        """What the client says of itself."""
        return {"client_id": self.client.client_id, "client_secret": SECRET}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Scene]:
    """A scene on the store at a URL."""
    store = await open_store(url, KEYS, timeout=5, max_config_age=1)
    runner = Runner(application(store, Settings()), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    line = Line(runner.addresses[0][1])
    async with aiohttp.ClientSession(f"http://127.0.0.1:{line.port}") as session:

        async def connected(_: web.Application) -> Any:
            return session

        world = await new_world(store, cast(Any, connected))
        service = await world.add_service()
        yield Scene(world, line, service, await world.add_application(service))
    await line.close()
    await runner.cleanup()
    await store.close()
