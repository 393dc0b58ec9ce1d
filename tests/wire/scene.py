"""A service in a profile and a client on it, asked in a dialect; and every way to ask at the authorization step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from mashery_oauth.dialects import LOCAL_V3, Dialect
from mashery_oauth.models import Application, Service
from mashery_oauth.pkce import s256
from tests.world import HTTPS, SECRET, Answer, World

VERIFIER = "a-verifier-of-the-test-that-is-long-enough-to-be-one"
STATE = "xyz & more"

Members = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client sent to the authorization endpoint; ``None`` is not sent."""

    service_key: str
    client_id: str | None
    redirect_uri: str | None = HTTPS
    state: str | None = STATE
    response_type: str | None = None
    scope: str | None = None
    client_secret: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    user_context: str | None = "user"


@dataclass(frozen=True, slots=True)
class Door:
    """One way to ask: the method, what its arguments look like, and the flow that is meant."""

    name: str
    method: str
    flow: str
    response_type: str | None
    arguments: Callable[[Asked], Members]


def _passed_on(asked: Asked) -> Members:
    return {
        "service_key": asked.service_key,
        "client": {"client_id": asked.client_id, "client_secret": asked.client_secret},
        "uri": {"redirect_uri": asked.redirect_uri, "state": asked.state},
    }


def _consent(asked: Asked) -> Members:
    names = ("response_type", "scope", "code_challenge", "code_challenge_method")
    return _passed_on(asked) | {name: getattr(asked, name) for name in names}


def _code(asked: Asked) -> Members:
    return _consent(asked) | {"user_context": asked.user_context}


def _token(asked: Asked, **token_data: str | None) -> Members:
    data = {"scope": asked.scope, "response_type": asked.response_type, **token_data}
    return _passed_on(asked) | {"token_data": data, "user_context": asked.user_context}


LOOK = Door("look", "fetchApplication", "authorization_code", "code", _consent)
LOOK_FOR_TOKEN = Door("look-for-token", "fetchApplication", "implicit", "token", _consent)
CODE = Door("code", "createAuthorizationCode", "authorization_code", "code", _code)
TOKEN = Door("token", "createAccessToken", "implicit", "token", _token)
IMPLICIT = Door("implicit", "createAccessToken", "implicit", None, lambda asked: _token(asked, grant_type="implicit"))
DOORS = (LOOK, LOOK_FOR_TOKEN, CODE, TOKEN, IMPLICIT)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who asks whom, and how."""

    world: World
    service: Service
    client: Application
    dialect: Dialect = LOCAL_V3
    door: Door = CODE

    @property
    def profile(self) -> str:
        """The text that the service follows."""
        return self.service.policy.profile

    async def ask(self, **changes: Any) -> Answer:
        """Asks at the authorization step: rightly, but for the changes."""
        needs_challenge = self.must_prove and self.door.flow == "authorization_code"
        right = Asked(
            self.service.key,
            self.client.client_id,
            response_type=self.door.response_type,
            code_challenge=s256(VERIFIER) if needs_challenge else None,
            code_challenge_method="S256" if needs_challenge else None,
        )
        return await self.call(self.door.method, self.door.arguments(replace(right, **changes)))

    async def call(self, method: str, params: Members) -> Answer:
        """Any method, in the scene's dialect."""
        return await self.world.call(method, params, dialect=self.dialect)

    async def token(self, token_data: Members | None, **changes: Any) -> Answer:
        """An access token asked for with the client's credentials, but for the changes."""
        right = {
            "service_key": self.service.key,
            "client": {"client_id": self.client.client_id, "client_secret": self.secret},
            "token_data": token_data,
            "user_context": "user",
        }
        return await self.call("createAccessToken", right | changes)

    @property
    def must_prove(self) -> bool:
        """Whether the client must use PKCE."""
        return self.profile == "oauth21" or (self.profile == "rfc6749" and self.client.public)

    @property
    def secret(self) -> str | None:
        """What the client authenticates with; a public one, where there are such, with nothing."""
        return None if self.client.public and self.profile in ("rfc6749", "oauth21") else SECRET

    async def code(self, **changes: Any) -> str:
        """An authorization code."""
        answer = await replace(self, door=CODE, dialect=LOCAL_V3).ask(**changes)
        return str(answer.result["code"])

    async def redeem(self, code: str, *, redirect_uri: str | None = HTTPS, **changes: Any) -> Answer:
        """Exchanges a code: rightly, but for the changes, which are members of token_data."""
        verifier = VERIFIER if self.must_prove else None
        data = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        return await self.token(data | changes, uri={"redirect_uri": redirect_uri})

    async def granted(self, **changes: Any) -> Members:
        """The token and refresh token of a new grant: createAccessToken's result."""
        answer = await replace(self, dialect=LOCAL_V3).redeem(await self.code(**changes))
        return dict(answer.result)

    async def refresh(self, refresh_token: str | None, **changes: Any) -> Answer:
        """Uses a refresh token, with changes to token_data."""
        return await self.token({"grant_type": "refresh_token", "refresh_token": refresh_token} | changes)
