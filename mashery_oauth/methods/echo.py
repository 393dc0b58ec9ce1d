"""Gives back its argument, to try an encoding with.

Source: Mashery API clients, test.echo.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from ..arguments import Arguments
from ..calling import Calling
from ..shapes import Shape


class Params(Shape):
    """What comes in: anything."""

    value = fields.Raw()


class Result(Schema):
    """What goes out: the same."""


class _Arguments(Arguments):
    """One argument, whatever it is and however it is named."""

    def read(self, positional: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        if named:
            return {"value": dict(named) if set(named) != {"value"} else named["value"]}
        return {"value": positional[0] if positional else None}


ARGUMENTS = _Arguments(Params)


async def call(calling: Calling, params: Mapping[str, Any]) -> Any:
    """Echoes."""
    return params["value"]
