"""Our way through jsonrpcserver, beside its public one; and what becomes of an error that nobody expected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonrpcserver import async_dispatch

from mashery_oauth.calling import Calling
from mashery_oauth.dialects import LOCAL_V3, Dialect
from mashery_oauth.errors import Refusal
from mashery_oauth.methods import METHODS
from mashery_oauth.rpc import dispatch as module
from mashery_oauth.rpc.dispatch import dispatch
from tests.world import World

WORDS = st.one_of(st.text(max_size=8), st.sampled_from(["value", "self", "args", "method", "request", "context"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
)
NAMES = st.one_of(st.sampled_from(["test.hello", "test.echo", "rpc.discover", "test", "rpc."]), WORDS)
PARAMS = st.one_of(st.lists(VALUES, max_size=3), st.dictionaries(WORDS, VALUES, max_size=3))
SECRET_TEXT = "the password is swordfish"


def ours(calling: Calling, request: dict[str, Any]) -> tuple[Any, int | None]:
    """A result, or the code of an error."""
    try:
        return asyncio.run(dispatch(calling, request)), None
    except Refusal as refusal:
        return None, refusal.row.code


def theirs(calling: Calling, request: dict[str, Any]) -> tuple[Any, int | None]:
    """The same by the library's own front door."""
    body = orjson.dumps({"jsonrpc": "2.0", **request}).decode()
    methods: Any = module._RUNNERS
    answer = asyncio.run(async_dispatch(body, methods=methods, context=calling, serializer=repr_errors))
    found = orjson.loads(answer)
    return found.get("result"), found.get("error", {}).get("code")


def repr_errors(answer: Any) -> str:
    """JSON, whatever an error carries."""
    return orjson.dumps(answer, default=repr).decode()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=NAMES, params=PARAMS, identity=st.integers(-(2**63), 2**63) | st.text(max_size=5))
def test_agrees_with_the_librarys_own_dispatch(method: str, params: Any, identity: Any) -> None:
    request = {"method": method, "params": params, "id": identity}
    nothing: Any = None  # these methods ask for neither store nor site nor caller
    calling = Calling(nothing, nothing, nothing, LOCAL_V3)

    assert ours(calling, request) == theirs(calling, request)


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test.hello that fails as no method should."""

    async def fail(calling: Calling, params: Mapping[str, Any]) -> Any:
        raise RuntimeError(SECRET_TEXT)

    method = replace(METHODS["test.hello"], call=fail)
    monkeypatch.setitem(module._RUNNERS, "test.hello", module._runner(method))


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("version", ["1.0", "1.1", "2.0"])
async def test_the_text_of_an_unexpected_error_reaches_nobody(one_world: World, dialect: Dialect, version: str) -> None:
    answer = await one_world.call("test.hello", dialect=dialect, version=version)

    assert answer.error == {"message": "Internal error", "code": -32603}
    assert SECRET_TEXT.encode() not in answer.body
    assert SECRET_TEXT not in repr(answer.headers)


@pytest.mark.usefixtures("broken")
async def test_an_unexpected_error_spoils_no_other_call_of_a_batch(one_world: World) -> None:
    hello = {"jsonrpc": "2.0", "method": "test.hello", "id": 1}
    echo = {"jsonrpc": "2.0", "method": "test.echo", "params": ["a"], "id": 2}

    answer = await one_world.post(orjson.dumps([hello, echo]))

    assert answer.json[0]["error"] == {"message": "Internal error", "code": -32603}
    assert answer.json[1]["result"] == "a"


async def test_an_unexpected_error_in_a_create_call_can_be_sent_on_without_its_text(
    one_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError(SECRET_TEXT)

    service = await one_world.add_service()
    client = await one_world.add_application(service)
    monkeypatch.setattr(one_world.store.tokens, "issue", fail)

    answer = await one_world.token(service, client, {"grant_type": "password"})

    found = answer.oauth["error_response"]
    assert (answer.error["code"], answer.oauth["error"], found["status"]) == (-32603, "500", 500)
    assert found["response"] == {"error": "500", "error_description": "Internal error"}
    assert SECRET_TEXT.encode() not in answer.body
