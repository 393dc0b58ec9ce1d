"""The product beside the model: one world on a real store, its records, and the time that both have been told of."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import orjson
from aiohttp.test_utils import TestClient, TestServer

from mashery_oauth import models
from mashery_oauth.routes import application
from mashery_oauth.settings import Settings
from mashery_oauth.store import Store, open_store
from tests.conftest import KEYS, new_world
from tests.world import HTTPS, SECRET, Answer, World

from .ageing import age, keys_of
from .things import Client, Service

USERS = ("ann", "bob", "cyd")
SECRET_OF_LATER = "the secret that replaced it"

T = TypeVar("T")
Http = TestClient[Any, Any]


class Stage:
    """A store with its door and an event loop, for many scenes one after another."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self.store, self.http = self.run(self._open(url))

    async def _open(self, url: str) -> tuple[Store, Http]:
        # Configuration changes here alone, and is read back at each change: it may be as old as it likes.
        store = await open_store(url, KEYS, timeout=60, max_config_age=600)
        http: Http = TestClient(TestServer(application(store, Settings())))
        await http.start_server()
        return store, http

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs what waits."""
        return self._runner.run(work)

    async def world(self) -> World:
        """A world of its own."""

        async def same(_: Any) -> Http:
            return self.http

        made: Any = same
        return await new_world(self.store, made)

    def close(self) -> None:
        """Ends loop, door and store."""
        self.run(self.http.close())
        self.run(self.store.close())
        self._runner.close()


class Scene:
    """The records that stand for the model's services and clients, and the clock."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.world = stage, stage.run(stage.world())
        self.offset = 0.0
        self.texts: list[str] = []
        self.services: dict[Service, models.Service] = {}
        self.clients: dict[Client, models.Application] = {}

    @property
    def now(self) -> float:
        """The time in the store, as far as it has been made to pass."""
        return time.time() + self.offset

    def add_service(self, service: Service) -> None:
        """A record for a service."""
        made = self.world.add_service(service.profile, **policy_of(service))
        self.services[service] = self.stage.run(made)

    def add_client(self, client: Client) -> None:
        """A record for a client."""
        records = [self.services[service] for service in client.services]
        kind = "public" if client.public else "confidential"
        made = self.world.add_application(*records, secret=client.secret, type=kind)
        self.clients[client] = self.stage.run(made)

    def publish(self, thing: Service | Client | None) -> None:
        """Writes what the model says of a service or a client; ``None`` ends all that the site has issued."""
        version = self.world.store.configuration.version + 1
        record: models.Record
        if thing is None:
            record = self.world.site = replace(self.world.site, revoked_before=version)
        elif isinstance(thing, Service):
            record = self.services[thing] = self._service(thing)
        else:
            record = self.clients[thing] = self._client(thing)
        self.stage.run(self.world.write(record))

    def _service(self, service: Service) -> models.Service:
        record = self.services[service]
        policy = replace(record.policy, **policy_of(service))
        return replace(record, policy=policy, active=service.active)

    def _client(self, client: Client) -> models.Application:
        services = tuple(self.services[service].key for service in sorted(client.services, key=repr))
        secrets = (self.world.store.ring.hash(client.secret),) if client.secret else ()
        return replace(self.clients[client], services=services, secrets=secrets, active=client.active)

    def cut(self, thing: Service | Client) -> None:
        """Ends all that was issued until now for a service or a client."""
        version = self.world.store.configuration.version + 1
        if isinstance(thing, Service):
            self.services[thing] = replace(self.services[thing], revoked_before=version)
        else:
            self.clients[thing] = replace(self.clients[thing], revoked_before=version)
        self.publish(thing)

    def names(self, service: Service, client: Client, secret: str | None = None, **more: Any) -> dict[str, Any]:
        """The arguments that name service and client, and more."""
        identity = {"client_id": self.clients[client].client_id, "client_secret": secret}
        return {"service_key": self.services[service].key, "client": identity, "uri": {"redirect_uri": HTTPS}, **more}

    def call(self, method: str, params: dict[str, Any]) -> Answer:
        """One call."""
        return self.stage.run(self.world.call(method, params))

    def batch(self, calls: Sequence[tuple[str, dict[str, Any]]]) -> list[Any]:
        """Several calls in one batch; their answers in order."""
        body = [
            {"jsonrpc": "2.0", "method": f"oauth2.{method}", "params": params, "id": at}
            for at, (method, params) in enumerate(calls)
        ]
        return list(self.stage.run(self.world.post(orjson.dumps(body))).json)

    def let_pass(self, seconds: int) -> None:
        """Time passes: here at once."""
        tags = [
            self.world.store.texts.tag_of_user(record.id, user) for record in self.services.values() for user in USERS
        ]
        names = keys_of(self.world.store, self.texts, tags)
        self.stage.run(age(self.world.store, sorted(names), seconds))
        self.offset += seconds


def policy_of(service: Service) -> dict[str, Any]:
    """The policy members that a service of the model has."""
    unlike = ("name", "profile", "active", "cut")
    members = {name: value for name, value in vars(service).items() if name not in unlike}
    return members | {"flows": frozenset(service.flows)}


def first_secret(*, public: bool) -> str | None:
    """The secret that a client begins with."""
    return None if public else SECRET
