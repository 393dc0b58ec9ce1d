"""Servers to replay against, and the target that describes each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from mashery_oauth.replay import Login, Target

from .manners import LONG, PASSWORD, SCOPES, SHORT, USER
from .server import Server

Start = Callable[..., Awaitable[Target]]
FLOWS = ("authorization_code", "refresh_token", "client_credentials", "implicit", "password")


def described(server: Server, url: str, **changes: Any) -> Target:
    """The whole of such a server."""
    target = Target(
        name="test server",
        token_url=f"{url}/token",
        authorize_url=f"{url}/authorize",
        revoke_url=f"{url}/revoke",
        introspect_url=f"{url}/introspect",
        resource_url=f"{url}/resource",
        clients=server.clients,
        login=Login(),
        user=USER,
        password=PASSWORD,
        scopes=SCOPES,
        flows=FLOWS,
        pkce=True,
        code_lifetime=server.lifetime + 0.05 if server.lifetime == SHORT else 0,
    )
    return replace(target, **changes)


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts a server that follows a text, with faults; it ends with the test."""
    running: list[TestServer] = []

    async def start(text: str, *faults: str, lifetime: float = LONG, one_uri: bool = False, **changes: Any) -> Target:
        server = Server(text, *faults, lifetime=lifetime, one_uri=one_uri)
        running.append(TestServer(server.app()))
        await running[-1].start_server()
        return described(server, str(running[-1].make_url("")).rstrip("/"), **changes)

    yield start
    for each in running:
        await each.close()
