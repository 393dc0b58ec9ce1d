"""What the provider called: each method with the arguments that it sent, and how the call ended."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MASKED = "$masked"


class Masked:
    """A secret that was sent: its first letters are shown, and it equals the text that it is."""

    __slots__ = ("_digest", "_shown")
    __hash__ = None  # type: ignore[assignment]  # it equals a text without having its hash

    def __init__(self, shown: str, digest: str) -> None:
        self._shown, self._digest = shown, digest

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Masked):
            return self._digest == other._digest
        if isinstance(other, str):
            return self._digest == digest(other)
        return NotImplemented

    def __repr__(self) -> str:
        return f"<{self._shown}>"


def digest(text: str) -> str:
    """What a secret is known by where it must not be kept."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Call:
    """One call.

    ``method`` is as the wire has it, ``outcome`` is ``ok`` or the name of an error of the service's table, ``dialect``
    one of ``cloud``, ``local_v2`` and ``local_v3``. Arguments that came by position are named.
    """

    method: str
    arguments: Mapping[str, Any]
    outcome: str
    dialect: str

    def get(self, path: str) -> Any:
        """The argument at a path like ``uri.redirect_uri``; ``None`` where it was not sent."""
        found: Any = self.arguments
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    def __str__(self) -> str:
        return f"{self.method} {dict(self.arguments)!r}: {self.outcome}"


class Calls(tuple[Call, ...]):
    """Calls, in the order in which they ended."""

    __slots__ = ()

    def of(self, method: str) -> Calls:
        """Those of a method; its ``oauth2.`` may be left out."""
        return Calls(call for call in self if call.method in (method, f"oauth2.{method}"))

    @property
    def last(self) -> Call:
        """The latest one.

        :raises LookupError: there is none.
        """
        if not self:
            raise LookupError("The provider has not called.")
        return self[-1]


def read_calls(told: list[dict[str, Any]]) -> Calls:
    """Calls as the service's process tells of them."""
    return Calls(Call(each["method"], _read(each["arguments"]), each["outcome"], each["dialect"]) for each in told)


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {MASKED}:
            return Masked(*value[MASKED])
        return {name: _read(inner) for name, inner in value.items()}
    return [_read(inner) for inner in value] if isinstance(value, list) else value
