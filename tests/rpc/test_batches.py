"""Several calls in one body."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mashery_oauth.dialects import Dialect
from tests.world import World

INVALID = {"jsonrpc": "2.0", "error": {"message": "Invalid Request", "code": -32600}, "id": None}


def echo(number: int, **more: Any) -> dict[str, Any]:
    """A call that answers with its number."""
    return {"jsonrpc": "2.0", "method": "test.echo", "params": [number], **more}


async def test_answers_come_in_order_with_200_in_every_dialect(one_world: World, dialect: Dialect) -> None:
    calls = [echo(number, id=number) for number in range(3)]

    answer = await one_world.post(orjson.dumps(calls), dialect=dialect)

    assert answer.status == 200
    assert [(found["id"], found["result"]) for found in answer.json] == [(0, 0), (1, 1), (2, 2)]


async def test_mixed_errors_have_200_in_every_dialect(one_world: World, dialect: Dialect) -> None:
    calls = [
        echo(1, id=1),
        {"jsonrpc": "2.0", "method": "oauth2.chocolate", "id": 2},
        {"jsonrpc": "2.0", "method": "oauth2.fetchAccessToken", "params": [], "id": 3},
        {"jsonrpc": "2.0", "method": "oauth2.fetchAccessToken", "params": ["none", "token"], "id": 4},
        5,
        {"jsonrpc": "2.0", "id": 6},
    ]

    answer = await one_world.post(orjson.dumps(calls), dialect=dialect)

    assert answer.status == 200
    assert [found.get("error", {}).get("code") for found in answer.json] == [
        None,
        -32601,
        -32602,
        -2001,
        -32600,
        -32600,
    ]
    assert [found["id"] for found in answer.json] == [1, 2, 3, 4, None, None]


async def test_members_of_each_answer_have_the_order_of_the_dialect(one_world: World, dialect: Dialect) -> None:
    single = await one_world.post(orjson.dumps(echo(1, id=1)), dialect=dialect)

    answer = await one_world.post(orjson.dumps([echo(1, id=1), echo(1, id=1)]), dialect=dialect)

    assert answer.body == b"[" + single.body + b"," + single.body + b"]"


async def test_a_batch_of_one_is_answered_with_a_list(one_world: World) -> None:
    answer = await one_world.post(orjson.dumps([echo(1, id=1)]))

    assert answer.json == [{"jsonrpc": "2.0", "id": 1, "result": 1}]


async def test_nothing_comes_back_for_notifications_alone(one_world: World, dialect: Dialect) -> None:
    answer = await one_world.post(orjson.dumps([echo(1), echo(2)]), dialect=dialect)

    assert (answer.status, answer.body) == (204, b"")


async def test_a_notification_among_calls_is_left_out(one_world: World) -> None:
    answer = await one_world.post(orjson.dumps([echo(1), echo(2, id=2), {"jsonrpc": "2.0", "method": "no.such"}]))

    assert answer.json == [{"jsonrpc": "2.0", "id": 2, "result": 2}]


@pytest.mark.parametrize("marker", [{}, {"version": "1.1"}])
async def test_older_versions_have_no_batches(one_world: World, marker: dict[str, str]) -> None:
    old = {**marker, "method": "test.hello", "id": 1}

    answer = await one_world.post(orjson.dumps([old, echo(2, id=2)]))

    assert answer.json == [INVALID, {"jsonrpc": "2.0", "id": 2, "result": 2}]


async def test_an_empty_batch_is_no_request(one_world: World) -> None:
    answer = await one_world.post(b"[]")

    assert answer.json == INVALID


async def test_a_batch_inside_a_batch_is_no_request(one_world: World) -> None:
    answer = await one_world.post(orjson.dumps([[echo(1, id=1)]]))

    assert answer.json == [INVALID]


async def test_a_hundred_calls_are_the_most(one_world: World) -> None:
    answer = await one_world.post(orjson.dumps([echo(number, id=number) for number in range(100)]))

    assert [found["result"] for found in answer.json] == list(range(100))


async def test_a_hundred_and_one_calls_are_refused_whole(one_world: World, dialect: Dialect) -> None:
    answer = await one_world.post(orjson.dumps([echo(number, id=number) for number in range(101)]), dialect=dialect)

    assert answer.json == INVALID


async def test_calls_of_one_batch_do_not_share_ids_or_arguments(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    credentials = {"client_id": client.client_id, "client_secret": "client-secret-of-the-test"}
    grant = {"grant_type": "client_credentials"}
    create = {"jsonrpc": "2.0", "method": "oauth2.createAccessToken"}
    calls = [{**create, "params": [service.key, credentials, grant], "id": 7} for _ in range(5)]

    answer = await world.post(orjson.dumps(calls))

    assert len({found["result"]["access_token"] for found in answer.json}) == 5
    assert {found["id"] for found in answer.json} == {7}


async def test_a_refused_caller_gets_one_answer_to_a_batch(one_world: World) -> None:
    async with one_world.http.post("/v3/json-rpc", data=orjson.dumps([echo(1, id=1), echo(2, id=2)])) as response:
        status, body = response.status, await response.json()

    assert status == 401
    assert body["error"]["code"] == 401
