"""Reading TOML strictly: what is unknown, missing or of another type is an error that names the file and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from types import TracebackType
from typing import Protocol

from .letters import printable

LARGEST = 1_000_000_000  # of the numbers in a file
_LONGEST = 400  # characters of what is told


class Malformed(Exception):
    """A file does not say what it should; the text names the file and the key."""

    def __init__(self, text: str) -> None:
        """Nothing that stands in a file moves the cursor of whoever is told of it."""
        super().__init__(printable(text[:_LONGEST]))


class Readable(Protocol):
    """A file on the disk or inside a package."""

    @property
    def name(self) -> str:
        """Without its folder."""

    def read_text(self, encoding: str) -> str:
        """All of it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The lower one of two tables that were merged: what only it has stands in another place of the file."""

    where: str
    upper: object  # the members of the other one


class Members:
    """The members of a table, each to be taken once; what is left at the end of a ``with`` block is unknown."""

    def __init__(self, members: Mapping[str, object], where: str, below: Layer | None = None) -> None:
        self.where = where
        self._below = below
        self._all = members
        self._left = dict(members)
        self._asked: dict[str, None] = {}  # names, in order

    def __enter__(self) -> Members:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and self._left:
            known = ", ".join(self._asked)
            raise self.wrong(next(iter(self._left)), f"is not known here; there are {known}")

    def __contains__(self, name: str) -> bool:
        self._asked[name] = None
        return name in self._left

    @property
    def names(self) -> tuple[str, ...]:
        """The members that were not taken yet."""
        return tuple(self._left)

    def text(self, name: str, default: str | None = None) -> str:
        """A string; required where there is no default."""
        value = self._taken(name, default)
        if not isinstance(value, str):
            raise self.wrong(name, "is not a string")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; empty where there is none."""
        value = self._taken(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(name, "is not a list of strings")
        return tuple(value)

    def number(self, name: str, default: float) -> float:
        """A number that is not negative, and finite."""
        value = self._taken(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LARGEST:
            raise self.wrong(name, f"is not a number from 0 to {LARGEST:_}")
        return value

    def count(self, name: str, default: int) -> int:
        """A whole number that is not negative."""
        value = self.number(name, default)
        if not isinstance(value, int):
            raise self.wrong(name, "is not a whole number")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self._taken(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "is not true or false")
        return value

    def word(self, name: str, words: tuple[str, ...], default: str | None = None) -> str:
        """One of a few strings."""
        value = self.text(name, default)
        if value not in words:
            raise self.wrong(name, f"is none of {', '.join(words)}")
        return value

    def table(self, name: str) -> Mapping[str, object]:
        """A table as it is; empty where there is none."""
        value = self._taken(name, {})
        if not isinstance(value, dict):
            raise self.wrong(name, "is not a table")
        return value

    def members(self, name: str) -> Members:
        """A table to read on in."""
        below = self._below
        if below:
            upper = below.upper.get(name) if isinstance(below.upper, Mapping) else None
            below = Layer(f"{below.where}: {name}", upper)
        return Members(self.table(name), f"{self.where}: {name}", below)

    def rows(self, name: str) -> tuple[Mapping[str, object], ...]:
        """A list of tables as they are; empty where there is none."""
        value = self._taken(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.wrong(name, "is not a list of tables")
        return tuple(value)

    def tables(self, name: str) -> tuple[Members, ...]:
        """A list of tables to read on in."""
        rows = self.rows(name)
        return tuple(Members(row, f"{self.where}: {name} {at}") for at, row in enumerate(rows, start=1))

    def value(self, name: str) -> object:
        """Whatever there is; nothing where there is none."""
        self._asked[name] = None
        return self._left.pop(name, None)

    def wrong(self, name: str, problem: str) -> Malformed:
        """The error that names a key."""
        return self.wrong_at((name,), problem)

    def wrong_at(self, way: tuple[str, ...], problem: str) -> Malformed:
        """The same for a key of an inner table."""
        where = self.where
        if self._below and _has(self._all, way) and not _has(self._below.upper, way):
            where = self._below.where
        return Malformed(f"{where}: {': '.join(way)} {problem}")

    def _taken(self, name: str, default: object) -> object:
        self._asked[name] = None
        value = self._left.pop(name, default)
        if value is None:
            raise self.wrong(name, "is missing")
        return value


def _has(table: object, way: tuple[str, ...]) -> bool:
    """Whether there is something at the end of a way through tables."""
    for name in way:
        if not isinstance(table, Mapping) or name not in table:
            return False
        table = table[name]
    return True


def files_in(folder: str) -> list[Traversable]:
    """The TOML files of a folder of this package, in the order of their names."""
    files = (resources.files(__package__) / folder).iterdir()
    return sorted((file for file in files if file.name.endswith(".toml")), key=lambda file: file.name)


def read_toml(file: Readable) -> Members:
    """The members of a file.

    :raises Malformed: it cannot be read, or is no TOML.
    """
    name = file.name or str(file)
    try:
        return Members(tomllib.loads(file.read_text(encoding="utf-8")), name)
    except OSError as error:
        raise Malformed(f"{name}: {error.strerror}") from None
    except RecursionError:
        raise Malformed(f"{name}: tables and lists are in one another too deep") from None
    except ValueError as error:  # no TOML, no UTF-8, or a number with thousands of digits
        raise Malformed(f"{name}: {error}") from None
