"""test.echo: gives back its argument."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import World

VALUES = ["text", "", 5, -1.5, True, None, [], [1, [None]], {}, {"a": {"b": None}}, '\U0001f36b \u0000 \\ " /']


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_gives_back_its_first_argument(one_world: World, value: Any) -> None:
    answer = await one_world.call("test.echo", [value])

    assert answer.result == value


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_gives_back_an_argument_named_value(one_world: World, value: Any) -> None:
    answer = await one_world.call("test.echo", {"value": value})

    assert answer.result == value


@pytest.mark.parametrize("named", [{"message": "hi"}, {"value": 1, "more": 2}, {"self": 1, "calling": 2, "": 3}])
async def test_gives_back_arguments_of_other_names(one_world: World, named: dict[str, Any]) -> None:
    answer = await one_world.call("test.echo", named)

    assert answer.result == named


@pytest.mark.parametrize("params", [None, [], {}])
async def test_gives_back_null_for_nothing(one_world: World, params: Any) -> None:
    answer = await one_world.call("test.echo", params)

    assert answer.result is None
