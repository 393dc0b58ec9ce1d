"""Create calls with an Idempotency-Key, and whom they are for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from mashery_oauth.dialects import LOCAL_V3, Dialect
from mashery_oauth.models import Application, Service

from ..world import HTTPS, SECRET, Answer, World

CREATE, AUTHORIZE = "createAccessToken", "createAuthorizationCode"
PASSWORD = {"grant_type": "password"}
IMPLICIT = {"response_type": "token"}
FIELD = "Idempotency-Key"


@dataclass
class Scene:
    """A service, a client, and calls to make with a key."""

    world: World
    service: Service
    client: Application

    def params(self, token_data: dict[str, Any] | None = None, user: str | None = "alice", **more: Any) -> Any:
        about: dict[str, Any] = {
            "service_key": self.service.key,
            "client": {"client_id": self.client.client_id, "client_secret": SECRET},
            "uri": {"redirect_uri": HTTPS, "state": "xyz"},
            "user_context": user,
        }
        return about | ({} if token_data is None else {"token_data": token_data}) | more

    async def keyed(self, key: str, method: str, params: Any, dialect: Dialect = LOCAL_V3) -> Answer:
        return await self.world.call(method, params, headers={FIELD: key}, dialect=dialect)

    async def tokens(self, user: str = "alice") -> list[str]:
        answer = await self.world.call("fetchUserApplications", [self.service.key, user])
        return [text for entry in answer.result for text in entry["access_tokens"]]


async def by_code(scene: Scene) -> tuple[str, Any]:
    code = await scene.world.code(scene.service, scene.client, "alice")
    return CREATE, scene.params({"grant_type": "authorization_code", "code": code})


async def by_refresh(scene: Scene) -> tuple[str, Any]:
    made = await scene.world.call(CREATE, scene.params(PASSWORD, "bob"))
    return CREATE, scene.params({"grant_type": "refresh_token", "refresh_token": made.result["refresh_token"]})


async def by_password(scene: Scene) -> tuple[str, Any]:
    return CREATE, scene.params(PASSWORD)


async def by_implicit(scene: Scene) -> tuple[str, Any]:
    return CREATE, scene.params(IMPLICIT)


async def by_client(scene: Scene) -> tuple[str, Any]:
    return CREATE, scene.params({"grant_type": "client_credentials"}, None)


async def for_a_code(scene: Scene) -> tuple[str, Any]:
    return AUTHORIZE, scene.params(response_type="code")


async def for_a_code_of_nobody(scene: Scene) -> tuple[str, Any]:
    return AUTHORIZE, scene.params(None, None)


Prepare = Callable[[Scene], Awaitable[tuple[str, Any]]]
every_create = pytest.mark.parametrize(
    "prepare",
    [by_code, by_refresh, by_password, by_implicit, by_client, for_a_code, for_a_code_of_nobody],
    ids=lambda prepare: prepare.__name__,
)
