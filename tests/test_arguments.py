"""The guard in front of marshmallow: whatever it accepts, marshmallow would have loaded just so."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, fields

from mashery_oauth.arguments import PROBLEMS, Arguments, _plain
from mashery_oauth.errors import Refusal
from mashery_oauth.methods import METHODS
from mashery_oauth.shapes import Shape

STRINGS = st.one_of(
    st.sampled_from(["", " ", "active", "uri", "code", "token"]),
    st.text(max_size=20),
)
LIMITS = ["x" * length for length in (255, 256, 4096, 4097)]
OTHERS = st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), STRINGS)
ANYTHING = st.recursive(OTHERS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3))


def objects(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments of a shape: mostly right, each member sometimes anything, with some that nobody knows."""
    required = {name: member(field) for name, field in schema.fields.items() if field.required}
    optional = {name: member(field) for name, field in schema.fields.items() if not field.required}
    return st.builds(
        lambda known, unknown: {**unknown, **known},
        st.fixed_dictionaries(required, optional=optional)
        | st.fixed_dictionaries({}, optional={**required, **optional}),
        st.dictionaries(STRINGS, ANYTHING, max_size=2),
    )


def member(field: fields.Field[Any]) -> st.SearchStrategy[Any]:
    """What is right four times in six, else nothing or anything."""
    right = objects(field.schema) if isinstance(field, fields.Nested) else STRINGS
    return st.sampled_from([right] * 4 + [st.sampled_from([None, [], "", *LIMITS]), ANYTHING]).flatmap(
        lambda kind: kind
    )


def plain(arguments: Arguments, values: dict[str, Any]) -> dict[str, Any] | None:
    """What the guard accepts."""
    loaded = _plain(values, arguments._plan)
    if loaded is None or any(name not in loaded for name in arguments._required):
        return None
    return loaded


def outcome(
    arguments: Arguments, positional: tuple[Any, ...], named: dict[str, Any]
) -> tuple[dict[str, Any], Refusal | None]:
    """What is read, or the refusal."""
    try:
        return arguments.read(positional, named), None
    except Refusal as refusal:
        return {}, refusal


@pytest.mark.parametrize("name", METHODS)
@given(data=st.data())
def test_what_the_guard_accepts_marshmallow_loads_alike(name: str, data: st.DataObject) -> None:
    arguments = METHODS[name].arguments
    values = data.draw(objects(arguments.schema))

    before = repr(values)

    loaded = plain(arguments, values)

    assert repr(values) == before
    assert loaded is None or loaded == arguments.schema.load(values)


@pytest.mark.parametrize("name", METHODS)
@given(data=st.data())
def test_arguments_are_read_or_refused_and_nothing_else_happens(name: str, data: st.DataObject) -> None:
    arguments = METHODS[name].arguments
    positional = tuple(data.draw(st.lists(st.one_of(STRINGS, ANYTHING, st.just({})), max_size=9)))
    named = {} if positional else data.draw(objects(arguments.schema))

    read, refusal = outcome(arguments, positional, named)

    if refusal is None:
        assert set(read) <= set(arguments.schema.fields)
    else:
        assert refusal.row.name == "invalid_params"
        assert refusal.message.startswith(f"Invalid params: {refusal.fields[0][0]} ")


class Numbers(Shape):
    """A list that nobody bounds."""

    numbers = fields.List(fields.Integer())


def test_no_more_problems_are_told_than_anybody_reads() -> None:
    arguments = Arguments(Numbers)

    _, refusal = outcome(arguments, (), {"numbers": ["x"] * 1000})

    assert refusal is not None
    assert len(refusal.fields) == PROBLEMS
    assert refusal.fields[0] == ("numbers[0]", "Not a valid integer.")


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.keyed])
@given(data=st.data())
def test_what_was_sent_is_what_is_read_and_what_nobody_knows_beside_it(name: str, data: st.DataObject) -> None:
    arguments = METHODS[name].arguments
    named = data.draw(objects(arguments.schema))
    read, refusal = outcome(arguments, (), named)

    sent = arguments.sent((), named)

    assert refusal is not None or known(sent, arguments.schema) == read
    assert {each for each in named if named[each] not in (None, "", [])} <= set(sent)


def known(values: dict[str, Any], schema: Schema) -> dict[str, Any]:
    """The values that a schema has fields for."""
    return {
        name: known(value, field.schema) if isinstance(field := schema.fields[name], fields.Nested) else value
        for name, value in values.items()
        if name in schema.fields
    }
