"""Eight times as much bad input takes about eight times as long, never sixty-four times."""

from __future__ import annotations

import gc
import time
from collections.abc import Awaitable, Callable, Iterator

import orjson
import pytest

from mashery_oauth.dialects import LOCAL_V3
from mashery_oauth.routes import settle
from mashery_oauth.rpc.door import LARGEST
from tests.effort import tally, times
from tests.world import HTTPS

from .heard import check_heard
from .judged import check_answer
from .scene import Scene

MORE = 8
MOST = MORE * 3  # as long; what is quadratic takes 64 times
ROUNDS = 5  # the best of these counts: what else the machine does takes longer, never shorter
LEAST = 0.002  # seconds; below, it is the request itself that is measured

Make = Callable[[Scene, int], bytes]


def listed(entry: object) -> Make:
    """Tokens to fetch."""
    return lambda scene, n: scene.written("oauth2.fetchAccessToken", [scene.service.key, [entry] * n])


def called(method: str, argument: Callable[[int], object], *path: str) -> Make:
    """A call with one argument that grows."""

    def make(scene: Scene, n: int) -> bytes:
        arguments: dict[str, object] = {"service_key": scene.service.key, "client": scene.credentials}
        arguments["uri"] = {"redirect_uri": HTTPS}
        inner = arguments
        for name in path[:-1]:
            inner = inner.setdefault(name, {})  # type: ignore[assignment]
        inner[path[-1]] = argument(n)
        return scene.written(method, arguments)

    return make


CODE, TOKEN = "oauth2.createAuthorizationCode", "oauth2.createAccessToken"
UPDATE, APPLICATION = "oauth2.updateAccessToken", "oauth2.fetchApplication"
GROWING: dict[str, tuple[int, Make]] = {  # how many at first
    "tokens that are none": (120, listed("x")),
    "tokens that might be": (120, listed("a" * 44)),
    "tokens past their limit": (20_000, listed("x")),
    "entries of a wrong type": (120, listed(5)),
    "members that nobody knows": (5_000, called(CODE, lambda n: {f"m{i}": None for i in range(n)}, "nobody")),
    "arguments that nobody knows": (
        5_000,
        lambda scene, n: scene.written(CODE, {f"m{i}": [i] for i in range(n)}),
    ),
    "members of a client": (5_000, called(TOKEN, lambda n: {f"m{i}": "x" for i in range(n)}, "client")),
    "arguments by position": (20_000, lambda scene, n: scene.written(TOKEN, [5] * n)),
    "nulls by position": (20_000, lambda scene, n: scene.written(TOKEN, [None] * n)),
    "a redirect URI with dots": (500, called(CODE, lambda n: f"{HTTPS}/" + "." * n, "uri", "redirect_uri")),
    "a redirect URI with steps": (500, called(CODE, lambda n: f"{HTTPS}" + "/a" * (n // 2), "uri", "redirect_uri")),
    "a redirect URI with escapes": (500, called(CODE, lambda n: f"{HTTPS}/" + "%25" * (n // 3), "uri", "redirect_uri")),
    "a redirect URI with colons": (500, called(CODE, lambda n: "https://a" + ":1" * (n // 2), "uri", "redirect_uri")),
    "a redirect URI past its limit": (100_000, called(CODE, lambda n: HTTPS + "%" * n, "uri", "redirect_uri")),
    "a state": (500, called(CODE, lambda n: "\u20ac" * n, "uri", "state")),
    "a state past its limit": (50_000, called(CODE, lambda n: "\n" * n, "uri", "state")),
    "words of a scope": (120, called(CODE, lambda n: " ".join(f"{i:x}" for i in range(n // 4)), "scope")),
    "blanks of a scope": (120, called(CODE, lambda n: " " * n, "scope")),
    "a scope past its limit": (100_000, called(UPDATE, lambda n: " a" * (n // 2), "scope")),
    "a challenge": (100_000, called(CODE, lambda n: "A" * n, "code_challenge")),
    "what to include": (20_000, called(APPLICATION, lambda n: ["x"] * n, "include")),
    "a batch of nothing": (50_000, lambda _, n: b"[" + b",".join([b"1"] * n) + b"]"),
    "a batch in a batch": (20_000, lambda _, n: b"[" + b",".join([b"[[]]"] * n) + b"]"),
    "lists that are too deep": (3_000, lambda _, n: b"[" + b",".join([b"[" * 17 + b"]" * 17] * n) + b"]"),
    "lists that are much too deep": (100_000, lambda _, n: b"[" * n),
    "a member twice, and again": (10_000, lambda _, n: b'{"id":1' + b',"method":"x"' * n + b"}"),
    "an identifier": (100_000, lambda _, n: orjson.dumps({"method": "no", "id": "x" * n})),
    "digits": (100_000, lambda _, n: b'{"method":"test.hello","id":' + b"9" * n + b"}"),
    "digits of a fraction": (100_000, lambda _, n: b'{"method":"test.hello","id":0.' + b"1" * n + b"}"),
    "escapes": (20_000, lambda _, n: b'{"method":"' + b"\\u0041" * n + b'"}'),
    "a string without an end": (100_000, lambda _, n: b'{"method":"' + b"\\\\" * (n // 2)),
}


Ask = Callable[[bytes], Awaitable[None]]


@pytest.fixture(autouse=True, scope="module")
def collector() -> Iterator[None]:
    """The garbage collector as the service has it; as it was before, it would look at all that the tests hold."""
    before = gc.get_threshold()
    settle()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


async def quickest(ask: Ask, request: bytes) -> float:
    """Seconds of this process's time for a request, the best of several."""
    best = float("inf")
    for _ in range(times(ROUNDS)):
        started = time.process_time()
        await ask(request)
        best = min(best, time.process_time() - started)
    return best


async def check_growth(ask: Ask, small: bytes, large: bytes) -> None:
    """:raises AssertionError: the large request takes so much longer than the small that it is not for its size."""
    some, more = await quickest(ask, small), await quickest(ask, large)

    assert more < max(some, LEAST) * MOST
    tally("inputs measured at eight times their size")


@pytest.mark.parametrize("name", GROWING)
async def test_time_grows_with_the_input_and_no_faster(scene: Scene, name: str) -> None:
    count, make = GROWING[name]
    small, large = make(scene, count), make(scene, count * MORE)
    assert len(large) < LARGEST

    async def ask(request: bytes) -> None:
        check_answer(await scene.line.ask(request), LOCAL_V3)

    await check_growth(ask, scene.request(small), scene.request(large))


CONNECTIONS: dict[str, tuple[int, Callable[[int], bytes]]] = {
    "lines of a head": (2_000, lambda n: b"POST / HTTP/1.1\r\n" + b"X: y\r\n" * n + b"\r\n"),
    "a line of a head": (20_000, lambda n: b"POST / HTTP/1.1\r\nX: " + b"y" * n + b"\r\n\r\n"),
    "a path": (20_000, lambda n: b"POST /" + b"a" * n + b" HTTP/1.1\r\n\r\n"),
    "escapes of a path": (300, lambda n: b"GET /" + b"%2e" * n + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
    "parameters": (
        300,
        lambda n: b"POST /v2/json-rpc/7?" + b"a&" * n + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ),
    "line ends": (20_000, lambda n: b"\r\n" * n + b"x\r\n\r\n"),
}


@pytest.mark.parametrize("name", CONNECTIONS)
async def test_time_grows_with_the_head_and_no_faster(scene: Scene, name: str) -> None:
    count, make = CONNECTIONS[name]

    async def ask(request: bytes) -> None:
        check_heard(await scene.line.talk(request))  # nothing, where it was reset while we still wrote

    await check_growth(ask, make(count), make(count * MORE))


async def test_time_grows_with_the_chunks_of_a_body_and_no_faster(scene: Scene) -> None:
    head, count = scene.head(b"Transfer-Encoding: chunked"), 5_000

    async def ask(request: bytes) -> None:
        assert (await scene.line.ask(request)).error["code"] == -32700

    await check_growth(ask, *(head + b"1\r\n \r\n" * each + b"0\r\n\r\n" for each in (count, count * MORE)))
