"""The tests' end of the socket by which the service is asked: numbered questions, and their answers.

A question may be left at any time by an exception: a time limit that works with a signal, Ctrl-C. Its answer comes
nevertheless, and must not be taken for the next question's.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from threading import Lock
from typing import Any

PATIENCE = 30.0  # seconds for any answer; the first one takes the start, which takes less than one
START = 0  # the number of what the service says unasked, when it has started
_PIECE = 64 * 1024  # bytes read at once


class Door:
    """Asked by any thread, one question after the other."""

    def __init__(self, ours: socket.socket) -> None:
        ours.settimeout(PATIENCE)
        self._socket, self._one = ours, Lock()
        self._numbers, self._received = count(START + 1), bytearray()
        self._is_sending = False

    def started(self) -> Any:
        """What the service says first; ``None`` if it says nothing."""
        return self._answer(START)

    def ask(self, question: Mapping[str, Any]) -> Any:
        """The answer; ``None`` if there is none."""
        with self._one:
            number = next(self._numbers)
            line = json.dumps({**question, "number": number}).encode() + b"\n"
            with suppress(OSError):  # what is wrong with the service is told by the answer that does not come
                self._send(line)
            return self._answer(number)

    def _send(self, line: bytes) -> None:
        """Sends a line, after the end of one of which only the beginning may have been sent."""
        whole = b"\n" + line if self._is_sending else line
        self._is_sending = True
        self._socket.sendall(whole)
        self._is_sending = False

    def _answer(self, number: int) -> Any:
        """The answer to a question; those to questions before it, which nobody waits for any more, are left out."""
        while line := self._line():
            with suppress(ValueError):  # what an exception has torn
                answer = json.loads(line)
                if answer["number"] == number:
                    return answer
        return None

    def _line(self) -> bytes:
        """The next line; nothing if none comes in time, or ever."""
        while b"\n" not in self._received:
            try:
                piece = self._socket.recv(_PIECE)
            except OSError:
                return b""
            if not piece:
                return b""
            self._received += piece
        line, _, self._received = self._received.partition(b"\n")
        return bytes(line) + b"\n"

    def block(self) -> None:
        """Puts something else in the place of this process's copy; to close it could wait for a thread."""
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123  nothing that a test may have patched
            os.dup2(nothing.fileno(), self._socket.fileno(), inheritable=False)

    def close(self) -> None:
        """Closes it, and every copy that was made behind Python's back."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
