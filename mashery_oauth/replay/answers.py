"""What came back: a response of an endpoint, or where the owner's browser was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Found = Mapping[str, Any]


@dataclass(frozen=True)  # without slots: what is read of it is kept, because it may be long and is looked at often
class Answer:
    """A response; for an authorization request, the last one."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters
    body: bytes = b""
    location: str = ""  # where the browser was sent away to; empty: it was not
    schemes: Mapping[str, str] = field(default_factory=dict)  # of the target's own addresses, where these are judged

    @cached_property
    def query(self) -> Found:
        """The parameters behind the question mark of the location; a repeated one has a list."""
        return _parameters(urlsplit(self.location).query)

    @cached_property
    def fragment(self) -> Found:
        """The same behind the number sign."""
        return _parameters(urlsplit(self.location).fragment)

    @cached_property
    def json(self) -> Found:
        """The members of a JSON object; none where the body is something else."""
        try:
            members = cleaned(json.loads(self.body))
        except (ValueError, RecursionError):
            return {}
        return members if isinstance(members, dict) else {}

    def look(self, path: str) -> object:
        """The value at a place like ``json.access_token``; ``None`` where there is none."""
        place, _, name = path.partition(".")
        members = PLACES[place](self)
        return members.get(name.lower() if place == "header" else name)


def cleaned(value: Any) -> Any:
    """The value without halves of characters, which no report could be written with."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {cleaned(name): cleaned(each) for name, each in value.items()}
    return [cleaned(each) for each in value] if isinstance(value, list) else value


PLACES: Mapping[str, Callable[[Answer], Found]] = {
    "json": lambda answer: answer.json,
    "query": lambda answer: answer.query,
    "fragment": lambda answer: answer.fragment,
    "header": lambda answer: answer.headers,
    "scheme": lambda answer: answer.schemes,
}


def _parameters(text: str) -> Found:
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
