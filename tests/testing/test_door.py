"""The questions to the service: each has its own answer, also when the one before was left by an exception."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

import pytest

from mashery_oauth.testing import Backend, BackendProcess
from tests.effort import tally, times

LARGE = "a" * 4_000_000  # more than a socket takes at once
ROUNDS = 10


class TooLateError(Exception):
    """What ends a test that takes too long."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """An exception in the middle of whatever is done then."""

    def end(number: int, frame: FrameType | None) -> None:
        raise TooLateError

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def left(process: BackendProcess, question: Callable[[], object]) -> None:
    """A question that is left, as the service is held up."""
    os.kill(process._process.pid, signal.SIGSTOP)
    try:
        with pytest.raises(TooLateError), limited(0.05):
            question()
    finally:
        os.kill(process._process.pid, signal.SIGCONT)


def test_an_answer_that_nobody_waits_for_is_not_the_next_questions(process: BackendProcess, backend: Backend) -> None:
    """Found that after a time limit of pytest's every later answer of the session was the one before it."""
    backend.service()
    application = backend.application()
    alive, dead = backend.tokens(application).access_token, backend.tokens(application).access_token
    backend.revoke(dead)
    found = []

    for _ in range(times(ROUNDS)):
        left(process, lambda: backend.is_alive(alive))
        left(process, lambda: backend.tokens(application))
        found.append((backend.is_alive(dead), backend.is_alive(alive)))

    assert found == [(False, True)] * times(ROUNDS)
    with process.site() as other:
        assert other.calls == ()
    tally("questions to the service that were left", 2 * times(ROUNDS))


def test_a_question_of_which_only_the_beginning_was_sent_is_not_asked(
    process: BackendProcess, backend: Backend
) -> None:
    backend.service()
    application = backend.application()

    for _ in range(times(3)):
        left(process, lambda: backend.tokens(application, user_context=LARGE))
        tokens = backend.tokens(application)

        assert tokens.user_context == "alice"
        assert backend.is_alive(tokens.access_token)


def test_is_left_at_any_time(backend: Backend) -> None:
    backend.service()
    application = backend.application()
    kept = backend.tokens(application).access_token

    for number in range(times(40)):
        with suppress(TooLateError), limited(0.0002 + 0.0001 * (number % 20)):
            for _ in range(10):
                backend.is_alive(kept)
        tokens = backend.tokens(application, user_context=f"user-{number}")

        assert tokens.user_context == f"user-{number}"
        assert not backend.is_alive("unknown")
    tally("questions to the service that were left", times(40))
