"""What a call may end with instead of a result. The row of the service's error table is in ``refusals``.

Each exception has what was told and nothing of what was asked, so that it may be logged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """What a provider can send on to its client as it is: a body, or a redirection if ``redirect_uri`` is given."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, str] = field(repr=False)  # has the client's state
    redirect_uri: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Problem:
    """An argument that the provider got wrong: its path, and what is wrong with it."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a failure."""

    message: str
    code: int | None = None  # of JSON-RPC
    status: int | None = None  # of HTTP
    error: str | None = None  # of OAuth
    error_description: str | None = None
    response: ErrorResponse | None = None
    problems: tuple[Problem, ...] = ()
    retry_after: float | None = None  # seconds
    reason: str | None = None  # the X-Mashery-Error-Code
    unsent: bool = False  # the backend has certainly done nothing


class BackendError(Exception):
    """A call that gave no result; what more is known depends on the kind."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self.told = told

    def __str__(self) -> str:
        return self.told.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.told.message!r})"

    @property
    def message(self) -> str:
        """The sentence."""
        return self.told.message

    @property
    def code(self) -> int | None:
        """The JSON-RPC code; ``None`` where no JSON-RPC was answered."""
        return self.told.code

    @property
    def status(self) -> int | None:
        """The HTTP status; ``None`` where nothing was answered."""
        return self.told.status

    @property
    def response(self) -> ErrorResponse | None:
        """What the client may be sent, where there is a client to be told."""
        return self.told.response

    @property
    def retry_after(self) -> float | None:
        """Seconds after which it is worth to try again, where the backend said so."""
        return self.told.retry_after


class OAuthError(BackendError):
    """The provider's client is at fault (-2001): the OAuth error is for it."""

    @property
    def error(self) -> str | None:
        """The OAuth error, the same in all dialects; ``None`` where the backend told none."""
        return self.told.error

    @property
    def error_description(self) -> str:
        """A sentence for the client's developer."""
        return self.told.error_description or self.told.message


class InvalidParams(BackendError):
    """The provider is at fault (-32602)."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The arguments that are wrong."""
        return self.told.problems


class Unavailable(BackendError):
    """Nobody knows whether the call was carried out: the backend or its store did not answer, or said so itself."""


class ConnectionFailed(Unavailable):
    """No connection, or one that broke before the whole answer was there."""


class TimedOut(Unavailable):
    """No whole answer within the time-out."""


class InternalError(BackendError):
    """A fault of the backend."""


class Throttled(BackendError):
    """The caller has used up its calls per second; nothing was carried out."""


class CallerRefused(BackendError):
    """The backend does not let this caller in, or not here: 401, 403 or 404; ``reason`` is Cloud's error code."""

    @property
    def reason(self) -> str | None:
        """The ``X-Mashery-Error-Code``, in Cloud."""
        return self.told.reason


class NotUnderstood(BackendError):
    """The backend takes what was sent for no call: an address of something else, a batch that is too long."""


class UnreadableAnswer(BackendError):
    """What came back is no answer to what was asked, or larger than the bound."""
