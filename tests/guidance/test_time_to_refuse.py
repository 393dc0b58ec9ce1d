"""What took others ages to refuse: here the time grows with the length, and no length is too long for long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mashery_oauth.redirects import LONGEST, parse
from mashery_oauth.rpc.door import LARGEST
from tests.effort import tally
from tests.wire.scene import CODE, LOOK, Asked
from tests.world import Answer, World

from .calls import Call, batch, oauth_error
from .payloads import Target, right, targets

ATTEMPTS = 7  # of which the quickest counts: others use the machine too
TWICE_OVER = 3.0  # a length that is doubled three times may take this much longer than eight times as long
A_MOMENT = 0.5  # seconds of this process, for one call as large as calls can be

together = pytest.mark.asyncio(loop_scope="module")
large = pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")

ADDRESSES: dict[str, Callable[[int], str]] = {
    "colons": lambda length: "http://[" + ":" * length + "]/p",
    "groups": lambda length: "http://[" + "1:" * (length // 2) + "]/p",
    "zeros": lambda length: "http://[::" + "0" * length + "]/p",
    "version": lambda length: "http://[v1." + "a:" * (length // 2) + "]/p",
    "dotted": lambda length: "http://[::" + "1." * (length // 2) + "]/p",
    "open": lambda length: "http://" + "[" * length,
    "hosts": lambda length: "http://" + "a." * (length // 2) + "/p",
    "ports": lambda length: "http://a" + ":1" * (length // 2) + "/p",
    "port": lambda length: "http://a:" + "1" * length + "/p",
    "users": lambda length: "http://" + "a@" * (length // 2) + "b/p",
    "percent": lambda length: "http://a/" + "%25" * (length // 3) + "2e%2e/p",
    "nested": lambda length: "http://a/%" + "25" * (length // 2) + "2e/p",
    "dots": lambda length: "http://a/" + ".a/" * (length // 3) + "..",
    "semicolons": lambda length: "http://a/" + ";" * length,
    "scheme": lambda length: "a+" * (length // 2) + ":/p",
}


def seconds(work: Callable[[], object]) -> float:
    """Time of our own process for something, at its quickest."""
    best = float("inf")
    for _ in range(ATTEMPTS):
        started = time.process_time()
        for _ in range(20):
            work()
        best = min(best, time.process_time() - started)
    return best


@pytest.mark.keeps("CVE-2022-36087")
@pytest.mark.parametrize("shape", ADDRESSES.values(), ids=ADDRESSES)
def test_reading_an_address_takes_time_in_step_with_its_length(shape: Callable[[int], str]) -> None:
    short, long = shape(LONGEST // 8 - 16), shape(LONGEST - 16)
    assert len(long) <= LONGEST

    first, second = seconds(lambda: parse(short)), seconds(lambda: parse(long))

    tally("shapes of addresses timed")
    assert second < 8 * TWICE_OVER * max(first, 0.0005)


async def spent(world: World, method: str, params: Any) -> tuple[float, Answer]:
    """A call, and this process's own time for it: client and server are both in it."""
    best, answer = float("inf"), None
    for _ in range(3):
        started = time.process_time()
        answer = await world.call(method, params)
        best = min(best, time.process_time() - started)
    assert answer is not None
    return best, answer


@large
@together
@pytest.mark.keeps("CVE-2022-36087")
@pytest.mark.parametrize("door", [LOOK, CODE], ids=lambda door: door.name)
@pytest.mark.parametrize("shape", ADDRESSES.values(), ids=ADDRESSES)
async def test_an_address_of_any_length_is_refused_in_a_moment(
    stage: World, door: Any, shape: Callable[[int], str]
) -> None:
    service = await stage.add_service("rfc6749")
    client = await stage.add_application(service, redirect_uris=())
    uri = shape(LARGEST - 2000)

    took, answer = await spent(
        stage, door.method, door.arguments(Asked(service.key, client.client_id, redirect_uri=uri))
    )

    assert (oauth_error(answer), answer.error["message"]) == ("invalid_request", "Invalid redirect URI")
    assert took < A_MOMENT


@large
@together
@pytest.mark.keeps("CVE-2025-61920")
@pytest.mark.parametrize("target", [each for each in targets() if each.method.startswith("oauth2.")], ids=str)
async def test_a_text_as_long_as_a_body_is_done_with_in_a_moment(stage: World, target: Target) -> None:
    service = await stage.add_service("draft16")
    client = await stage.add_application(service)
    grant = (await stage.token(service, client, {"grant_type": "password"}, user_context="user")).result
    text = "a." * ((LARGEST - 2000) // 2)

    took, answer = await spent(stage, target.method, target.filled(right(target.method, service, client, grant), text))

    assert took < A_MOMENT
    assert answer.status in {200, 403}
    if "error" in answer.json:
        assert len(answer.body) < 20_000


MANY: dict[str, Callable[[int], Any]] = {
    "tokens": lambda count: {"access_token": [1] * count},
    "members": lambda count: {"access_token": "x", "client": dict.fromkeys(map(str, range(count)), 1)},
    "wrong-types": lambda count: {"access_token": [{} for _ in range(count)]},
    "unknown": lambda count: {"access_token": "x"} | {f"x{number}": [number] for number in range(count)},
    "include": lambda count: {"include": ["x"] * count},
    "tokens-of-none": lambda count: {"access_token": ["x" * 44] * count},
}


@large
@together
@pytest.mark.keeps("CVE-2025-68480")
@pytest.mark.parametrize("method", ["fetchAccessToken", "fetchApplication", "updateAccessToken"])
@pytest.mark.parametrize("shape", MANY.values(), ids=MANY)
async def test_many_bad_members_take_time_in_step_with_their_number(
    stage: World, method: str, shape: Callable[[int], Any]
) -> None:
    service = await stage.add_service("rfc6749")

    few, _ = await spent(stage, method, shape(2_000) | {"service_key": service.key})
    many, answer = await spent(stage, method, shape(16_000) | {"service_key": service.key})

    assert "error" in answer.json
    assert len(answer.body) < 20_000
    assert many < 8 * TWICE_OVER * max(few, 0.002)


@together
@pytest.mark.keeps("CVE-2025-68480", "CVE-2025-61920")
async def test_a_batch_of_bad_calls_is_bounded_and_its_time_in_step(stage: World) -> None:
    service = await stage.add_service("rfc6749")
    bad = Call("updateAccessToken", {"service_key": service.key, "access_token": [1] * 100, "client": [1]})

    async def timed(count: int) -> float:
        best = float("inf")
        for _ in range(3):
            started = time.process_time()
            answers = await batch(stage, [bad] * count)
            best = min(best, time.process_time() - started)
            assert {answer.error["code"] for answer in answers} == {-32602}
        return best

    few, many = await timed(12), await timed(96)
    too_many = await stage.post(orjson.dumps([{"jsonrpc": "2.0", "method": "test.hello", "id": 1}] * 101))

    assert many < 8 * TWICE_OVER * max(few, 0.002)
    assert too_many.json["error"]["code"] == -32600


@large
@together
@pytest.mark.keeps("CVE-2025-61920", "CVE-2025-59420")
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b"[" * 500_000 + b"]" * 500_000,
        b'{"a":' * 150_000 + b"1" + b"}" * 150_000,
        b"[" + b"{}," * 300_000 + b"{}]",
        b'{"jsonrpc":"2.0","method":"' + b"m" * 1_000_000 + b'","id":1}',
        b'{"jsonrpc":"2.0","method":"test.hello","id":"' + b"i" * 1_000_000 + b'"}',
        b'{"jsonrpc":"2.0","method":"test.hello","id":' + b"9" * 1_000_000 + b"}",
        b'{"jsonrpc":"2.0","method":"test.hello","id":1e' + b"9" * 1_000_000 + b"}",
        b"\xff" * 1_000_000,
        b" " * 1_000_000,
    ],
    ids=["open", "lists", "objects", "batch", "method", "id", "number", "exponent", "bytes", "blanks"],
)
async def test_a_body_that_is_all_of_one_thing_is_done_with_in_a_moment(stage: World, body: bytes) -> None:
    started = time.process_time()

    answer = await stage.post(body)

    assert time.process_time() - started < A_MOMENT
    assert answer.status in {200, 413}
    assert answer.json.get("result") == "Hello!" or answer.error["code"] in {-32700, -32600, -32601}
    assert (await stage.call("test.hello")).result == "Hello!"
