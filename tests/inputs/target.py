"""What is fuzzed: a body, or the bytes of a connection, sent to the service as it is run; and what must not come of it.

Texts in the input stand for what only a run knows: a live token for the documentation's token, and so on.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import orjson
from aiohttp.web_protocol import RequestHandler
from structlog.testing import capture_logs
from structlog.typing import EventDict

from mashery_oauth import connections
from mashery_oauth.dialects import DIALECTS
from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Application, Service, Site
from mashery_oauth.presets import PRESETS, preset
from tests.test_docs import ACCESS, CLIENT_ID, CLIENT_SECRET, CODE, REFRESH, SERVICE_KEY, USER
from tests.world import HTTPS

from .heard import check_heard
from .judged import check_answer
from .scene import Scene, opened

LONGEST = 1.0  # seconds of this process's time for one input
PATIENCE = 0.03  # seconds, in place of the door's own: most inputs leave something open
PUBLIC, ALIASED, FOREIGN = "public-client", "service-with-aliases", "service-of-somebody-else"
FOREIGN_NAME = "name-of-somebody-elses-service"
SERVICES: Mapping[str, Mapping[str, Any]] = {
    "service-with-mac": {"token_type": "mac"},
    "service-with-one-token": {"allow_multiple_tokens": False, "scopes": ("a", "b"), "default_scopes": ("a",)},
    "service-with-a-cap": {"token_cap": 2, "secure_tokens": True, "redirect_match": "any", "revocation": "token"},
    ALIASED: {"profile": "draft10", "grant_aliases": {"trial": "a"}, "scope_separators": " +"},
}
SECRET_MEMBERS = frozenset({"client_secret", "code", "refresh_token"})  # what is sent there is told nowhere


@dataclass
class Noticed(logging.Handler):
    """What was logged, by us and by libraries, while nothing was wrong."""

    ours: list[EventDict]
    records: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(logging.WARNING)

    def __hash__(self) -> int:
        return id(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps it."""
        self.records.append(self.format(record))

    def check(self) -> None:
        """:raises AssertionError: something has been logged that says that we failed."""
        failures = [each for each in self.ours if each["log_level"] in ("error", "critical")]
        told = [*failures, *self.records]
        self.ours.clear()
        self.records.clear()
        assert not told, told


@dataclass(frozen=True, slots=True)
class Target:
    """A seeded world, and who listens to what it logs."""

    scene: Scene
    noticed: Noticed

    async def try_body(self, data: bytes) -> None:
        """Posts all but the first byte, which says in which dialect.

        :raises AssertionError: the answer is none that the wire knows, took too long, or tells too much.
        """
        dialect = DIALECTS[data[0] % 3] if data else DIALECTS[0]
        body, fresh = await self._with_live_texts(data[1:])
        started = time.process_time()
        answer = await self.scene.post(body, dialect)
        took = time.process_time() - started
        check_answer(answer, dialect)
        self.noticed.check()
        self._check_secrets(body, answer.body, fresh)
        assert took < LONGEST, f"took {took:.2f} s"

    async def try_connection(self, data: bytes) -> None:
        """Sends bytes on a connection of their own and hears it to its end.

        :raises AssertionError: what comes back is no sequence of answers, took too long, or something was logged.
        """
        sent = self._with_credentials(data)
        started = time.process_time()
        heard = await self.scene.line.talk(sent)
        took = time.process_time() - started
        check_heard(heard)
        self.noticed.check()
        self._check_secrets(b"", heard, [])
        assert took < LONGEST, f"took {took:.2f} s"

    async def _with_live_texts(self, body: bytes) -> tuple[bytes, list[str]]:
        """The body with a code and with tokens that live, where it has the documentation's; and those."""
        fresh: dict[str, str] = {}
        if ACCESS.encode() in body or REFRESH.encode() in body:
            await self._call("revokeUserApplication")  # what is alive of a user is bounded
            made = await self._call("createAccessToken", token_data={"grant_type": "password"})
            fresh |= {ACCESS: made["access_token"], REFRESH: made["refresh_token"]}
        if CODE.encode() in body:
            fresh[CODE] = (await self._call("createAuthorizationCode", uri={"redirect_uri": HTTPS}))["code"]
        for shown, live in fresh.items():
            body = body.replace(shown.encode(), live.encode())
        return body, list(fresh.values())

    async def _call(self, method: str, **arguments: Any) -> Any:
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        named = {"service_key": SERVICE_KEY, "client": client, "user_context": USER, **arguments}
        return (await self.scene.call(f"oauth2.{method}", named)).result

    def _with_credentials(self, data: bytes) -> bytes:
        world = self.scene.world
        for shown, live in (
            (b"AUTHORIZATION", world.basic()["Authorization"]),
            (b"APIKEY", world.caller.apikey),
            (b"SIGNATURE", world.signature()),
            (b"SITE", str(world.site.id)),
        ):
            data = data.replace(shown, live.encode())
        return data

    def _check_secrets(self, body: bytes, told: bytes, fresh: list[str]) -> None:
        """:raises AssertionError: an answer has a secret that its request did not have where answers repeat it."""
        world = self.scene.world
        text = told.decode(errors="replace")
        secrets = [CLIENT_SECRET, FOREIGN_NAME, world.password, world.apikey_secret, *world.caller.password.split(":")]
        found = [secret for secret in [*secrets, *fresh] if len(secret) > 8 and secret in text]
        if not found:
            return
        document = _parsed(body)
        repeated = list(_repeatable(document))
        lists_tokens = any("fetchUserApplications" in each for each in repeated)
        leaked = [each for each in found if not (lists_tokens and each in fresh) and not _is_in(each, repeated)]
        assert leaked == [], told


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _repeatable(document: Any) -> Iterator[str]:
    """The texts of a request that an answer may have: identifiers, states, scopes; and what is echoed."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield name
            if name not in SECRET_MEMBERS or document.get("method") == "test.echo":
                yield from _repeatable(value)
    elif isinstance(document, list):
        for value in document:
            yield from _repeatable(value)
    elif isinstance(document, str):
        yield document


def _is_in(secret: str, texts: list[str]) -> bool:
    return any(secret in text for text in texts)


async def seed(scene: Scene) -> None:
    """A service of each kind, a client that has a secret, one that has none, and somebody else's service."""
    world = scene.world
    flows = frozenset(FLOWS)
    services = [Service(SERVICE_KEY, 1, world.site.id, "payments", replace(preset("mashery"), flows=flows))]
    for number, name in enumerate(PRESETS, start=2):
        services.append(Service(name, number, world.site.id, name, replace(preset(name), flows=flows)))
    for number, (name, members) in enumerate(SERVICES.items(), start=20):
        policy = replace(preset("draft16"), flows=flows, **members)
        services.append(Service(name, number, world.site.id, name, policy))
    keys, hashed = tuple(service.key for service in services), (world.store.ring.hash(CLIENT_SECRET),)
    uris = (HTTPS, "http://127.0.0.1/cb", "app:/cb")
    await world.write(
        *services,
        Application(1, CLIENT_ID, world.site.id, "storefront", keys, redirect_uris=(HTTPS,), secrets=hashed),
        Application(2, PUBLIC, world.site.id, "app", keys, type="public", native=True, redirect_uris=uris),
        other := Site(world.site.id + 1, "Other Site"),
        Service(FOREIGN, 99, other.id, FOREIGN_NAME, preset("mashery")),
    )


@asynccontextmanager
async def target(url: str) -> AsyncIterator[Target]:
    """A target on the store at a URL; what is logged while it is there is its business."""
    with capture_logs() as ours:
        noticed = Noticed(ours)
        logging.getLogger().addHandler(noticed)
        try:
            async with opened(url) as scene:
                await seed(scene)
                yield Target(scene, noticed)
            gc.collect()  # tasks whose failure nobody asked for say so when they go
            noticed.check()
        finally:
            logging.getLogger().removeHandler(noticed)


@contextmanager
def impatience(seconds: float = PATIENCE) -> Iterator[None]:
    """The door waits no longer than a moment for heads, bodies, further requests and the rest of refused ones."""
    kept = connections.BODY_PATIENCE, connections.HEAD_PATIENCE, connections.IDLE_PATIENCE
    connections.BODY_PATIENCE = connections.HEAD_PATIENCE = connections.IDLE_PATIENCE = seconds
    try:
        with patch.dict(RequestHandler.__init__.__kwdefaults__, lingering_time=seconds):
            yield
    finally:
        connections.BODY_PATIENCE, connections.HEAD_PATIENCE, connections.IDLE_PATIENCE = kept


@contextmanager
def running(kind: str, url: str) -> Iterator[Any]:
    """A function that tries one input of a kind, ``body`` or ``connection``, on a loop of its own."""
    with asyncio.Runner() as runner, impatience() if kind == "connection" else nullcontext():
        stack = AsyncExitStack()
        made = runner.run(stack.enter_async_context(target(url)))
        attempt = made.try_body if kind == "body" else made.try_connection
        try:
            yield lambda data: runner.run(attempt(data))
        finally:
            runner.run(stack.aclose())
