"""test.hello: the smallest call there is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World


@pytest.mark.parametrize("params", [None, [], {}, [None, None], {"name": "anna"}])
async def test_says_hello(one_world: World, params: Any) -> None:
    answer = await one_world.call("test.hello", params)

    assert answer.result == "Hello!"


async def test_takes_no_argument(one_world: World) -> None:
    answer = await one_world.call("test.hello", ["anna"])

    assert answer.error["data"] == [{"field": "params", "message": "has more than 0 entries"}]
