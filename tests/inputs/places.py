"""Every place where an argument stands, of every method and in every form, as the schemas tell: none is listed here."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, fields

from mashery_oauth.arguments import ObjectFirst
from mashery_oauth.methods import METHODS, update_access_token
from mashery_oauth.shapes import LONGEST, StringOrList, WholeNumber
from tests.world import HTTPS

from .scene import Scene

Members = dict[str, Any]
Field = fields.Field[Any]
UPDATE = "oauth2.updateAccessToken"
CREDENTIALS = ("client_id", "client_secret")  # within client or beside it
BY_POSITION = {UPDATE: 6}  # the rest of its arguments are for the flat form and for names

# What does for each member while another one is wrong; what is not here does without.
RIGHT: Members = {
    "access_token": "unknown",
    "grant_type": "client_credentials",
    "redirect_uri": HTTPS,
    "user_context": "anna",
    "id": 1,
}


@dataclass(frozen=True, slots=True)
class Place:
    """One argument, by the names that lead to it."""

    method: str
    path: tuple[str, ...]
    field: Field

    @property
    def name(self) -> str:
        """What an error calls it."""
        return ".".join(self.path)

    @property
    def is_string(self) -> bool:
        """Whether it takes a string."""
        return type(self.field) is fields.String

    @property
    def longest(self) -> int:
        """Characters that the schema bounds it with; 0 where it does not."""
        return int(self.field.metadata.get("longest", 0))

    def put(self, arguments: Members, value: Any) -> Members:
        """The arguments with a value in this place."""
        changed = deepcopy(arguments)
        inner = changed
        for name in self.path[:-1]:
            inner = inner.setdefault(name, {})
        inner[self.path[-1]] = value
        if self.method == UPDATE and self.path[-1] in CREDENTIALS and not isinstance(value, dict):
            self._take_other(changed)
        return changed

    def _take_other(self, arguments: Members) -> None:
        """Takes the other one of two that may stand for the same: they must not differ."""
        (arguments if self.path[1:] else arguments.get("client", {})).pop(self.path[-1], None)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write the arguments of a method down."""

    name: str
    names: tuple[str, ...]
    listed: bool = True
    wrapped: bool = False  # as one object in first place

    def takes(self, place: Place, value: Any) -> bool:
        """Whether the form can say this, and means it."""
        if place.path[0] not in self.names:
            return False
        if self.listed and self.names[0] == place.name and isinstance(value, dict) and is_object_first(place.method):
            return False  # then it is the object
        if self.listed and place.method == UPDATE and place.path in (("client",), ("client_id",)):
            return isinstance(value, str) == (place.path == ("client_id",))  # which of the two forms it is
        return True

    def params(self, arguments: Members) -> Any:
        """The arguments in this form."""
        if self.wrapped:
            return [arguments]
        return [arguments.get(name) for name in self.names] if self.listed else arguments


def is_object_first(method: str) -> bool:
    """Whether the method takes its arguments as one object too."""
    return isinstance(METHODS[method].arguments, ObjectFirst)


def forms(method: str) -> Iterator[Form]:
    """By name and by position, and what the method has besides."""
    arguments = METHODS[method].arguments
    everything = tuple(arguments.schema.fields)
    yield Form("named", everything, listed=False)
    if arguments.names:
        yield Form("positional", arguments.names[: BY_POSITION.get(method)])
    if is_object_first(method):
        yield Form("wrapped", everything, listed=False, wrapped=True)
    if method == UPDATE:
        yield Form("flat", update_access_token._FLAT)


def places(method: str) -> Iterator[Place]:
    """Every argument of a method, outer ones first."""
    yield from _below(method, METHODS[method].arguments.schema, ())


def _below(method: str, schema: Schema, path: tuple[str, ...]) -> Iterator[Place]:
    for name, field in schema.fields.items():
        yield Place(method, (*path, name), field)
        if isinstance(field, fields.Nested):
            yield from _below(method, field.schema, (*path, name))


def right(scene: Scene, method: str) -> Members:
    """Arguments that the schema has nothing against."""
    known = RIGHT | scene.credentials | {"service_key": scene.service.key}
    return _right(METHODS[method].arguments.schema, known)


def _right(schema: Schema, known: Members) -> Members:
    found: Members = {}
    for name, field in schema.fields.items():
        if isinstance(field, fields.Nested):
            found[name] = _right(field.schema, known)
        elif name in known:
            found[name] = known[name]
    return found


# Every type of JSON, and of each what is most easily taken for another one.
VALUES: tuple[Any, ...] = (
    *(None, False, True, 0, 1, -1, 2**64 - 1, 1.0, 1.5, -0.0, 1e300),
    *("", "text", "1", "true", "null", [], [None], [1], [[]], ["x"], [{}], {}, {"x": 1}, {"0": "x"}),
)


_PLAIN = ((WholeNumber, int, "must be an integer"), (fields.String, str, "must be a string"))


def problem(field: Field, value: Any) -> tuple[str, str] | None:
    """Where within a field and how a value is wrong; ``None`` where it is right, or omitted."""
    if value is None or value == "":
        return ("", "is required") if field.required else None
    if isinstance(field, fields.Nested):
        return None if isinstance(value, dict) or value == [] else ("", "must be an object")
    for kind, right_type, sentence in _PLAIN:
        if isinstance(field, kind):
            return None if type(value) is right_type else ("", sentence)
    if isinstance(field, StringOrList):
        entry = f"must be a string of at most {LONGEST} characters"
        return _problem_of_list(value, [str, list], "must be a string or a list of strings", entry)
    if isinstance(field, fields.List):
        return _problem_of_list(value, [list], "must be a list", "must be a string")
    return None  # anything will do


def _problem_of_list(value: Any, kinds: list[type], otherwise: str, of_entry: str) -> tuple[str, str] | None:
    if type(value) not in kinds:
        return "", otherwise
    if not isinstance(value, list) or not value or isinstance(value[0], str):
        return None
    return "[0]", of_entry
