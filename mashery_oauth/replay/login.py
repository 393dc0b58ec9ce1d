"""How the resource owner is played, where pages are for people: by filling in forms, or by a program of yours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field

from .answers import Answer

APPROVES, DENIES, ABSENT = "approves", "denies", "absent"


class LoginFailed(Exception):
    """The owner could not be played; the text says where it ended."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What the owner is to do."""

    url: str  # the authorization request
    user: str
    password: str = field(repr=False)
    owner: str = APPROVES  # or denies, or absent: then nobody is there to do anything


@dataclass(frozen=True, slots=True)
class Login:
    """The way to play the owner. Without a command or function the forms of the pages are filled in."""

    user_field: str = ""  # name of the field; empty: the first one for text
    password_field: str = ""  # empty: the one of this type
    approve: str = ""  # text, value or name of the button; empty: what sounds like it
    deny: str = ""
    cookie: str = field(default="", repr=False)  # of somebody who is signed in already, as name=value; ...
    command: tuple[str, ...] = ()  # is told the visit as JSON, and prints where it ended, also as JSON
    patience: float = 60.0  # seconds that the command may take
    call: Callable[[Visit], Awaitable[Answer]] | None = field(default=None, repr=False)


async def run_command(login: Login, visit: Visit) -> Answer:
    """Where a visit ends by the word of a program: ``{"location": ...}``, or ``{"status": ..., "body": ...}``.

    :raises LoginFailed: it does not end well, or in time, or says something else.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *login.command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise LoginFailed(f"the command cannot be run: {error.strerror}") from None
    try:
        out, _ = await asyncio.wait_for(process.communicate(json.dumps(asdict(visit)).encode()), login.patience)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise LoginFailed(f"the command did not end within {login.patience:g} s") from None
    if process.returncode:
        raise LoginFailed(f"the command ended with exit code {process.returncode}")
    return _answer(out)


def _answer(out: bytes) -> Answer:
    try:
        told = json.loads(out)
        status, location, body = told.get("status", 200), told.get("location", ""), told.get("body", "")
    except (ValueError, AttributeError):
        raise LoginFailed("the command printed something that is not a JSON object") from None
    if not (isinstance(status, int) and isinstance(location, str) and isinstance(body, str)):
        raise LoginFailed("the command printed a status, location or body of another type")
    return Answer(302 if location and "status" not in told else status, {}, body.encode(), location)
