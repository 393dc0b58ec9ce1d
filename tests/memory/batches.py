"""Many calls in few requests: what the tests of memory make tokens by."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from tests.world import World

SIZE = 100  # calls in one batch, as many as the service takes
AT_ONCE = 4  # batches under way


class Call(NamedTuple):
    """One call of a batch."""

    method: str
    params: dict[str, Any]


async def ask(world: World, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """The answers to calls, in their order."""
    parts = [calls[at : at + SIZE] for at in range(0, len(calls), SIZE)]
    answers: list[dict[str, Any]] = []
    for at in range(0, len(parts), AT_ONCE):
        for answered in await asyncio.gather(*(_post(world, part) for part in parts[at : at + AT_ONCE])):
            answers += answered
    return answers


async def results(world: World, calls: Sequence[Call]) -> list[Any]:
    """The results of calls that all succeed."""
    answers = await ask(world, calls)
    failed = [answer for answer in answers if "result" not in answer]
    assert failed == [], failed[0]
    return [answer["result"] for answer in answers]


async def _post(world: World, calls: Sequence[Call]) -> list[dict[str, Any]]:
    body = [
        {"jsonrpc": "2.0", "method": call.method, "params": call.params, "id": number}
        for number, call in enumerate(calls)
    ]
    answer = await world.post(orjson.dumps(body))
    found: list[dict[str, Any]] = answer.json
    assert len(found) == len(calls)
    return found
