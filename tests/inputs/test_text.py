"""What a text may not be made of, in every place where one stands; and members that are there twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from marshmallow.fields import Raw

from mashery_oauth.dialects import LOCAL_V3, Dialect
from mashery_oauth.methods import METHODS
from tests.effort import tally
from tests.world import Answer

from .judged import check_answer
from .places import Members, Place, places, right
from .scene import MARKERS, Scene

PARSE_ERROR = {"jsonrpc": "2.0", "error": {"message": "Parse error", "code": -32700}, "id": None}
MARK = b"MARK"

# Bytes between the quotes of a string that make the whole body no JSON.
NO_TEXT = {
    "half a surrogate pair": b"\\ud800",
    "the other half": b"\\udc00",
    "both, the wrong way round": b"\\udc00\\ud800",
    "half a pair and a letter": b"\\ud83dx",
    "a surrogate in UTF-8": b"\xed\xa0\x80",
    "a byte that is not UTF-8": b"\xff",
    "half a letter": b"\xc3",
    "a slash the long way": b"\xc0\xaf",
    "past the last letter": b"\xf4\x90\x80\x80",
    "a bare NUL": b"\x00",
    "a bare line end": b"\r\n",
    "a bare tab": b"\t",
    "an escape that is none": b"\\x41",
    "half an escape": b"\\u00",
    "the end of the string": b'"',
}
# What is a text, but not one that may break a line, a header or a log.
CONTROLS = [
    " ",
    "\x00",
    "\r\nX-Injected: yes",
    "\n",
    "\t",
    "\x1b[2J",
    "\x7f",
    "\x85",
    "\u2028",
    "\ufeff",
    "\u202e",
    "\ud7ff",
]


def strings(method: str) -> list[Place]:
    """The places of a method that take a text."""
    return [place for place in places(method) if place.is_string]


def with_strings() -> list[str]:
    return [method for method in METHODS if strings(method)]


@pytest.mark.parametrize("method", with_strings())
async def test_what_is_no_text_anywhere_is_no_json(scene: Scene, dialect: Dialect, method: str) -> None:
    before = await scene.kept()
    tried = [
        (place.name, name, scene.written(method, place.put(right(scene, method), MARK.decode())).replace(MARK, wrong))
        for place in strings(method)
        for name, wrong in NO_TEXT.items()
    ]

    answers = [await scene.post(body, dialect) for _, _, body in tried]

    wrong = [attempt[:2] for attempt, answer in zip(tried, answers, strict=True) if answer.json != PARSE_ERROR]
    assert wrong == []
    assert await scene.kept() == before
    tally("texts that are none", len(tried))


@pytest.mark.parametrize("around", [b"\xef\xbb\xbf%s", b"\xff\xfe%s", b"\x00%s", b"%s\x00", b"%s%s", b"%s,", b"\x0c%s"])
async def test_nothing_stands_around_a_request(scene: Scene, dialect: Dialect, around: bytes) -> None:
    call = scene.written("oauth2.createAccessToken", right(scene, "oauth2.createAccessToken"))
    before = await scene.kept()

    answer = await scene.post(around.replace(b"%s", call), dialect)

    assert answer.json == PARSE_ERROR
    assert await scene.kept() == before


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "cp037"])
async def test_json_is_in_utf_8_whatever_the_content_type_says(scene: Scene, encoding: str) -> None:
    body = scene.written("test.echo", ["a"]).decode().encode(encoding)
    type_line = f"Content-Type: application/json;charset={encoding}".encode()

    answer = await scene.line.ask(scene.request(body, type_line))

    assert answer.json == PARSE_ERROR


def texts_of(value: Any) -> Iterator[str]:
    """Every text in an answer."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)
    elif isinstance(value, str):
        yield value


def locations(answer: Answer) -> list[str]:
    """Where an answer says that a user is to be sent."""
    return [text for text in texts_of(answer.json) if text.startswith(("https://", "http://"))]


@pytest.mark.parametrize("method", with_strings())
async def test_a_control_character_is_refused_or_breaks_no_line(scene: Scene, dialect: Dialect, method: str) -> None:
    tried = [
        place.put(right(scene, method), text)
        for place in strings(method)
        for control in CONTROLS
        for text in (control, f"a{control}b")
    ]

    answers = [await scene.call(method, arguments, dialect) for arguments in tried]

    for answer in answers:
        check_answer(answer, dialect)
        assert "X-Injected" not in answer.headers
        assert b"\n" not in answer.body
        assert all(location.isascii() and location.isprintable() for location in locations(answer))
    tally("texts with control characters", len(tried))


def twice(document: Members, path: tuple[str, ...], first: bytes) -> bytes:
    """A document in which a member stands twice, with another value before its own."""
    outer, inner = document, document
    for name in path[:-1]:
        inner = inner[name]
    own = orjson.dumps(inner[path[-1]])
    inner[path[-1]] = MARK.decode()
    member = orjson.dumps(path[-1]) + b":"
    return orjson.dumps(outer).replace(member + b'"MARK"', member + first + b"," + member + own)


def called(method: str, arguments: Members, version: str = "2.0") -> Members:
    """A request whose members may still be changed."""
    request: Members = {**MARKERS[version], "method": method, "params": arguments, "id": 1}
    return request


FIRSTS = [b'"another"', b"5", b"null", b"[[]]", b'{"x":1}', b"1e9", b"true"]


@pytest.mark.parametrize("method", METHODS)
async def test_of_an_argument_that_is_there_twice_the_last_counts(scene: Scene, method: str) -> None:
    usual = right(scene, method) | {"service_key": "unknown", "id": 999_999}  # so that equal calls have equal answers
    known = [place for place in places(method) if is_in(usual, place.path)]
    tried = [(place, first) for place in known for first in FIRSTS]
    once = await scene.call(method, usual)
    before = await scene.kept()

    answers = [
        await scene.post(twice(called(method, right_again(usual)), ("params", *place.path), first))
        for place, first in tried
    ]

    assert {answer.body for answer in answers} <= {once.body}
    assert await scene.kept() == before
    tally("members that are there twice", len(tried))


def is_in(arguments: Members, path: tuple[str, ...]) -> bool:
    """Whether the arguments have something in a place."""
    inner: Any = arguments
    for name in path:
        if not isinstance(inner, dict) or name not in inner:
            return False
        inner = inner[name]
    return True


def right_again(arguments: Members) -> Members:
    """A copy, all the way down."""
    copy: Members = orjson.loads(orjson.dumps(arguments))
    return copy


@pytest.mark.parametrize("method", with_strings())
async def test_a_wrong_argument_counts_where_it_is_the_last(scene: Scene, method: str) -> None:
    usual = right(scene, method)
    known = [place for place in strings(method) if is_in(usual, place.path)]
    before = await scene.kept()

    answers = [
        await scene.post(twice(called(method, place.put(usual, 5)), ("params", *place.path), b'"right"'))
        for place in known
    ]

    assert [answer.error["data"] for answer in answers] == [
        [{"field": place.name, "message": "must be a string"}] for place in known
    ]
    assert await scene.kept() == before


@pytest.mark.parametrize("version", MARKERS)
@pytest.mark.parametrize("first", FIRSTS)
async def test_of_a_member_of_the_envelope_the_last_counts(scene: Scene, version: str, first: bytes) -> None:
    request = called("test.echo", {"value": {"deep": {"deeper": 1}}}, version)
    once = await scene.post(orjson.dumps(request))
    paths = [(name,) for name in request] + [("params", "value"), ("params", "value", "deep", "deeper")]

    answers = [await scene.post(twice(right_again(request), path, first)) for path in paths]

    assert {answer.body for answer in answers} == {once.body}


async def test_of_a_batch_each_counts_its_own_last_members(scene: Scene) -> None:
    body = b"[%s,%s]" % ((b'{"jsonrpc":"1.0","jsonrpc":"2.0","method":"no","method":"test.hello","id":1,"id":2}',) * 2)

    answer = await scene.post(body, LOCAL_V3)

    assert answer.json == [{"jsonrpc": "2.0", "id": 2, "result": "Hello!"}] * 2


NOBODY_KNOWS = ["", "__class__", "self", "calling", "\u0000", "\u00e9", "x" * 4097, "service_key "]


@pytest.mark.parametrize("method", [method for method in METHODS if method != "test.echo"])
async def test_a_member_that_nobody_knows_is_passed_over_at_every_level(scene: Scene, method: str) -> None:
    usual = right(scene, method) | {"service_key": "unknown", "id": 999_999}
    objects = [(), *((name,) for name, value in usual.items() if isinstance(value, dict))]
    once = await scene.call(method, usual)

    answers = [
        await scene.call(method, Place(method, (*path, name), Raw()).put(usual, {"x": [1]}))
        for path in objects
        for name in NOBODY_KNOWS
    ]

    assert {answer.body for answer in answers} == {once.body}
