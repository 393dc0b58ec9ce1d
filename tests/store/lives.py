"""All that a user may have at a service, and what everybody hears who asks about it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from mashery_oauth.models import Application, Service
from mashery_oauth.operation import OperationError
from mashery_oauth.operations import tokens

from ..effort import tally
from ..world import SECRET, World

LONG = 3600
VARYING = re.compile(r"\b[a-z0-9]{60}\b|\b[a-z0-9]{44}\b|sha256:[\w-]+|\d{4}-\d\d-\d\dT[\d:]+Z")


@dataclass(frozen=True, slots=True)
class Lives:
    """Everything that a user has at a service, one of each kind."""

    service: Service
    application: Application
    code: str
    access: str
    refresh: str
    other: str  # an access token with a life of its own

    def client(self) -> dict[str, str]:
        return {"client_id": self.application.client_id, "client_secret": SECRET}


async def lives(world: World, short: dict[str, int], policy: dict[str, Any]) -> Lives:
    """A fresh service, where only what is named has a short life."""
    service = await world.add_service(**({"access_ttl": LONG, "refresh_idle_ttl": LONG} | policy))
    application, second = await world.add_application(service), await world.add_application(service)
    other = (await world.token(service, second, {"grant_type": "password"}, user_context="user")).result
    service = await world.set_policy(service, **short)
    code = await world.code(service, application)
    made = (await world.token(service, application, {"grant_type": "password"}, user_context="user")).result
    return Lives(service, application, code, made["access_token"], made["refresh_token"], other["access_token"])


async def asked(world: World, given: Lives) -> list[Any]:
    """What everybody hears who asks about it, in an order in which no question spoils the next."""
    service, application, key = given.service, given.application, given.service.key
    arguments = {"service_key": key, "client": given.client(), "access_token": given.access}
    listing = [("fetchUserApplications", [key, "user", status]) for status in (None, "active", "inactive")]
    told = [await state(world, text) for text in (given.access, given.refresh)]
    told += [(await world.call(method, params)).json for method, params in listing]
    told.append((await world.fetch(service, given.access)).json)
    told.append((await world.fetch(service, [given.other, given.access])).json)
    told.append((await world.call("updateAccessToken", {**arguments, "scope": "more"})).json)
    told.append((await world.redeem(service, application, given.code)).json)
    told.append((await world.token(service, application, {"grant_type": "password"}, user_context="user")).json)
    told.append((await world.refresh(service, application, given.refresh)).json)
    told.append((await world.call("revokeAccessToken", arguments)).json)
    told += [(await world.call(method, params)).json for method, params in listing]
    tally("answers about ended things that were compared", len(told))
    return [comparable(each) for each in told]


async def state(world: World, text: str) -> str:
    """What an operator is shown of a token."""
    try:
        found = await tokens.show(world.store, text)
    except OperationError as error:
        return str(error)
    return f"{found.kind} {found.alive} {found.flow} {found.user_context}"


def comparable(told: Any) -> Any:
    """An answer without what is another in each world: texts, times, names, lifetimes."""
    text = VARYING.sub("-", json.dumps(told, sort_keys=True))
    return re.sub(r'"(expires_in|id)": \d+|"(name|client_id|mac_key)": "[^"]*"', "-", text)
