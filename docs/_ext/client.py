"""The Python client: its methods, what they are given, and the kinds of failure that they tell."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from mashery_oauth.client import Client, ClientCredentials, Cloud, Local, Redirect, TokenData, calls, errors
from mashery_oauth.client.errors import BackendError

from .tables import code
from .tables import table as list_table


def errors_table() -> Iterator[str]:
    """A row for each kind."""
    yield from list_table(("Exception", "What happened", "What it has"), map(_cells, _kinds(BackendError)))


def _kinds(kind: type[BackendError]) -> Iterator[type[BackendError]]:
    yield kind
    for each in kind.__subclasses__():
        if each.__module__ == errors.__name__:
            yield from _kinds(each)


def _cells(kind: type[Any]) -> tuple[str, ...]:
    own = [name for name, value in vars(kind).items() if isinstance(value, property)]
    return code(kind.__name__), " ".join((kind.__doc__ or "").split()), ", ".join(map(code, own))


def methods_table() -> Iterator[str]:
    """A row for each method of a client, in the order of the source."""
    methods = [method for name, method in vars(Client).items() if inspect.isfunction(method) and name[0] != "_"]
    rows = ((code(_signature(each)), _first_line(each), code(_result(each))) for each in methods)
    yield from list_table(("Method", "What it does", "Result"), rows)


def values_table() -> Iterator[str]:
    """A row for each class whose values a client is given."""
    given = (ClientCredentials, Redirect, TokenData, Local, Cloud)
    yield from list_table(("Value", "What it is"), ((code(_signature(each)), _first_line(each)) for each in given))


def _signature(callable_: Callable[..., object]) -> str:
    """As it is called: names and defaults, without types."""
    found = inspect.signature(callable_)
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in found.parameters.values()
        if parameter.name != "self"
    ]
    return f"{callable_.__name__}{found.replace(parameters=plain, return_annotation=inspect.Signature.empty)}"


def _result(method: Callable[..., object]) -> str:
    """What a method returns; one that makes a call and sends it returns what the call does."""
    returned = str(inspect.signature(getattr(calls, method.__name__, method)).return_annotation)
    if returned.startswith("Call["):
        return returned.removeprefix("Call[").removesuffix("]")
    return "" if returned in ("None", "T") else returned


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").splitlines()[0]
