"""Says hello: the smallest call there is, to try a caller's credentials with.

Source: Mashery API, JSON-RPC, test.hello.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from ..calling import Calling
from ..shapes import Shape


class Params(Shape):
    """Nothing comes in."""


class Result(Schema):
    """What goes out: ``Hello!``."""


async def call(calling: Calling, params: Mapping[str, Any]) -> str:
    """Greets."""
    return "Hello!"
