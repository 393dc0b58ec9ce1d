"""Many calls in one request, and the calls that an attacker would make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mashery_oauth.dialects import LOCAL_V3, Dialect
from mashery_oauth.models import Application, Service
from mashery_oauth.pkce import s256
from tests.world import HTTPS, SECRET, Answer, World

MOST = 100  # calls in one batch
VERIFIER = "a-verifier-of-the-test-that-is-long-enough-to-be-one"
CHALLENGE = {"code_challenge": s256(VERIFIER), "code_challenge_method": "S256"}

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a batch."""

    method: str
    params: Members | list[Any]


async def batch(world: World, calls: Sequence[Call], *, dialect: Dialect = LOCAL_V3) -> list[Answer]:
    """The answers to calls that are made at once, in their order."""
    found: list[Answer] = []
    for start in range(0, len(calls), MOST):
        requests = [
            {"jsonrpc": "2.0", "method": f"oauth2.{call.method}", "params": call.params, "id": number}
            for number, call in enumerate(calls[start : start + MOST])
        ]
        answer = await world.post(orjson.dumps(requests), dialect=dialect)
        found += [Answer(answer.status, answer.headers, orjson.dumps(each)) for each in answer.json]
    assert len(found) == len(calls)
    return found


def outcome(answer: Answer) -> str:
    """The sentence of a failure, or ``ok``."""
    return "ok" if answer.json.get("error") is None else str(answer.error["message"])


def oauth_error(answer: Answer) -> str:
    """The OAuth error of a failure, or ``ok``."""
    return "ok" if answer.json.get("error") is None else str(answer.oauth["error"])


def client_of(client: Application, secret: str | None = SECRET) -> Members:
    """A client's credentials."""
    return {"client_id": client.client_id, "client_secret": secret}


def alive(service: Service, tokens: Sequence[str]) -> list[Call]:
    """The calls that tell which access tokens work."""
    return [Call("fetchAccessToken", [service.key, token]) for token in tokens]


async def living(world: World, service: Service, tokens: Sequence[str]) -> list[bool]:
    """Which access tokens work."""
    return [outcome(answer) == "ok" for answer in await batch(world, alive(service, tokens))]


async def is_refreshable(world: World, service: Service, client: Application, refresh_token: str) -> bool:
    """Whether a refresh token works; it is used up by asking."""
    return outcome(await world.refresh(service, client, refresh_token)) == "ok"


async def scene(world: World, profile: str = "rfc6749", **policy: Any) -> tuple[Service, Application]:
    """A service and its client."""
    service = await world.add_service(profile, **policy)
    return service, await world.add_application(service)


def with_code(service: Service, client: Application, code: Any, **token_data: Any) -> Members:
    """The arguments that turn a code into a token."""
    return {
        "service_key": service.key,
        "client": client_of(client),
        "token_data": {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, **token_data},
        "uri": {"redirect_uri": HTTPS},
    }


async def redeem(world: World, service: Service, client: Application, code: str, **token_data: Any) -> Answer:
    """One redemption, right but for what is given."""
    return await world.call("createAccessToken", with_code(service, client, code, **token_data))


async def granted(world: World, service: Service, client: Application, user: str = "user", **more: Any) -> Members:
    """A new grant by a code."""
    code = await world.code(service, client, user, **CHALLENGE, **more)
    return dict((await redeem(world, service, client, code)).result)
