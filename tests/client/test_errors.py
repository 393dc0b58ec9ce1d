"""Failures that carry something: what a provider sends on to its client, and the trouble that is nobody's fault."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson
import pytest

from mashery_oauth.client import AsyncClient, Client, InternalError, OAuthError, Unavailable, calls, refusals
from mashery_oauth.client.answers import Reply, read_single
from mashery_oauth.dialects import Dialect
from tests.wire.conftest import world_at
from tests.wire.outage import Line as StoreLine

from .conftest import STATE, Provider, provided


@dataclass
class Remote:
    """A provider whose backend's store can be cut off."""

    provider: Provider
    store: StoreLine


@pytest.fixture
async def remote(single_url: str, kind: type[AsyncClient | Client]) -> AsyncIterator[Remote]:
    """A provider, and the line to the store behind its backend."""
    store = StoreLine(single_url)
    await store.open()
    async with world_at(store.url, max_config_age=600) as world:
        async for provider in provided(world, kind):
            yield Remote(provider, store)
            store.mend()
    await store.close()


async def test_an_outage_is_told_as_one_with_what_the_client_may_hear(remote: Remote, dialect: Dialect) -> None:
    backend = remote.provider.connect(dialect, retries=0)
    code = (await backend.send(remote.provider.code_call())).code
    await backend.send(remote.provider.redeem_call(code))
    remote.store.cut()

    at_authorization = await backend.failure(remote.provider.code_call())
    at_token = await backend.failure(remote.provider.redeem_call(code))

    assert type(at_authorization) is type(at_token) is Unavailable
    assert (at_token.status, at_token.retry_after) == (503, 1)
    assert at_token.response is not None
    assert (at_token.response.status, at_token.response.body["error"]) == (503, "503")
    assert at_authorization.response is not None
    assert at_authorization.response.redirect_uri == at_authorization.response.headers["Location"]
    assert at_authorization.response.body["state"] == STATE


async def test_an_outage_that_ends_soon_is_not_noticed(remote: Remote) -> None:
    backend = remote.provider.connect(timeout=10, retries=5)
    made = await backend.send(remote.provider.code_call())
    remote.store.cut()
    failure = await remote.provider.connect(retries=0).failure(remote.provider.token_call())
    remote.store.mend()

    token = await backend.send(remote.provider.redeem_call(made.code))

    assert isinstance(failure, Unavailable)
    assert token.access_token
    assert await remote.provider.tokens() == 1


async def test_what_a_client_may_hear_is_ready_to_be_sent(provider: Provider, dialect: Dialect) -> None:
    failure = await provider.connect(dialect).failure(provider.redeem_call("unknown"))

    assert isinstance(failure, refusals.InvalidCode)
    assert failure.response is not None
    assert failure.response.status == 400
    assert failure.response.body == {"error": "invalid_grant", "error_description": "Invalid authorization code"}
    assert failure.response.headers == {"Content-Type": "application/json", "Cache-Control": "no-store"}
    assert failure.response.redirect_uri is None


async def test_a_state_is_sent_on_and_not_shown(provider: Provider, dialect: Dialect) -> None:
    failure = await provider.connect(dialect).failure(provider.code_call(response_type="other"))

    assert isinstance(failure, OAuthError)
    assert failure.response is not None
    assert failure.response.body["state"] == STATE
    assert "state" not in repr(failure)


def test_a_fault_of_the_backend_is_no_outage() -> None:
    error = {"message": "Internal error", "code": -32603, "error": None}
    reply = Reply(500, {}, orjson.dumps({"jsonrpc": "2.0", "error": error, "id": 1}))

    with pytest.raises(InternalError) as caught:
        read_single(calls.fetch_access_token("key", "token"), 1, reply)

    assert (caught.value.code, caught.value.status, caught.value.response) == (-32603, 500, None)
