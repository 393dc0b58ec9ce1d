"""JSON-RPC 1.0, 1.1 and 2.0: what a request may look like, and what its answer comes in."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mashery_oauth.dialects import CLOUD, Dialect
from tests.world import World

MARKERS = {"2.0": '"jsonrpc":"2.0",', "1.1": '"version":"1.1",', "1.0": ""}


def hello(version: str, more: str) -> bytes:
    """A call of test.hello with further members, spelled as they are."""
    return f'{{{MARKERS[version]}"method":"test.hello"{more}}}'.encode()


@pytest.mark.parametrize(
    ("version", "members"),
    [
        ("1.0", ["result", "error", "id"]),
        ("1.1", ["id", "version", "error"]),
        ("2.0", ["jsonrpc", "id", "error"]),
    ],
)
async def test_an_error_is_answered_in_the_version_of_its_request(
    one_world: World, version: str, members: list[str]
) -> None:
    answer = await one_world.call("chocolate", version=version)

    assert list(answer.json) == members
    assert answer.json["error"] == {"message": "Method not found", "code": -32601}


async def test_a_2_0_error_has_the_members_of_its_dialect_in_order(one_world: World, dialect: Dialect) -> None:
    answer = await one_world.call("chocolate", dialect=dialect, id=5)

    error = b'"error":{"message":"Method not found","code":-32601}'
    inner = error + b',"id":5' if dialect is CLOUD else b'"id":5,' + error
    assert answer.body == b'{"jsonrpc":"2.0",' + inner + b"}"


@pytest.mark.parametrize("version", MARKERS)
@pytest.mark.parametrize("params", ['["a"]', '{"value":"a"}'])
async def test_positional_and_named_params_do_in_every_version(one_world: World, version: str, params: str) -> None:
    body = f'{{{MARKERS[version]}"method":"test.echo","params":{params},"id":1}}'

    answer = await one_world.post(body.encode())

    assert answer.result == "a"


@pytest.mark.parametrize("version", MARKERS)
@pytest.mark.parametrize("params", ["", ',"params":null', ',"params":[]', ',"params":{}'])
async def test_params_may_be_missing_or_empty(one_world: World, version: str, params: str) -> None:
    answer = await one_world.post(hello(version, f'{params},"id":1'))

    assert answer.result == "Hello!"


@pytest.mark.parametrize("version", MARKERS)
@pytest.mark.parametrize(
    "spelled", ["1", "0", "-7", '"2"', '""', '"\\u00e9"', "9223372036854775808", "18446744073709551615", "1.5", "null"]
)
async def test_an_id_comes_back_as_it_came(one_world: World, version: str, spelled: str) -> None:
    answer = await one_world.post(hello(version, f',"id":{spelled}'))

    expected = spelled.replace("\\u00e9", "é").encode()
    assert b'"id":' + expected + (b"," if version != "1.0" else b"}") in answer.body


@pytest.mark.parametrize("spelled", ["18446744073709551616", "-9223372036854775809", "1e30", "true", "[1]", '{"a":1}'])
async def test_an_id_that_cannot_come_back_is_no_request(one_world: World, spelled: str) -> None:
    answer = await one_world.post(hello("2.0", f',"id":{spelled}'))

    assert answer.json == {"jsonrpc": "2.0", "id": None, "error": {"message": "Invalid Request", "code": -32600}}


async def test_a_2_0_request_without_id_is_a_notification(one_world: World, dialect: Dialect) -> None:
    answer = await one_world.post(hello("2.0", ""), dialect=dialect)

    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["oauth2.chocolate", "oauth2.fetchAccessToken"])
async def test_a_notification_that_fails_is_not_answered_either(
    one_world: World, dialect: Dialect, method: str
) -> None:
    answer = await one_world.post(f'{{"jsonrpc":"2.0","method":"{method}"}}'.encode(), dialect=dialect)

    assert (answer.status, answer.body) == (204, b"")


async def test_a_notification_is_carried_out(world: World) -> None:
    service = await world.add_service()
    client = await world.add_application(service)
    made = await world.token(service, client, {"grant_type": "client_credentials"})
    token = made.result["access_token"]
    params = [service.key, {"client_id": client.client_id}, token]

    answer = await world.post(orjson.dumps({"jsonrpc": "2.0", "method": "oauth2.revokeAccessToken", "params": params}))

    assert answer.status == 204
    assert not await world.is_alive(service, token)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("identity", ["", ',"id":null'])
async def test_older_versions_without_id_are_answered_with_a_null_id(
    one_world: World, version: str, identity: str
) -> None:
    answer = await one_world.post(hello(version, identity))

    assert answer.result == "Hello!"
    assert answer.json["id"] is None


async def test_a_null_id_of_2_0_is_answered(one_world: World) -> None:
    answer = await one_world.post(hello("2.0", ',"id":null'))

    assert answer.body == b'{"jsonrpc":"2.0","id":null,"result":"Hello!"}'


@pytest.mark.parametrize("version", MARKERS)
@pytest.mark.parametrize("method", ["", '"method":null,', '"method":5,', '"method":["test.hello"],'])
async def test_no_method_string_is_no_request_and_has_no_id(one_world: World, version: str, method: str) -> None:
    answer = await one_world.post(f'{{{MARKERS[version]}{method}"id":1}}'.encode())

    assert answer.error == {"message": "Invalid Request", "code": -32600}
    assert answer.json["id"] is None


@pytest.mark.parametrize("version", MARKERS)
@pytest.mark.parametrize("params", ['"text"', "5", "true"])
async def test_params_that_are_neither_list_nor_object_are_no_request(
    one_world: World, version: str, params: str
) -> None:
    answer = await one_world.post(hello(version, f',"params":{params},"id":1'))

    assert answer.error == {"message": "Invalid Request", "code": -32600}


@pytest.mark.parametrize(
    "body",
    [
        b'{"jsonrpc":"3.0","method":"test.hello","id":1}',
        b'{"jsonrpc":2.0,"method":"test.hello","id":1}',
        b'{"jsonrpc":null,"method":"test.hello","id":1}',
        b'{"version":"1.2","method":"test.hello","id":1}',
        b"[]",
        b"5",
        b"null",
        b'"text"',
    ],
)
async def test_an_unknown_version_is_answered_in_the_shape_of_2_0(
    one_world: World, dialect: Dialect, body: bytes
) -> None:
    answer = await one_world.post(body, dialect=dialect)

    assert answer.json == {"jsonrpc": "2.0", "error": {"message": "Invalid Request", "code": -32600}, "id": None}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"chocolate", b'{"method":"test.hello",}', b'{"id":NaN}', b'"\xff"', b'"\xed\xa0\x80"', b'"\\ud800"'],
)
async def test_what_is_not_json_is_a_parse_error_in_the_shape_of_2_0(
    one_world: World, dialect: Dialect, body: bytes
) -> None:
    answer = await one_world.post(body, dialect=dialect)

    assert answer.status == (400 if dialect is CLOUD else 200)
    assert answer.json == {"jsonrpc": "2.0", "error": {"message": "Parse error", "code": -32700}, "id": None}


def nested(depth: int) -> bytes:
    """A request that is nested that deep."""
    return b'{"method":"test.echo","params":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b',"id":1}'


async def test_sixteen_levels_are_not_too_deep(one_world: World) -> None:
    answer = await one_world.post(nested(16))

    assert isinstance(answer.result, list)


@pytest.mark.parametrize("depth", [17, 1000, 100_000])
async def test_seventeen_levels_are_too_deep(one_world: World, depth: int) -> None:
    answer = await one_world.post(nested(depth))

    assert answer.error == {"message": "Parse error", "code": -32700}


async def test_brackets_in_strings_are_not_levels(one_world: World) -> None:
    answer = await one_world.call("test.echo", ["[{" * 50])

    assert answer.result == "[{" * 50


@pytest.mark.parametrize("method", ["test.hello", "rpc.discover"])
async def test_unknown_members_of_a_request_are_passed_over(one_world: World, method: str) -> None:
    body: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "id": 1, "chocolate": {"x": 1}}

    answer = await one_world.post(orjson.dumps(body))

    assert answer.result


async def test_of_duplicate_keys_the_last_counts(one_world: World) -> None:
    answer = await one_world.post(hello("1.0", ',"method":"test.echo","params":["a"],"params":["b"],"id":1,"id":2'))

    assert answer.json == {"result": "b", "error": None, "id": 2}
