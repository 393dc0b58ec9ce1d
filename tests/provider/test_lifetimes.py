"""Lifetimes: told of refreshable tokens that were issued here, of nothing else."""

from __future__ import annotations

from mashery_oauth.client import AccessToken
from mashery_oauth.provider.lifetimes import MOST, Lifetimes


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def made(text: str, expires_in: int | None = 60, refresh_token: str | None = "r") -> AccessToken:
    return AccessToken("json", text, "bearer", expires_in, refresh_token)


def test_a_token_is_over_when_its_time_is() -> None:
    clock = Clock()
    lifetimes = Lifetimes(clock)
    lifetimes.note(made("token"), lifetimes.now())

    told = []
    for now in (0, 59.9, 60, 1e9):
        clock.now = now
        told.append(lifetimes.is_over("token"))

    assert told == [False, False, True, True]


def test_nothing_is_said_of_other_tokens() -> None:
    clock = Clock()
    lifetimes = Lifetimes(clock)
    lifetimes.note(made("endless", expires_in=None), 0)
    lifetimes.note(made("single", refresh_token=None), 0)

    clock.now = 1e9

    assert not any(lifetimes.is_over(text) for text in ("endless", "single", "unknown"))


def test_keeps_the_newest_and_no_text() -> None:
    lifetimes = Lifetimes(Clock())

    for number in range(MOST + 10):
        lifetimes.note(made(f"token-{number}", expires_in=0), 0)

    assert len(lifetimes._ends) == MOST
    assert (lifetimes.is_over("token-9"), lifetimes.is_over("token-10")) == (False, True)
    assert not any(b"token" in key for key in lifetimes._ends)
