"""How a try ends that brings no answer, in sentences that hold neither address nor credentials."""

from __future__ import annotations

from .errors import BackendError, ConnectionFailed, TimedOut, Told, UnreadableAnswer


def no_connection() -> BackendError:
    """Nobody is there; nothing was sent."""
    return ConnectionFailed(Told("There is no connection to the backend", unsent=True))


def no_connection_in_time() -> BackendError:
    """Nobody answers the door, or all connections are in use; nothing was sent."""
    return TimedOut(Told("There was no connection to the backend in time", unsent=True))


def no_trust() -> BackendError:
    """Somebody is there, who cannot prove to be the backend."""
    return ConnectionFailed(Told("There is no connection to the backend: its certificate or its TLS is not accepted"))


def broken() -> BackendError:
    """The connection ended before the whole answer was there."""
    return ConnectionFailed(Told("The connection to the backend broke"))


def no_answer_in_time() -> BackendError:
    """The time ran out before the whole answer was there."""
    return TimedOut(Told("The backend did not answer in time"))


def too_large(bound: int) -> BackendError:
    """The answer is beyond the bound; the rest of it was not read."""
    return UnreadableAnswer(Told(f"The answer is larger than {bound} bytes"))
