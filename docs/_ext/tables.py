"""Tables, as reStructuredText."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

NOTHING = "\N{EN DASH}"


class Gap(Exception):
    """A page cannot be written whole: the code has something that is not described, or the reverse."""


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A list-table; an empty cell is shown as a dash."""
    yield from (".. list-table::", "   :header-rows: 1", "   :widths: auto", "")
    for row in (header, *rows):
        for at, cell in enumerate(row):
            yield f"   {'*' if at == 0 else ' '} - {cell or NOTHING}"
    yield ""


def code(text: str) -> str:
    """A literal; nothing for nothing."""
    return f"``{text}``" if text else ""


def codes(texts: Iterable[str]) -> str:
    """Several literals."""
    return ", ".join(map(code, texts))


def yes(truth: object) -> str:
    """Yes or no."""
    return "yes" if truth else "no"


def in_order(names: Collection[str], order: Iterable[str]) -> list[str]:
    """The names of a set in the order of the list that they come from."""
    return [name for name in order if name in names]


def heading(text: str, line: str = "-") -> list[str]:
    """A heading."""
    return [text, line * len(text), ""]


def block(language: str, text: str) -> Iterator[str]:
    """A block of code."""
    yield from (f".. code-block:: {language}", "")
    yield from (f"   {line}".rstrip() for line in text.splitlines())
    yield ""
