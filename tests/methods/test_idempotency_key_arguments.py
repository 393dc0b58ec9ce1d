"""Idempotency-Key: which keys there are, beside which calls, and that a key stands for one call with its arguments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mashery_oauth.dialects import CLOUD, DIALECTS, Dialect

from ..world import HTTPS
from .keyed import AUTHORIZE, CREATE, FIELD, PASSWORD, Scene

OTHERS: dict[str, tuple[str, Callable[[Scene], Any]]] = {
    "another user": (CREATE, lambda scene: scene.params(PASSWORD, "mallory")),
    "no user": (CREATE, lambda scene: scene.params(PASSWORD, None)),
    "another flow": (CREATE, lambda scene: scene.params({"grant_type": "client_credentials"})),
    "another scope": (CREATE, lambda scene: scene.params({**PASSWORD, "scope": "read"})),
    "another state": (CREATE, lambda scene: scene.params(PASSWORD, uri={"redirect_uri": HTTPS, "state": "abc"})),
    "an argument that nobody knows": (CREATE, lambda scene: scene.params(PASSWORD, order=2)),
    "a member that nobody knows": (CREATE, lambda scene: scene.params({**PASSWORD, "username": "alice"})),
    "what nobody knows within what nobody knows": (CREATE, lambda scene: scene.params(PASSWORD, more={"order": [2]})),
    "one argument less": (CREATE, lambda scene: scene.params(PASSWORD, uri={"redirect_uri": HTTPS})),
}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
async def test_a_key_that_came_with_other_arguments_is_refused(
    scene: Scene, other: tuple[str, Callable[[Scene], Any]], dialect: Dialect
) -> None:
    await scene.keyed("key", CREATE, scene.params(PASSWORD))

    refused = await scene.keyed("key", other[0], other[1](scene), dialect)

    assert refused.status == (422 if dialect is CLOUD else 200)
    assert refused.error["code"] == -32602
    assert refused.error["data"] == [{"field": FIELD, "message": "came with other arguments before"}]
    assert len(await scene.tokens()) == 1
    assert await scene.tokens("mallory") == []


async def test_of_different_calls_at_once_with_one_key_one_kind_wins(scene: Scene) -> None:
    users = [f"user {number}" for number in range(10)] * 20

    made = await asyncio.gather(*(scene.keyed("key", CREATE, scene.params(PASSWORD, user)) for user in users))

    winners = {user for user, answer in zip(users, made, strict=True) if "result" in answer.json}
    listed = [token for user in set(users) for token in await scene.tokens(user)]
    assert len(winners) == len(listed) == 1


async def test_how_arguments_are_written_does_not_matter(scene: Scene) -> None:
    named = scene.params(PASSWORD)
    turned = dict(reversed(list(named.items()))) | {"scope": None}
    positional = [named[name] for name in ("service_key", "client", "token_data", "uri", "user_context")]

    made = [await scene.keyed("key", CREATE, params) for params in (named, turned, positional)]

    assert len({answer.result["access_token"] for answer in made}) == 1


async def test_what_nobody_knows_may_be_written_in_any_way_too(scene: Scene) -> None:
    """Found by reading: arguments that no method knows did not count, so another call had this one's answer."""
    named = scene.params({**PASSWORD, "username": "bob", "address": {"street": "Elm", "number": 4}})
    turned = scene.params({"address": {"number": 4, "town": None, "street": "Elm"}, "username": "bob", **PASSWORD})
    told_more = {**named, "order": None, "remark": ""}
    positional = [named[name] for name in ("service_key", "client", "token_data", "uri", "user_context")]

    made = [await scene.keyed("key", CREATE, params) for params in (named, turned, told_more, [*positional, None])]
    refused = await scene.keyed("key", CREATE, {**named, "order": "2"})

    assert len({answer.result["access_token"] for answer in made}) == 1
    assert refused.error["data"][0]["field"] == FIELD


MALFORMED = ["", " ", "two words", "tab\there", "é", "k" * 256]


@pytest.mark.parametrize("method", [CREATE, AUTHORIZE])
@pytest.mark.parametrize("key", MALFORMED, ids=repr)
async def test_a_malformed_key_is_refused_by_name(scene: Scene, key: str, method: str) -> None:
    params = scene.params(PASSWORD) if method == CREATE else scene.params()

    refused = await scene.keyed(key, method, params)

    assert refused.error["code"] == -32602
    assert refused.error["data"] == [
        {"field": FIELD, "message": "must be given once, with 1 to 255 visible ASCII characters"}
    ]
    assert await scene.tokens() == []


@pytest.mark.parametrize("key", ["!", "~" * 255, "8e03978e-40d5-43e8-bc93-6894a57f9324"], ids=len)
async def test_any_visible_ascii_is_a_key(scene: Scene, key: str) -> None:
    first = await scene.keyed(key, CREATE, scene.params(PASSWORD))

    assert (await scene.keyed(key, CREATE, scene.params(PASSWORD))).result == first.result


async def test_other_methods_pass_over_it(scene: Scene) -> None:
    token = (await scene.world.call(CREATE, scene.params(PASSWORD))).result["access_token"]

    for key in ("key", "key", "two words"):
        assert (await scene.keyed(key, "fetchAccessToken", [scene.service.key, token])).result


def batch(*calls: tuple[str, Any]) -> bytes:
    return orjson.dumps(
        [
            {"jsonrpc": "2.0", "method": f"oauth2.{method}", "params": params, "id": at}
            for at, (method, params) in enumerate(calls)
        ]
    )


async def test_in_a_batch_it_stands_beside_one_create_call(scene: Scene) -> None:
    body = batch((CREATE, scene.params(PASSWORD)), ("fetchUserApplications", [scene.service.key, "alice"]))

    first = (await scene.world.post(body, headers={FIELD: "key"})).json
    again = (await scene.world.post(body, headers={FIELD: "key"})).json

    assert again[0] == first[0]
    assert len(await scene.tokens()) == 1


async def test_in_a_batch_beside_several_create_calls_all_of_those_are_refused(scene: Scene) -> None:
    params = scene.params(PASSWORD)
    body = batch((CREATE, params), (AUTHORIZE, scene.params()), ("fetchUserApplications", [scene.service.key, "alice"]))

    found = (await scene.world.post(body, headers={FIELD: "key"})).json

    problem = [{"field": FIELD, "message": "belongs to one create call, and here are several"}]
    assert [each["error"]["data"] for each in found[:2]] == [problem, problem]
    assert found[2]["result"] == []
    assert await scene.tokens() == []
