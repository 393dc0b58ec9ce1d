"""Every limit: what is just within is taken, what is one over is refused by name, and nothing is kept of it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from mashery_oauth import scopes
from mashery_oauth.dialects import CLOUD, LOCAL_V2, LOCAL_V3, Dialect
from mashery_oauth.flows import FLOWS
from mashery_oauth.methods import METHODS
from mashery_oauth.rpc.envelope import DEEPEST
from mashery_oauth.shapes import LIST_LONGEST
from mashery_oauth.shapes import LONGEST as STRING_LONGEST
from tests.effort import tally
from tests.world import Answer

from .judged import check_answer
from .places import UPDATE, Members, Place, places, right
from .scene import Scene

EVERYWHERE = [place for method in METHODS for place in places(method)]
OWN = [place for place in EVERYWHERE if place.longest]
PASSED_ON = [place for place in EVERYWHERE if place.is_string and place.field.metadata.get("longest") is None]
LETTERS = ["x", "\u00e9", "\u20ac", "\U0001d11e", "\x00"]  # of one to four bytes, and of six where JSON escapes it


def named(place: Place) -> str:
    return f"{place.method}-{place.name}"


def usual(scene: Scene, place: Place) -> Members:
    """Right arguments, without another form of the one that is to be put in."""
    arguments = right(scene, place.method)
    if place.method == UPDATE and place.name in scene.credentials:
        del arguments["client"]
    return arguments


def told(answer: Answer) -> str:
    """The message of an answer's error, if it is one."""
    return str((answer.json.get("error") or {}).get("message"))


@pytest.mark.parametrize("letter", LETTERS, ids=ascii)
@pytest.mark.parametrize("place", OWN, ids=named)
async def test_a_string_of_the_provider_is_measured_in_characters(scene: Scene, place: Place, letter: str) -> None:
    arguments = usual(scene, place)
    over = f"is longer than {place.longest} characters"

    within = await scene.call(place.method, place.put(arguments, letter * place.longest))
    before = await scene.kept()
    beyond = await scene.call(place.method, place.put(arguments, letter * (place.longest + 1)))

    assert "Invalid params" not in told(within)
    assert beyond.error["code"] == -32602
    assert beyond.error["data"] == [{"field": place.name, "message": over}]
    assert await scene.kept() == before
    tally("strings at a limit and one over", 2)


def token_requests(place: Place) -> list[Members]:
    """What beside which a string is tried: every flow's selector, where there are such."""
    if place.path[0] != "token_data":
        return [{}]
    return [{"grant_type": flow.name} for flow in FLOWS.values()]


# Found by this test: beside a grant that did not use it, a code, a refresh token, a verifier or an access token of any
# length was taken.
@pytest.mark.parametrize("place", PASSED_ON, ids=named)
@pytest.mark.parametrize("dialect", [CLOUD, LOCAL_V2, LOCAL_V3], ids=lambda dialect: dialect.name)
async def test_an_overlong_string_of_the_client_is_an_error_for_the_client(
    scene: Scene, place: Place, dialect: Dialect
) -> None:
    before = await scene.kept()
    answers = []

    for token_data in token_requests(place):
        arguments = usual(scene, place)
        arguments["token_data"] = token_data
        overlong = place.put(arguments, "x" * (STRING_LONGEST + 1))
        answers.append(await scene.call(place.method, overlong, dialect))

    for answer in answers:
        check_answer(answer, dialect)
        assert answer.error["code"] in (-2001, dialect.invalid_client_code), answer.body
        assert answer.oauth["error"], answer.body
        assert len(answer.body) < STRING_LONGEST
    assert await scene.kept() == before
    tally("strings at a limit and one over", len(answers))


@pytest.mark.parametrize("place", [place for place in PASSED_ON if place.path[-1] == "scope"], ids=named)
async def test_a_scope_is_measured(scene: Scene, place: Place) -> None:
    arguments = usual(scene, place)

    within = await scene.call(place.method, place.put(arguments, "x" * scopes.LONGEST))
    before = await scene.kept()
    beyond = await scene.call(place.method, place.put(arguments, "x" * (scopes.LONGEST + 1)))

    assert told(within) != "Invalid scope"
    assert told(beyond) == "Invalid scope"
    assert await scene.kept() == before


@pytest.mark.parametrize("entry", ["x", "x" * 44, ""])
async def test_a_list_of_tokens_has_a_thousand_entries_at_most(scene: Scene, dialect: Dialect, entry: str) -> None:
    within = await scene.call("oauth2.fetchAccessToken", [scene.service.key, [entry] * LIST_LONGEST], dialect)
    beyond = await scene.call("oauth2.fetchAccessToken", [scene.service.key, [entry] * (LIST_LONGEST + 1)], dialect)

    assert within.result == []
    assert beyond.error["data"] == [{"field": "access_token", "message": f"has more than {LIST_LONGEST} entries"}]


@pytest.mark.parametrize("at", [0, 1, LIST_LONGEST - 1])
@pytest.mark.parametrize("entry", ["x" * (STRING_LONGEST + 1), None, 5, [], {}, True])
async def test_a_wrong_entry_is_named_by_its_number(scene: Scene, at: int, entry: Any) -> None:
    tokens: list[Any] = ["x"] * LIST_LONGEST
    tokens[at] = entry

    answer = await scene.call("oauth2.fetchAccessToken", [scene.service.key, tokens])

    assert [each["field"] for each in answer.error["data"]] == [f"access_token[{at}]"]


@pytest.mark.parametrize("count", [16, 17, 100_000])
async def test_a_list_of_what_to_include_is_measured_before_it_is_read(scene: Scene, count: int) -> None:
    arguments = right(scene, "oauth2.fetchApplication") | {"include": [5] * count}

    answer = await scene.call("oauth2.fetchApplication", arguments)

    problems = [f"include[{at}]" for at in range(16)] if count == 16 else ["include"]
    assert [each["field"] for each in answer.error["data"]] == problems


def nested(depth: int, opening: str, closing: str) -> str:
    """A value that is nested that deep."""
    return opening * depth + closing * depth


@pytest.mark.parametrize("brackets", [("[", "]"), ('{"x":', "}")], ids=["lists", "objects"])
@pytest.mark.parametrize("method", METHODS)
async def test_depth_is_measured_within_arguments_too(scene: Scene, method: str, brackets: tuple[str, str]) -> None:
    opening, closing = brackets
    filled = opening.endswith(":")
    before = await scene.kept()
    marked = scene.written(method, {"service_key": "unknown", "nobody_knows": "DEEP"})

    answers = []
    for depth in (DEEPEST - 2, DEEPEST - 1):  # below the request and its params
        deep = nested(depth, opening, closing)
        deep = deep.replace(":}", ":1}", 1) if filled else deep
        answers.append(await scene.post(marked.replace(b'"DEEP"', deep.encode())))

    assert told(answers[0]) != "Parse error"
    assert answers[1].error == {"message": "Parse error", "code": -32700}
    assert await scene.kept() == before


@pytest.mark.parametrize("count", [101, 1000, 100_000])
@pytest.mark.parametrize("element", [b"1", b"{}", b"[]", b"null"])
async def test_a_batch_past_its_limit_is_one_error(scene: Scene, dialect: Dialect, element: bytes, count: int) -> None:
    before = await scene.kept()

    answer = await scene.post(b"[" + b",".join([element] * count) + b"]", dialect)

    assert answer.json == {"jsonrpc": "2.0", "error": {"message": "Invalid Request", "code": -32600}, "id": None}
    assert await scene.kept() == before


async def test_a_call_past_the_limit_of_a_batch_takes_the_others_with_it(scene: Scene) -> None:
    call = orjson.loads(scene.written("oauth2.createAccessToken", right(scene, "oauth2.createAccessToken")))
    before = await scene.kept()

    answer = await scene.post(orjson.dumps([call] * 101))

    assert answer.error["code"] == -32600
    assert await scene.kept() == before
