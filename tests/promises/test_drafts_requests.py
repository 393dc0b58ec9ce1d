"""Both drafts on requests in general: what is empty, what nobody knows, and what comes twice."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.effort import tally, times
from tests.wire.profiles import staged
from tests.wire.scene import CODE, LOOK, TOKEN, Door, Members, Scene
from tests.world import World

from .asking import NO_USER, Path, asking, at, both_drafts, changed, comparable, exchanging

Build = Callable[[Scene], Awaitable[Members]]


async def _code(scene: Scene) -> Members:
    return exchanging(scene, grant_type="authorization_code", code=await scene.code(scope="read"), scope="read")


async def _refresh(scene: Scene) -> Members:
    granted = await scene.granted(scope="read")
    return exchanging(scene, grant_type="refresh_token", refresh_token=granted["refresh_token"], scope="read")


async def _password(scene: Scene) -> Members:
    return exchanging(scene, grant_type="password", scope="read")


async def _own(scene: Scene) -> Members:
    return exchanging(scene, grant_type=NO_USER[scene.profile], scope="read")


async def _asking(scene: Scene) -> Members:
    return asking(scene)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that lacks nothing, and how it is made."""

    method: str
    door: Door
    build: Build

    @property
    def name(self) -> str:
        """For the name of a test."""
        return f"{self.door.name}{self.build.__name__}"

    async def stage(self, world: World, profile: str) -> Scene:
        """Where it can be made."""
        return await staged(world, profile, self.door)


ASK, ASK_FOR_TOKEN = Call("createAuthorizationCode", CODE, _asking), Call("createAccessToken", TOKEN, _asking)
EXCHANGE, REFRESH = Call("createAccessToken", CODE, _code), Call("createAccessToken", CODE, _refresh)
PASSWORD, OWN = Call("createAccessToken", CODE, _password), Call("createAccessToken", CODE, _own)
LOOK_FIRST = Call("fetchApplication", LOOK, _asking)
CALLS = [LOOK_FIRST, ASK, ASK_FOR_TOKEN, EXCHANGE, REFRESH, PASSWORD, OWN]
# An empty list means an object that was not sent; with one, arguments are read by the schema and not by its guard.
LISTED: Members = {"uri": []}


def each(*places: tuple[Call, list[Path]]) -> list[Any]:
    """A case for each place of each call."""
    return [pytest.param(call, path, id=f"{call.name}-{path[-1]}") for call, paths in places for path in paths]


EVERYWHERE = [("client", "client_id"), ("client", "client_secret"), ("uri", "redirect_uri"), ("user_context",)]
ANY_TOKEN = [*EVERYWHERE, ("token_data", "grant_type"), ("token_data", "scope"), ("token_data", "code_verifier")]
ANY_CODE = [*EVERYWHERE, ("uri", "state"), *((name,) for name in ("response_type", "scope", "code_challenge"))]
MAY_BE_EMPTY = each(
    (ASK, [*ANY_CODE, ("code_challenge_method",)]),
    (ASK_FOR_TOKEN, [*EVERYWHERE, ("uri", "state"), ("token_data", "response_type"), ("token_data", "scope")]),
    (EXCHANGE, [*ANY_TOKEN, ("token_data", "code")]),
    (REFRESH, [*ANY_TOKEN, ("token_data", "refresh_token")]),
    (PASSWORD, ANY_TOKEN),
    (OWN, ANY_TOKEN),
)
READ_BY_THE_SCHEMA = [case for case in MAY_BE_EMPTY if case.values[0] is not EXCHANGE and case.values[1][0] != "uri"]


async def in_three_ways(scene: Scene, call: Call, path: Path, more: Members) -> list[Any]:
    """The answers where an argument is not there, is empty, and is null."""
    found = []
    for value in (..., "", None):
        params = changed(await call.build(scene), path, value) | more
        found.append(comparable(await scene.call(call.method, params)))
    return found


@pytest.mark.keeps("D16-6", "D10-5")
@both_drafts
@pytest.mark.parametrize(("call", "path"), MAY_BE_EMPTY)
async def test_an_empty_parameter_counts_as_one_that_was_not_sent(
    one_world: World, profile: str, call: Call, path: Path
) -> None:
    scene = await call.stage(one_world, profile)

    absent, empty, null = await in_three_ways(scene, call, path, {})

    assert empty == absent
    assert null == absent


@pytest.mark.keeps("D16-6", "D10-5")
@both_drafts
@pytest.mark.parametrize(("call", "path"), READ_BY_THE_SCHEMA)
async def test_an_empty_parameter_counts_as_one_that_was_not_sent_beside_an_empty_list_too(
    one_world: World, profile: str, call: Call, path: Path
) -> None:
    scene = await call.stage(one_world, profile)

    absent, empty, null = await in_three_ways(scene, call, path, LISTED)

    assert empty == absent
    assert null == absent


UNKNOWN_NAMES = ["audience", "nonce", "password", "prompt", "resource", "self", "username", "x_vendor", "__proto__"]
UNKNOWN_VALUES: list[Any] = ["read", 1, True, None, [], {"a": ["b"]}]


def with_unknown(params: Members, chance: random.Random) -> Members:
    """The same arguments, and in each object some that nobody knows."""
    letters = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz_", k=12))
    more = {name: chance.choice(UNKNOWN_VALUES) for name in (chance.choice(UNKNOWN_NAMES), f"x{letters}")}
    return more | {name: more | value if isinstance(value, dict) else value for name, value in params.items()}


@pytest.mark.keeps("D16-7", "D10-5")
@both_drafts
@pytest.mark.parametrize(
    ("call", "more"),
    [*((call, {}) for call in CALLS), *((call, LISTED) for call in CALLS if call is not EXCHANGE)],
    ids=lambda value: value.name if isinstance(value, Call) else "listed" if value else "plain",
)
async def test_a_parameter_that_nobody_knows_changes_nothing(
    one_world: World, profile: str, call: Call, more: Members
) -> None:
    scene = await call.stage(one_world, profile)
    plain = await scene.call(call.method, await call.build(scene) | more)
    chance, count = random.Random(profile + call.name), times(10)

    found = []
    for _ in range(count):
        params = with_unknown(await call.build(scene) | more, chance)
        found.append(await scene.call(call.method, params))

    assert plain.result
    assert {comparable(answer) for answer in found} == {comparable(plain)}
    tally("requests with parameters that nobody knows", count)


TWICE = each(
    (ASK, [("client", "client_id"), ("uri", "redirect_uri"), ("uri", "state"), ("response_type",), ("scope",)]),
    (ASK_FOR_TOKEN, [("client", "client_id"), ("uri", "redirect_uri"), ("token_data", "response_type")]),
    (
        EXCHANGE,
        [("client", "client_secret"), ("uri", "redirect_uri"), ("token_data", "code"), ("token_data", "grant_type")],
    ),
    (REFRESH, [("client", "client_secret"), ("token_data", "refresh_token"), ("token_data", "scope")]),
)


@pytest.mark.keeps("D16-8", "D10-22")
@both_drafts
@pytest.mark.parametrize(("call", "path"), TWICE)
async def test_no_value_is_picked_of_a_parameter_that_came_twice(
    world: World, profile: str, call: Call, path: Path
) -> None:
    scene = await call.stage(world, profile)
    right = await call.build(scene)
    value = at(right, path)

    found = [await scene.call(call.method, changed(right, path, twice)) for twice in ([value, value], [value, "other"])]

    assert {answer.error["code"] for answer in found} == {-32602}
    assert all(answer.error["data"] == [{"field": ".".join(path), "message": "must be a string"}] for answer in found)
    assert (await scene.call(call.method, right)).result
