"""Reading a TOML file member by member: what is missing, misspelled or of another kind is told by its place."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

_NAMES: Mapping[type, str] = {
    str: "a string",
    int: "a whole number",
    bool: "true or false",
    float: "a number",
    list: "a list",
    dict: "a table",
}

T = TypeVar("T")


class ConfigurationError(Exception):
    """A file cannot be used; the text begins with the member at fault, as its author would look for it."""


def read_toml(path: Path, failure: type[Exception]) -> dict[str, Any]:
    """The members of a file.

    :param failure: what is raised where it cannot be read, or is no TOML; the text begins with the path.
    """
    try:
        return tomllib.loads(path.read_text())
    except OSError as error:
        raise failure(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise failure(f"{path}: is not TOML: {error}") from None


class Table:
    """A table of the file, read one member after the other; what is left over at the end is misspelled."""

    def __init__(self, members: Mapping[str, object], place: str = "") -> None:
        self._members, self._place = dict(members), place

    def required(self, name: str, kind: type[T]) -> T:
        """A member that must be there.

        :raises ConfigurationError: it is not, is empty, or is of another kind.
        """
        value = self._take(name, kind)
        if value is None or value == "":
            raise self.problem(name, "is missing")
        return value

    def optional(self, name: str, kind: type[T], default: T) -> T:
        """A member that may be left out.

        :raises ConfigurationError: it is of another kind.
        """
        value = self._take(name, kind)
        return default if value is None else value

    def one_of(self, name: str, choices: Mapping[str, T], default: str) -> T:
        """What a member that names one of several stands for.

        :raises ConfigurationError: there is none such.
        """
        word = self.optional(name, str, default)
        if word not in choices:
            raise self.problem(name, f"is none of: {', '.join(choices)}")
        return choices[word]

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings.

        :raises ConfigurationError: it is something else.
        """
        values = self.optional(name, list, [])
        if not all(isinstance(value, str) for value in values):
            raise self.problem(name, "must be a list of strings")
        return tuple(values)

    def table(self, name: str) -> Table:
        """A table inside; an empty one where there is none.

        :raises ConfigurationError: it is something else.
        """
        return Table(self.optional(name, dict, {}), self.path(name))

    def tables(self, name: str) -> Iterator[Table]:
        """The tables of an array.

        :raises ConfigurationError: it is something else.
        """
        for at, members in enumerate(self.optional(name, list, [])):
            if not isinstance(members, dict):
                raise self.problem(name, f"must be an array of tables: [[{name}]]")
            yield Table(members, self.path(f"{name}[{at}]"))

    def words(self) -> dict[str, str]:
        """All that is left, as names with a string each.

        :raises ConfigurationError: one is something else.
        """
        return {name: self.required(name, str) for name in list(self._members)}

    def checked(self, name: str, value: T, good: Callable[[T], object], problem: str) -> T:
        """The value, if it is good.

        :raises ConfigurationError: it is not.
        """
        if not good(value):
            raise self.problem(name, problem)
        return value

    def end(self) -> None:
        """Nothing more is known here.

        :raises ConfigurationError: there is more.
        """
        for name in self._members:
            raise self.problem(name, "is not known here")

    def path(self, name: str) -> str:
        """Where a member is in the file."""
        return f"{self._place}.{name}" if self._place else name

    def problem(self, name: str, problem: str) -> ConfigurationError:
        """What is wrong with a member."""
        return ConfigurationError(f"{self.path(name)}: {problem}")

    def has(self, name: str) -> bool:
        """Whether a member is there and has not been read yet."""
        return name in self._members

    def _take(self, name: str, kind: type[T]) -> T | None:
        if name not in self._members:
            return None
        value = self._members.pop(name)
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise self.problem(name, f"must be {_NAMES[kind]}")
        return value
