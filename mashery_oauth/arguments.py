"""The arguments of a call, positional or named, read by a schema that is made once; with a guard in front of it.

Most calls are plain to see: strings within their bounds, in objects that the schema knows. The guard, which is made
from the schema, lets those through; marshmallow judges everything else and words what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from marshmallow import Schema, ValidationError, fields

from .errors import INVALID_ARGUMENT, Refusal, invalid_argument
from .shapes import LONGEST, Shape, StringOrList

PROBLEMS = 100  # that an answer lists
Plan = dict[str, "int | Plan"]


class Arguments:
    """A shape made once, with a guard in front: the plain valid case never reaches marshmallow."""

    def __init__(self, shape: type[Shape]) -> None:
        self.schema = shape()
        self.names = tuple(name for name, field in self.schema.fields.items() if not field.metadata.get("named_only"))
        self._plan = _plan(self.schema)
        self._required = frozenset(name for name, field in self.schema.fields.items() if field.required)

    def read(self, positional: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call, named.

        :raises Refusal: ``invalid_params``, naming the first that is wrong and listing all, up to a bound.
        """
        values = self._named(positional) if positional else named
        plain = _plain(values, self._plan)
        if plain is not None and self._required <= plain.keys():
            return plain
        try:
            return dict(self.schema.load(values))
        except ValidationError as error:
            problems = tuple(islice(_flat(error.normalized_messages()), PROBLEMS))  # type: ignore[no-untyped-call]
            field, problem = problems[0]
            raise Refusal(INVALID_ARGUMENT, fields=problems, field=field, problem=problem) from None

    def sent(self, positional: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """The same call as it came, named: what nobody knows is still there, and only what means omitted is not."""
        return _without_omitted(self._named(positional) if positional else named, self._plan)

    def names_of(self, positional: Sequence[Any]) -> tuple[str, ...]:
        """What arguments that came by position are called."""
        return self.names

    def _named(self, positional: tuple[Any, ...]) -> dict[str, Any]:
        names = self.names_of(positional)
        if len(positional) > len(names) and any(value is not None for value in positional[len(names) :]):
            raise invalid_argument("params", f"has more than {len(names)} entries")
        return dict(zip(names, positional, strict=False))


class ObjectFirst(Arguments):
    """Arguments that may also come as one object in first place, as the product's object methods have them."""

    def read(self, positional: tuple[Any, ...], named: Mapping[str, Any]) -> dict[str, Any]:
        """See :class:`Arguments`."""
        if positional and isinstance(positional[0], dict):
            return super().read((), positional[0])
        return super().read(positional, named)


def _plan(schema: Schema) -> Plan:
    """What the guard may decide: strings with their bounds, and objects of such."""
    plan: Plan = {}
    for name, field in schema.fields.items():
        if isinstance(field, fields.Nested):
            plan[name] = _plan(field.schema)
        elif type(field) is fields.String:
            plan[name] = field.metadata.get("longest", 1 << 30)
        elif isinstance(field, StringOrList):
            plan[name] = LONGEST
        else:
            plan[name] = -1
    return plan


def _plain(values: Mapping[str, Any], plan: Plan) -> dict[str, Any] | None:
    """The values as marshmallow would load them, when that is plain to see; else ``None``."""
    loaded: dict[str, Any] = {}
    for name, value in values.items():
        wanted = plan.get(name)
        if wanted is None or value is None or value == "":
            continue
        if type(value) is str and type(wanted) is int:
            if len(value) > wanted:
                return None
            loaded[name] = value
        elif type(value) is dict and type(wanted) is dict:
            inner = _plain(value, wanted)
            if inner is None:
                return None
            loaded[name] = inner
        else:
            return None
    return loaded


def _without_omitted(values: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """The values but for those that stand for nothing, in objects that nobody knows too."""
    sent = {}
    for name, value in values.items():
        wanted = plan.get(name)
        if value is None or value == "" or (value == [] and type(wanted) is dict):
            continue
        sent[name] = _without_omitted(value, wanted if type(wanted) is dict else {}) if type(value) is dict else value
    return sent


def _flat(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Marshmallow's tree of messages as (path, sentence)."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            step = f"[{name}]" if isinstance(name, int) else f".{name}" if path else str(name)
            yield from _flat(inner, path if name == "_schema" else path + step)
    else:
        for sentence in messages:
            yield path or "params", str(sentence)
