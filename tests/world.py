"""A small world to test in: a site with a caller, services and applications, behind the real door on a real store."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from aiohttp.test_utils import TestClient

from mashery_oauth.dialects import CLOUD, LOCAL_V3, Dialect
from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Application, Caller, Record, Service, Site
from mashery_oauth.presets import preset
from mashery_oauth.store import Store
from mashery_oauth.store.texts import random_letters

HTTPS = "https://client.example.com/cb"
SECRET = "client-secret-of-the-test"
PATHS = {"local_v2": "/v2/json-rpc", "local_v3": "/v3/json-rpc"}

Params = Sequence[Any] | dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return orjson.loads(self.body)

    @property
    def result(self) -> Any:
        """The result of a success; a failure shows its body."""
        assert "error" not in self.json or self.json["error"] is None, self.body
        return self.json["result"]

    @property
    def error(self) -> Any:
        """The error of a failure; a success shows its body."""
        assert self.json.get("error") is not None, self.body
        return self.json["error"]

    @property
    def oauth(self) -> Any:
        """The OAuth error inside, whatever the dialect calls it."""
        return self.error.get("error", self.error.get("data"))


@dataclass
class World:
    """One site of one store, and a client in front of it."""

    store: Store
    http: TestClient[Any, Any]
    site: Site
    caller: Caller
    apikey_secret: str
    password: str
    numbers: int = 1000
    made: list[Record] = field(default_factory=list)

    async def write(self, *records: Record, deletes: Sequence[Record] = ()) -> None:
        """Publishes records as they are."""
        await self.store.configuration.fresh()
        await self.store.configuration.write(self.store.configuration.version, list(records), list(deletes))

    async def add_service(self, start: str = "mashery", *, all_flows: bool = True, **members: Any) -> Service:
        """A service from a preset, with every flow on that its profile has, and policy members as given."""
        policy = preset(start)
        if all_flows:
            known = frozenset(name for name, flow in FLOWS.items() if flow.known_in(policy.profile))
            policy = replace(policy, flows=known)
        service = Service(
            key=random_letters(24),
            id=secrets.randbelow(2**31),
            site_id=self.site.id,
            name=f"service {self.numbers}",
            policy=replace(policy, **members),
        )
        await self.write(service)
        return service

    async def set_policy(self, service: Service, **members: Any) -> Service:
        """The same service with other policy members, published."""
        changed = replace(service, policy=replace(service.policy, **members))
        await self.write(changed)
        return changed

    async def add_application(self, *services: Service, secret: str | None = SECRET, **members: Any) -> Application:
        """An application on services: confidential, with one redirect URI, unless members say otherwise."""
        self.numbers += 1
        defaults: dict[str, Any] = {"redirect_uris": (HTTPS,), "name": f"application {self.numbers}"}
        application = Application(
            id=self.numbers,
            client_id=random_letters(24),
            site_id=self.site.id,
            services=tuple(service.key for service in services),
            secrets=(self.store.ring.hash(secret),) if secret else (),
            **(defaults | members),
        )
        await self.write(application)
        return application

    def signature(self, at: int | None = None) -> str:
        """A Cloud signature, good now unless another time is given."""
        second = int(time.time()) if at is None else at
        text = f"{self.caller.apikey}{self.apikey_secret}{second}"
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    def basic(self) -> dict[str, str]:
        """The header that a Local caller sends."""
        token = base64.b64encode(f"{self.caller.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {token}"}

    def url(self, dialect: Dialect) -> str:
        """Where a dialect is spoken, signed where it must be."""
        if dialect is CLOUD:
            return f"/v2/json-rpc/{self.site.id}?apikey={self.caller.apikey}&sig={self.signature()}"
        return PATHS[dialect.name]

    async def post(self, body: bytes, *, dialect: Dialect = LOCAL_V3, headers: dict[str, str] | None = None) -> Answer:
        """Posts a body as it is, with the caller's credentials."""
        own = {} if dialect is CLOUD else self.basic()
        async with self.http.post(self.url(dialect), data=body, headers=own | (headers or {})) as response:
            return Answer(response.status, dict(response.headers), await response.read())

    async def call(
        self,
        method: str,
        params: Params = None,
        *,
        dialect: Dialect = LOCAL_V3,
        version: str = "2.0",
        id: Any = 1,  # noqa: A002  the wire's word
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One call. ``method`` may leave its ``oauth2.`` out."""
        name = method if "." in method else f"oauth2.{method}"
        marker = {"2.0": {"jsonrpc": "2.0"}, "1.1": {"version": "1.1"}, "1.0": {}}[version]
        members = {} if params is None else {"params": params}
        body = orjson.dumps({**marker, "method": name, **members, "id": id})
        return await self.post(body, dialect=dialect, headers=headers)

    async def token(
        self, service: Service, application: Application, token_data: dict[str, Any], **more: Any
    ) -> Answer:
        """createAccessToken with the application's credentials; ``more`` are further named arguments."""
        return await self.call(
            "createAccessToken",
            {
                "service_key": service.key,
                "client": {"client_id": application.client_id, "client_secret": SECRET},
                "token_data": token_data,
                **more,
            },
        )

    async def code(self, service: Service, application: Application, user: str | None = "user", **more: Any) -> str:
        """A fresh authorization code."""
        answer = await self.call(
            "createAuthorizationCode",
            {
                "service_key": service.key,
                "client": {"client_id": application.client_id},
                "uri": {"redirect_uri": HTTPS},
                "user_context": user,
                "response_type": "code",
                **more,
            },
        )
        return str(answer.result["code"])

    async def redeem(self, service: Service, application: Application, code: str, **token_data: Any) -> Answer:
        """Exchanges a code."""
        return await self.token(
            service,
            application,
            {"grant_type": "authorization_code", "code": code, **token_data},
            uri={"redirect_uri": HTTPS},
        )

    async def refresh(
        self, service: Service, application: Application, refresh_token: str, **token_data: Any
    ) -> Answer:
        """Uses a refresh token."""
        return await self.token(
            service, application, {"grant_type": "refresh_token", "refresh_token": refresh_token, **token_data}
        )

    async def fetch(self, service: Service, access_token: Any, *, dialect: Dialect = LOCAL_V3) -> Answer:
        """fetchAccessToken."""
        return await self.call("fetchAccessToken", [service.key, access_token], dialect=dialect)

    async def is_alive(self, service: Service, access_token: str) -> bool:
        """Whether a token works."""
        return bool((await self.fetch(service, [access_token])).result)
