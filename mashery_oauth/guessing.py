"""Wrong client secrets are counted, so that guessing them is futile; a right one passes however many were wrong.

Secrets that this service makes cannot be guessed (over 160 bits), so there is no need to shut the door on who has the
right one, and nobody can have it shut on somebody else. A service whose imported secrets are short may want that all
the same: its ``guess_limit`` is ``strict``.
"""

from __future__ import annotations

from .errors import TOO_MANY_ATTEMPTS, WRONG_SECRET, Refusal
from .models import Caller, Request
from .store import Store
from .subject import Subject

STRICT = "strict"


def _who(caller: Caller, request: Request) -> str:
    return f"{caller.apikey}/{request.client_id}"


def is_strict(subject: Subject) -> bool:
    """Whether too many wrong secrets hold up right ones too."""
    return subject.service.policy.guess_limit == STRICT


async def check_held_up(store: Store, caller: Caller, request: Request) -> None:
    """:raises Refusal: ``too_many_attempts``, before a secret that was sent is looked at."""
    if request.client_secret is None:
        return
    seconds = await store.guesses.held_up(_who(caller, request), request.client_secret)
    if seconds is not None:
        raise Refusal(TOO_MANY_ATTEMPTS, retry_after=seconds)


async def counted(store: Store, caller: Caller, request: Request, refusal: Refusal) -> Refusal:
    """What to refuse with: the same, or, where wrong secrets were too many, that."""
    if refusal.row is not WRONG_SECRET:
        return refusal
    seconds = await store.guesses.wrong(_who(caller, request))
    if seconds is None:
        return refusal
    return Refusal(TOO_MANY_ATTEMPTS, relay=refusal.relay, retry_after=seconds)
