"""Answers of a wrong length: too large, cut at any byte, or without an end."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from mashery_oauth.client import (
    ConnectionFailed,
    calls,
)
from mashery_oauth.dialects import CLOUD
from tests.effort import tally

from .conftest import Provider
from .either import caught
from .line import Fate, Line, instead, served
from .test_results import TOKEN

FETCH = calls.fetch_access_token("key", "token")
IMMEDIATE: dict[str, Any] = {"retries": 0}


def cut(at: int) -> Fate:
    return Fate("cut", answer=lambda answer: (answer.head + answer.body)[:at], cuts=True)


async def test_refuses_an_answer_that_is_too_large_and_goes_on(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url, largest_answer=10_000)
    large = instead(lambda asked: {"jsonrpc": "2.0", "id": asked["id"], "result": TOKEN | {"scope": "s" * 10_000}})
    line.fates = [large] * 3

    failures = [await backend.failure(FETCH) for _ in range(3)]
    after = await backend.fetch_access_tokens(provider.key, [])

    assert {str(failure) for failure in failures} == {"The answer is larger than 10000 bytes"}
    assert after == []
    assert len(line.requests) == 4


async def test_takes_an_answer_that_is_as_large_as_it_may_be(provider: Provider, line: Line) -> None:
    backend = provider.connect(at=line.url, largest_answer=100_000)

    def filled(asked: Any) -> Any:
        document = {"jsonrpc": "2.0", "id": asked["id"], "result": TOKEN | {"scope": ""}}
        document["result"]["scope"] = "s" * (100_000 - len(orjson.dumps(document)))
        return document

    line.lasting = instead(filled)

    assert (await backend.send(FETCH)).scope


@pytest.mark.parametrize("text", ["", "unknown"], ids=["a success", "an error"])
async def test_an_answer_that_is_cut_at_any_byte_is_taken_for_no_other(
    provider: Provider, line: Line, text: str
) -> None:
    """Found that http.client takes a head that ends in its middle for a whole one, and its answer for an empty one."""
    backend = provider.connect(CLOUD, at=line.url, **IMMEDIATE)
    call = calls.fetch_access_token(provider.key, text) if text else calls.fetch_access_tokens(provider.key, [])
    await caught(backend.send(call))
    length = len(line.answers[0].head + line.answers[0].body)
    line.fates = [cut(at) for at in range(length)]

    failures = [await caught(backend.send(call)) for _ in range(length)]

    assert {type(failure) for failure in failures} == {ConnectionFailed}
    assert len(line.answers) == length + 1
    tally("answers that were cut at a byte", length)


async def test_an_answer_without_a_length_is_bounded_too(provider: Provider) -> None:
    """A server that never stops sending."""

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
            await writer.drain()

    async with served(endless) as address:
        failure = await provider.connect(at=address, largest_answer=100_000).failure(FETCH)

    assert str(failure) == "The answer is larger than 100000 bytes"
