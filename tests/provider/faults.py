"""What can be broken in the provider on purpose, one thing at a time: by which text that shows, and by which statement.

Each is a way in which real servers have been wrong. The backend stays as it is: the fault is in what stands before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

Break = Callable[[pytest.MonkeyPatch], None]
TOKEN_ENDPOINT = "/oauth2/token"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong."""

    text: str
    statement: str
    breaks: Break


class Faults(dict[str, Fault]):
    """Faults, each under the name of the function that makes it."""

    def __call__(self, text: str, statement: str) -> Callable[[Break], Break]:
        """Notes a function."""

        def noted(breaks: Break) -> Break:
            self[breaks.__name__] = Fault(text, statement, breaks)
            return breaks

        return noted
