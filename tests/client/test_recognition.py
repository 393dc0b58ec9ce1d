"""Each row of the table of errors, provoked as the wire's tests provoke it: the client raises that row's exception."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
import pytest_asyncio

from mashery_oauth.client import (
    BackendError,
    ClientCredentials,
    InternalError,
    InvalidParams,
    NotUnderstood,
    OAuthError,
    Redirect,
    TokenData,
    Unavailable,
    calls,
    refusals,
)
from mashery_oauth.client.calls import Call
from mashery_oauth.client.errors import Told
from mashery_oauth.client.recognition import refused
from mashery_oauth.dialects import DIALECTS, Dialect
from mashery_oauth.errors import OAUTH, ROWS
from tests.effort import tally
from tests.wire import test_conditions
from tests.wire.conditions import AUTHORIZATION, OTHER, TOKEN, Condition, redirected, sent_on
from tests.wire.conftest import world_at
from tests.wire.scene import CODE, Members, Scene
from tests.world import HTTPS, Answer, World

from .conftest import Provider
from .either import KINDS, Either, credentials, url

together = pytest.mark.asyncio(loop_scope="module")
MET = [*((each, "authorization") for each in AUTHORIZATION if CODE in each.doors),
       *((each, "token") for each in TOKEN), *((each, "other") for each in OTHER)]  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskedByClient(Scene):
    """A scene whose calls are sent by a client; it keeps how they failed."""

    kind: type[Any] = KINDS[0]
    failures: list[BackendError] = field(default_factory=list)

    async def call(self, method: str, params: Members) -> Answer:
        """Any method, in the scene's dialect."""
        call = Call(f"oauth2.{method}", params, lambda result: result)
        client = Either(self.kind(url(self.world), credentials(self.world, self.dialect)))
        try:
            document: Members = {"result": await client.send(call)}
        except BackendError as failure:
            self.failures.append(failure)
            document = {"error": {"message": str(failure)}}
        finally:
            await client.close()
        return Answer(200, {}, orjson.dumps(document))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(single_url: str) -> AsyncIterator[World]:
    """A world that all of these share."""
    async with world_at(single_url) as world:
        yield world


@together
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize(("condition", "step"), MET, ids=lambda each: getattr(each, "name", each))
async def test_raises_the_exception_of_each_row_with_what_can_be_relayed(
    stage: World, condition: Condition, step: str, dialect: Dialect
) -> None:
    at = MET.index((condition, step)) + DIALECTS.index(dialect)  # each profile, and each client, in its turn
    profile = condition.profiles[at % len(condition.profiles)]
    plain = await test_conditions.staged(stage, condition, profile, dialect)
    scene = AskedByClient(plain.world, plain.service, plain.client, dialect, CODE, KINDS[at % len(KINDS)])

    await condition.provoke(scene)

    failure = scene.failures[-1]
    wanted = {"authorization": redirected(condition, profile, CODE), "token": sent_on(condition, profile)}.get(step)
    assert isinstance(failure, refusals.BY_ROW[condition.row])
    assert isinstance(failure, OAuthError)
    assert (failure.message, failure.error) == (condition.message, condition.error(profile))
    assert failure.error_description == condition.message
    assert relayed(failure) == wanted
    tally("refusals that a client told by their class")


def relayed(failure: BackendError) -> Members | None:
    """What can be sent on, as the wire has it."""
    response = failure.response
    if response is None:
        return None
    state = response.body.get("state")
    uri = None if response.redirect_uri is None else {"redirect_uri": response.redirect_uri, "state": state}
    return {"response": response.body, "status": response.status, "headers": response.headers, "uri": uri}


def test_meets_every_row_that_is_a_clients_fault() -> None:
    met = {condition.row for condition, _ in MET}

    assert {row.name for row in ROWS if row.code == OAUTH} - met == test_conditions.ELSEWHERE


async def test_names_the_arguments_that_the_provider_got_wrong(provider: Provider, dialect: Dialect) -> None:
    asked = calls.update_access_token(provider.key, client=provider.client, access_token="token", expires_in=0)

    failure = await provider.connect(dialect).failure(asked)

    assert isinstance(failure, refusals.InvalidParams)
    assert not isinstance(failure, refusals.IdempotencyKeyReused)
    assert [problem.field for problem in failure.problems] == ["expires_in"]
    assert failure.problems[0].message in str(failure)


async def test_tells_a_key_that_came_with_other_arguments(provider: Provider, dialect: Dialect) -> None:
    backend = provider.connect(dialect)
    await backend.send(provider.token_call(idempotency_key="key"))

    failure = await backend.failure(provider.token_call(idempotency_key="key", user_context="berta"))

    assert isinstance(failure, refusals.IdempotencyKeyReused)
    assert isinstance(failure, InvalidParams)
    assert [problem.field for problem in failure.problems] == ["Idempotency-Key"]


async def test_tells_that_there_were_too_many_guesses(provider: Provider, dialect: Dialect) -> None:
    await provider.world.set_policy(provider.service, guess_limit="strict")
    backend = provider.connect(dialect)
    wrong = ClientCredentials(provider.application.client_id, "wrong")
    asked = [provider.token_call(client=wrong) for _ in range(50)]

    *_, failure = await backend.batch(asked)
    alone = await backend.failure(asked[0])

    assert isinstance(failure, refusals.TooManyAttempts)
    assert isinstance(alone, refusals.TooManyAttempts)
    assert alone.retry_after
    assert alone.response is not None
    assert (alone.response.status, alone.error) == (429, "invalid_client")


async def test_tells_what_the_service_does_not_have(provider: Provider, dialect: Dialect) -> None:
    failure = await provider.connect(dialect).failure(Call("oauth2.other", {}, lambda result: result))

    assert isinstance(failure, refusals.MethodNotFound)


async def test_tells_a_request_that_is_too_large(provider: Provider, dialect: Dialect) -> None:
    asked = calls.fetch_access_token(provider.key, "t" * 1024 * 1024)

    failure = await provider.connect(dialect).failure(asked)

    assert isinstance(failure, refusals.RequestTooLarge)


async def test_tells_what_is_nested_too_deep(provider: Provider, dialect: Dialect) -> None:
    deep: Members = {}
    for _ in range(20):
        deep = {"deeper": deep}

    failure = await provider.connect(dialect).failure(Call("oauth2.fetchAccessToken", deep, lambda result: result))

    assert isinstance(failure, refusals.ParseError)


async def test_tells_a_field_that_is_missing_in_an_object_method(provider: Provider, dialect: Dialect) -> None:
    failure = await provider.connect(dialect).failure(Call("application.fetch", {}, lambda result: result))

    assert isinstance(failure, refusals.FieldRequired)


async def test_what_the_wire_cannot_tell_apart_is_both(provider: Provider) -> None:
    code = (await provider.connect().send(provider.code_call())).code
    data = TokenData(grant_type="authorization_code", code=code, code_verifier="v" * 43)

    failure = await provider.connect().failure(
        calls.create_access_token(provider.key, client=provider.client, token_data=data, uri=Redirect(HTTPS))
    )

    assert isinstance(failure, refusals.CodeVerifierUnexpected)
    assert isinstance(failure, refusals.CodeVerifierWrong)
    assert not isinstance(failure, refusals.CodeVerifierMalformed)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        (-2001, 400, OAuthError),
        (4000, 403, OAuthError),
        (-32602, 200, InvalidParams),
        (-32603, 503, Unavailable),
        (-32603, 500, InternalError),
        (-32601, 200, NotUnderstood),
        (1234, 200, BackendError),
    ],
)
def test_a_sentence_of_another_version_still_has_its_kind(code: int, status: int, kind: type[BackendError]) -> None:
    failure = refused(Told("Something new", code, status))

    assert type(failure) is kind
    assert (str(failure), failure.code) == ("Something new", code)
