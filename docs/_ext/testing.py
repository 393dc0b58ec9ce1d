"""What a test can do, from the names that the package gives and what they say of themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from mashery_oauth.testing import Backend, Served, replay_tests, serve, served

from .tables import code
from .tables import table as list_table

_ROLE = re.compile(r":\w+:`~?([^`]+)`")


def names() -> Iterator[str]:
    """The functions, and the public members of a backend in the order of their source."""
    rows = [(code("oauth_backend.url"), "Where the service is."), (code("oauth_backend.caller"), "The provider.")]
    rows += [_row(f"oauth_backend.{name}", member) for name, member in _members()]
    rows += [_row(made.__name__, made) for made in (served, Served, serve, replay_tests)]
    yield from list_table(("Name", "What it is"), rows)


def _members() -> list[tuple[str, Any]]:
    return [(name, member) for name, member in vars(Backend).items() if not name.startswith("_") and name != "close"]


def _row(name: str, member: Any) -> tuple[str, str]:
    """A name with its parameters, and all that it says of itself, in one line."""
    function = member.fget if isinstance(member, property) else member
    function = function.func if isinstance(function, cached_property) else function
    shown = name if function is not member else f"{name}({', '.join(_parameters(function))})"
    return code(shown), _told(inspect.getdoc(function) or "")


def _parameters(function: Any) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    marks = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return [marks.get(each.kind, "") + each.name for each in parameters if each.name != "self"]


def _told(text: str) -> str:
    """A docstring as one paragraph."""
    text = re.sub(r"^:param (\w+):", r"``\1``:", text, flags=re.MULTILINE)
    text = re.sub(r"^:returns:", "Returns", text, flags=re.MULTILINE)
    text = re.sub(r"^:raises (\w+):", r"Raises ``\1``:", text, flags=re.MULTILINE)
    return " ".join(_ROLE.sub(r"``\1``", text).split())
