"""Members of a record from plain values (TOML, JSON) and from words on a command line, each checked for its type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import get_type_hints

from .models import Policy
from .operation import OperationError
from .presets import PRESETS, preset

OFF = "off"  # how "switched off" is written where the program says None
_DIGITS = 20  # more than any member may have; Python reads 4,300 at most
_WORDS = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


@dataclass(frozen=True, slots=True)
class Type:
    """A type of member: how a plain value becomes it, and how a text becomes the plain value."""

    read: Callable[[object], object]  # raises TypeError with what is needed
    spell: Callable[[str], object]


def _whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("a whole number")
    return value


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple, set, frozenset)) or not all(isinstance(each, str) for each in value):
        raise TypeError("a list of texts")
    return tuple(value)


def _pairs(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for pair in value.items() for each in pair):
        raise TypeError("a table of texts")
    return dict(value)


def _spell_number(text: str) -> object:
    is_number = text.isascii() and text.removeprefix("-").isdigit() and len(text) <= _DIGITS
    return int(text) if is_number else text


def _spell_switch(text: str) -> object:
    return _WORDS.get(text, text)


def _spell_texts(text: str) -> object:
    return text.replace(",", " ").split()


def _spell_pairs(text: str) -> object:
    pairs = [word.partition("=") for word in text.replace(",", " ").split()]
    return {name: value for name, _, value in pairs} if all(equals for _, equals, _ in pairs) else text


def _optional(kind: Type) -> Type:
    def read(value: object) -> object:
        if value is None or value == OFF:
            return None
        try:
            return kind.read(value)
        except TypeError as error:
            raise TypeError(f'{error} or "{OFF}"') from None

    return Type(read, lambda text: OFF if text == OFF else kind.spell(text))


_NUMBER, _SWITCH, _TEXT = Type(_whole_number, _spell_number), Type(_switch, _spell_switch), Type(_text, str)
_LIST, _SET = Type(_texts, _spell_texts), Type(lambda value: frozenset(_texts(value)), _spell_texts)
_TYPES: dict[object, Type] = {
    int: _NUMBER,
    int | None: _optional(_NUMBER),
    bool: _SWITCH,
    str: _TEXT,
    str | None: Type(lambda value: None if value is None else _text(value), str),
    tuple[str, ...]: _LIST,
    tuple[str, ...] | None: _optional(_LIST),
    frozenset[str]: _SET,
    frozenset[str] | None: _optional(_SET),
    Mapping[str, str]: Type(_pairs, _spell_pairs),
}


@cache
def types_of(cls: type) -> dict[str, Type]:
    """The members of a record that plain values can say, in their order."""
    return {name: _TYPES[hint] for name, hint in get_type_hints(cls).items() if hint in _TYPES}


def read_members(cls: type, members: Mapping[str, object]) -> dict[str, object]:
    """Values for a record's constructor.

    :raises OperationError: there is no such member, or its value is of another type.
    """
    known, values = types_of(cls), {}
    for name, value in members.items():
        if name not in known:
            raise OperationError(name, f"there is no such member; there are: {', '.join(known)}")
        try:
            values[name] = known[name].read(value)
        except TypeError as error:
            raise OperationError(name, f"must be {error}") from None
    return values


def spell_members(cls: type, words: Mapping[str, str]) -> dict[str, object]:
    """Plain values from words on a command line; what cannot be read is left for :func:`read_members` to refuse."""
    known = types_of(cls)
    return {name: known[name].spell(word) if name in known else word for name, word in words.items()}


def policy_of_preset(name: str) -> Policy:
    """What a new service starts with.

    :raises OperationError: there is no such preset.
    """
    if name not in PRESETS:
        raise OperationError("preset", f"must be one of: {', '.join(PRESETS)}")
    return preset(name)


def changed_policy(policy: Policy, members: Mapping[str, object]) -> Policy:
    """The policy with some of its members changed; not yet checked as a whole.

    :raises OperationError: as :func:`read_members`.
    """
    values: dict[str, object] = read_members(Policy, members)
    return replace(policy, **values)  # type: ignore[arg-type]
