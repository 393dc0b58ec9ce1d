"""The connections of the client for threads: urllib3's, with answers that end in time, whatever comes of them."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections import deque
from queue import Empty
from ssl import SSLContext
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _InTime(io.RawIOBase):
    """What comes through a socket until the time is up; a socket's own limit is for each piece that comes."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._sock, self._deadline = sock, deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """It is read only."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """What has come.

        :raises TimeoutError: the time is up.
        """
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Lets the socket go."""
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    """An answer for all of which the time is that its socket has when it begins: interim answers, trailers, all."""

    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        limit = sock.gettimeout()
        if limit is not None:
            self.fp.close()
            self.fp = io.BufferedReader(_InTime(sock, time.monotonic() + limit))


class _Timed(HTTPConnection):
    """A connection with such answers."""

    response_class = _Answer


class _TimedSecure(_Timed, HTTPSConnection):
    """The same with TLS."""


class _Idle:
    """The connections that nobody uses. It has no lock, which a fork could leave locked for ever."""

    def __init__(self, maxsize: int = 0) -> None:
        self._connections: deque[object] = deque(maxlen=maxsize or None)

    def put(self, item: object, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001, FBT002
        """Adds one; there are never too many, as the client lets no more be used at once."""
        self._connections.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> object:  # noqa: FBT001, FBT002
        """The one that was used last.

        :raises Empty: there is none.
        """
        try:
            return self._connections.pop()
        except IndexError:
            raise Empty from None

    def qsize(self) -> int:
        """How many there are."""
        return len(self._connections)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Timed
    QueueCls = _Idle  # type: ignore[assignment]  # no queue, but it has what urllib3 uses of one


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TimedSecure
    QueueCls = _Idle  # type: ignore[assignment]  # as above


def pool_of(connections: int, ssl: SSLContext | None) -> urllib3.PoolManager:
    """Connections that are kept, at most so many."""
    manager = urllib3.PoolManager(num_pools=1, maxsize=connections, ssl_context=ssl)
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return manager
