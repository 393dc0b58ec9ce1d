"""How the resource owner is played, where pages are for people: by filling in forms, or by a program of yours."""

from __future__ import annotations

import asyncio
import json
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from urllib.parse import urlsplit

from .answers import Answer, cleaned

APPROVES, DENIES, ABSENT = "approves", "denies", "absent"
LONGEST_OUTPUT = 1 << 20  # octets that a command may print
_LAST = 5.0  # seconds for a program that was killed


class LoginFailed(Exception):
    """The owner could not be played; the text says where it ended."""

    def __init__(self, text: str, *, blamed: str = "") -> None:
        super().__init__(text)
        self.blamed = blamed  # the member of the target that is probably wrong; empty: nobody can tell


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
    except (OSError, ValueError) as error:
        raise _command_failed(f"cannot be run: {getattr(error, 'strerror', None) or error}") from None
    try:
        async with asyncio.timeout(login.patience):
            out = await _talked(process, json.dumps(asdict(visit)).encode())
    except TimeoutError:
        raise _command_failed(f"did not end within {login.patience:g} s") from None
    finally:
        await _end(process)
    if process.returncode:
        raise _command_failed(f"ended with exit code {process.returncode}")
    return _answer(out)


async def _talked(process: Process, told: bytes) -> bytes:
    """What a program prints when it is told that, until it ends."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError("it was started with both")
    with suppress(ConnectionError):  # who does not listen may know what to do all the same
        process.stdin.write(told)
        await process.stdin.drain()
        process.stdin.close()
    out = bytearray()
    while part := await process.stdout.read(1 << 16):
        out += part
        if len(out) > LONGEST_OUTPUT:
            raise _command_failed(f"printed more than {LONGEST_OUTPUT} octets")
    await process.wait()
    return bytes(out)


async def _end(process: Process) -> None:
    """Nothing of it is left running; nobody waits for whoever has its output open."""
    if process.returncode is None:
        process.kill()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _LAST)


def _answer(out: bytes) -> Answer:
    try:
        told = cleaned(json.loads(out))
        status, location, body = told.get("status", 200), told.get("location", ""), told.get("body", "")
    except (ValueError, AttributeError, RecursionError):
        raise _command_failed("printed something that is not a JSON object") from None
    if not (type(status) is int and isinstance(location, str) and isinstance(body, str)):
        raise _command_failed("printed a status, location or body of another type")
    if status not in range(100, 600) or not is_address(location):
        raise _command_failed("printed a status that no answer has, or a location that is no address")
    return Answer(302 if location and "status" not in told else status, {}, body.encode(), location)


def is_address(location: str) -> bool:
    """Whether a browser could have been sent there; or nowhere."""
    try:
        return not location or bool(urlsplit(location).scheme)
    except ValueError:
        return False


def _command_failed(how: str) -> LoginFailed:
    return LoginFailed(f"the command {how}", blamed="login.command")
