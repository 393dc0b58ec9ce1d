"""A provider with a client of either kind, a service with an application, and a line between them that may break."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from mashery_oauth.client import (
    AccessToken,
    AsyncClient,
    Call,
    Client,
    ClientCredentials,
    Credentials,
    Redirect,
    TokenData,
    calls,
)
from mashery_oauth.dialects import DIALECTS, LOCAL_V3, Dialect
from mashery_oauth.models import Application, Service
from tests.world import HTTPS, SECRET, World

from .either import KINDS, Either, credentials, url
from .line import Line, line_to

STATE = "a state & more"
USER = "anna"


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request: pytest.FixtureRequest) -> type[AsyncClient | Client]:
    """Each kind of client."""
    found: type[AsyncClient | Client] = request.param
    return found


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Each dialect; a test that does not ask for it speaks Local V3."""
    found: Dialect = request.param
    return found


@dataclass
class Provider:
    """Who has a client of either kind, and in front of whom somebody wants a token."""

    world: World
    service: Service
    application: Application
    kind: type[AsyncClient | Client]
    opened: list[Either] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The service's."""
        return self.service.key

    @property
    def client(self) -> ClientCredentials:
        """What the application sent."""
        return ClientCredentials(self.application.client_id, SECRET)

    def connect(
        self, dialect: Dialect = LOCAL_V3, *, at: str = "", caller: Credentials | None = None, **options: Any
    ) -> Either:
        """A client of the backend, or of whoever stands in front of it."""
        made = Either(self.kind(at or url(self.world), caller or credentials(self.world, dialect), **options))
        self.opened.append(made)
        return made

    def code_call(self, **more: Any) -> Call[Any]:
        """A call for a code."""
        asked: dict[str, Any] = {
            "client": self.client,
            "uri": Redirect(HTTPS, STATE),
            "user_context": USER,
            "response_type": "code",
        }
        return calls.create_authorization_code(self.key, **(asked | more))

    def redeem_call(self, code: str, **more: Any) -> Call[AccessToken]:
        """A call for the token of a code."""
        data = TokenData(grant_type="authorization_code", code=code)
        return calls.create_access_token(self.key, client=self.client, token_data=data, uri=Redirect(HTTPS), **more)

    def token_call(self, **more: Any) -> Call[AccessToken]:
        """A call for a token without a code."""
        data = TokenData(grant_type="password", scope="read")
        asked: dict[str, Any] = {"client": self.client, "token_data": data, "user_context": USER}
        return calls.create_access_token(self.key, **(asked | more))

    async def tokens(self) -> int:
        """How many tokens the user has, dead ones too."""
        answer = await self.world.call("fetchUserApplications", [self.key, USER])
        return sum(len(each["access_tokens"]) for each in answer.result)


async def provided(world: World, kind: type[AsyncClient | Client]) -> AsyncIterator[Provider]:
    """A provider in a world, for one test."""
    service = await world.add_service("draft16")
    application = await world.add_application(service)
    provider = Provider(world, service, application, kind)
    yield provider
    for client in provider.opened:
        await client.close()


@pytest.fixture
async def provider(one_world: World, kind: type[AsyncClient | Client]) -> AsyncIterator[Provider]:
    """A provider with a client of each kind."""
    async for made in provided(one_world, kind):
        yield made


@pytest.fixture
async def line(provider: Provider) -> AsyncIterator[Line]:
    """A line to the provider's backend."""
    async with line_to(url(provider.world)) as made:
        yield made
