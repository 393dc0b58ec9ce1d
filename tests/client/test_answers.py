"""What comes back over HTTP and is no answer, or not the one that was asked for: told as such, and never repeated."""

from __future__ import annotations

from contextlib import suppress
from json import dumps
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mashery_oauth.client import (
    BackendError,
    CallerRefused,
    InternalError,
    NotUnderstood,
    OAuthError,
    Throttled,
    TimedOut,
    Unavailable,
    UnreadableAnswer,
    calls,
)
from mashery_oauth.client.answers import Reply, read_batch, read_single
from tests.effort import tally, times

from .conftest import Provider
from .line import Line, answered, instead
from .test_results import TOKEN, json

FETCH = calls.fetch_access_token("key", "token")
PAGE, GATEWAYS = b"<html>what nobody may see</html>", b'{"message":"what nobody may see"}'
IMMEDIATE: dict[str, Any] = {"retries": 0}
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from([1, 2, None, "1", [1]]),
        "result": json | st.just(TOKEN),
        "error": json
        | st.fixed_dictionaries(
            {"code": st.sampled_from([-2001, -32602, -32603, 4000, 403, 17]), "message": st.text(max_size=8)},
            optional={"error": json, "data": json},
        ),
    },
)


@pytest.mark.parametrize(
    ("status", "exception"),
    [
        (200, UnreadableAnswer),
        (204, UnreadableAnswer),
        (400, NotUnderstood),
        (401, CallerRefused),
        (403, CallerRefused),
        (404, CallerRefused),
        (405, NotUnderstood),
        (408, TimedOut),
        (413, NotUnderstood),
        (418, UnreadableAnswer),
        (429, Throttled),
        (500, InternalError),
        (502, Unavailable),
        (503, Unavailable),
        (504, TimedOut),
    ],
)
@pytest.mark.parametrize("page", [PAGE, GATEWAYS], ids=["page", "json"])
async def test_a_page_of_somebody_in_between_is_told_by_its_status(
    provider: Provider, line: Line, page: bytes, status: int, exception: type[BackendError]
) -> None:
    """Found by an attack: what a gateway says in JSON was taken for an answer to another call, and not tried again."""
    backend = provider.connect(at=line.url, **IMMEDIATE)
    line.lasting = answered(status, b"" if status == 204 else page, Retry_After="7")

    failure = await backend.failure(FETCH)
    with pytest.raises(exception):
        await backend.batch([FETCH, FETCH])

    assert type(failure) is exception
    assert (failure.status, failure.retry_after) == (status, 7)
    assert "nobody may see" not in repr(failure)


async def test_never_follows_a_redirection(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    line.fates = [answered(status, b"", Location=f"{line.url}/v3/json-rpc") for status in (301, 302, 303, 307, 308)]

    failures = [await backend.failure(FETCH) for _ in range(5)]

    assert [(type(each), each.status) for each in failures] == [
        (UnreadableAnswer, status) for status in (301, 302, 303, 307, 308)
    ]
    assert len(line.requests) == 5


async def test_keeps_nothing_that_an_answer_would_have_it_keep(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url.replace("127.0.0.1", "localhost"))  # a name, as cookies want one
    line.fates = [answered(500, b"", Set_Cookie="kept=yes; Path=/")]

    await backend.failure(FETCH)
    await backend.fetch_access_tokens(provider.key, [])

    assert [request.headers.get("cookie") for request in line.requests] == [None, None]


@pytest.mark.parametrize(
    "document",
    [
        None,
        17,
        [],
        {},
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "id": 1, "error": "text"},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": "-2001", "message": "text"}},
        {"jsonrpc": "2.0", "id": 1, "error": {"code": -2001}},
        {"jsonrpc": "2.0", "id": 1, "result": None},
    ],
    ids=lambda document: orjson.dumps(document).decode(),
)
async def test_json_that_is_no_answer_is_told_as_such(provider: Provider, line: Line, document: Any) -> None:
    backend = provider.connect(at=line.url)
    line.lasting = instead(lambda _: document)

    failure = await backend.failure(FETCH)

    assert type(failure) is UnreadableAnswer
    assert len(line.requests) == 1


@pytest.mark.parametrize("other", [0, 99, "1", None])
async def test_an_answer_to_another_call_is_never_taken(provider: Provider, line: Line, other: Any) -> None:
    backend = provider.connect(at=line.url)
    line.lasting = instead(lambda _: {"jsonrpc": "2.0", "id": other, "result": TOKEN})

    failure = await backend.failure(FETCH)

    assert type(failure) is UnreadableAnswer
    assert str(failure) == "The answer is to another call"


async def test_an_error_of_another_call_is_never_taken(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    error = {"code": -2001, "message": "Invalid Access Token"}
    line.lasting = instead(lambda _: {"jsonrpc": "2.0", "id": 99, "error": error})

    assert type(await backend.failure(FETCH)) is UnreadableAnswer


async def test_answers_of_a_batch_may_come_in_any_order(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url)
    line.lasting = instead(
        lambda asked: [
            {"jsonrpc": "2.0", "id": each["id"], "result": TOKEN | {"scope": each["params"]["access_token"]}}
            for each in reversed(asked)
        ]
    )

    told = await backend.batch([calls.fetch_access_token("key", scope) for scope in "abc"])

    assert [each.scope for each in told] == ["a", "b", "c"]


def _result(number: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": TOKEN}


@pytest.mark.parametrize(
    "changed",
    [
        lambda asked: [_result(asked[0]["id"])],
        lambda asked: [_result(asked[0]["id"]), _result(asked[0]["id"])],
        lambda asked: [_result(asked[0]["id"]), _result(99)],
        lambda asked: [*[_result(each["id"]) for each in asked], _result(99)],
        lambda _: [_result([]), _result(None)],
        lambda _: [1, 2],
        lambda asked: _result(asked[0]["id"]),
        lambda _: {},
    ],
    ids=["too few", "one twice", "another", "too many", "no numbers", "no objects", "only one", "nothing"],
)
async def test_answers_that_are_not_those_to_the_batch_are_not_taken(
    provider: Provider, line: Line, changed: Any
) -> None:
    backend = provider.connect(at=line.url)
    line.lasting = instead(changed)

    with pytest.raises(UnreadableAnswer):
        await backend.batch([FETCH, FETCH])


async def test_the_number_of_an_unknown_token_in_cloud_is_told_as_its_oauth_error() -> None:
    nested = {"error": 404, "error_description": "Invalid Access Token", "error_response": None}
    document = {"id": 1, "error": {"message": "Invalid Access Token", "code": -2001, "error": nested}}

    with pytest.raises(OAuthError) as caught:
        read_single(FETCH, 1, Reply(400, {}, orjson.dumps(document)))

    assert caught.value.error == "invalid_request"


@settings(max_examples=times(300))
@given(
    status=st.sampled_from([200, 204, 302, 400, 401, 403, 422, 429, 500, 503]),
    document=envelopes | json | st.lists(envelopes, max_size=3),
    header=st.sampled_from(["", "1", "-1", "1e9", "99999999999999999999", "Wed, 21 Oct 2026 07:28:00 GMT"]),
)
def test_whatever_comes_back_is_a_result_or_an_exception_of_ours(status: int, document: Any, header: str) -> None:
    reply = Reply(status, {"retry-after": header}, dumps(document).encode())

    tally("answers that may not be what they should")
    for read in (lambda: read_single(FETCH, 1, reply), lambda: read_batch([FETCH, FETCH], [1, 2], reply)):
        with suppress(BackendError):
            assert read()
            assert status == 200


@settings(max_examples=times(100))
@given(body=st.binary(max_size=40), headers=st.sampled_from([{}, {"content-length": "40"}]))
def test_any_bytes_are_told_without_being_repeated(body: bytes, headers: dict[str, str]) -> None:
    tally("answers that may not be what they should")

    with pytest.raises(BackendError) as caught:
        read_single(FETCH, 1, Reply(200, headers, body))

    assert str(caught.value) in (
        "HTTP status 200",
        "The connection to the backend broke",
        "The answer is to another call",
    )
