"""The client for threads, on urllib3."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Sequence
from ssl import SSLContext
from threading import BoundedSemaphore
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar
from weakref import WeakSet

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError
from urllib3.exceptions import TimeoutError as NoAnswerInTime

from . import calls, endings
from .answers import Reply
from .calls import Call
from .connections import pool_of
from .credentials import Credentials
from .errors import BackendError
from .exchange import LARGEST, SHORTEST, Conversation, Exchange, Heard, Patience, Request

P = ParamSpec("P")
T = TypeVar("T")

_PIECE = 64 * 1024  # bytes read at once


def _sent(make: Callable[P, Call[T]]) -> Callable[Concatenate[Client, P], T]:
    """A method that makes a call and sends it."""

    def method(self: Client, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.send(make(*args, **kwargs))

    return calls.named_like(make, method)


class Client:
    """Calls a backend from any number of threads, which share its connections; a forked child makes its own.

    :param url: where the backend is, without the path of the dialect.
    :param credentials: who calls, and so which dialect is spoken.
    :param timeout: seconds that a call may take, with all its tries.
    :param try_timeout: seconds that a try may take that another one may follow.
    :param retries: how many more tries there may be.
    :param connections: how many connections there may be at once.
    :param ssl: how the backend's certificate is verified, if not as the system does.
    :param largest_answer: bytes of an answer above which it is refused.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials,
        *,
        timeout: float = 5.0,
        try_timeout: float = 2.0,
        retries: int = 2,
        connections: int = 100,
        ssl: SSLContext | None = None,
        largest_answer: int = LARGEST,
    ) -> None:
        self._exchange = Exchange(url, credentials, Patience(timeout, try_timeout, retries))
        self._connections, self._ssl, self._largest = connections, ssl, largest_answer
        self._closed = False
        self._connect()
        _clients.add(self)

    fetch_application = _sent(calls.fetch_application)
    create_authorization_code = _sent(calls.create_authorization_code)
    create_access_token = _sent(calls.create_access_token)
    fetch_access_token = _sent(calls.fetch_access_token)
    fetch_access_tokens = _sent(calls.fetch_access_tokens)
    fetch_user_applications = _sent(calls.fetch_user_applications)
    revoke_access_token = _sent(calls.revoke_access_token)
    revoke_user_application = _sent(calls.revoke_user_application)
    update_access_token = _sent(calls.update_access_token)

    def _connect(self) -> None:
        self._pool = pool_of(self._connections, self._ssl)
        self._free = BoundedSemaphore(self._connections)  # the pool's own bound would not count its wait

    def start_anew(self) -> None:
        """In a forked child: on the parent's connections each of the two would read the other's answers.

        The old ones go with their pool. That closes the child's copies and tells nobody, so the parent's work on.
        """
        self._exchange.start_anew()
        self._connect()

    def send(self, call: Call[T]) -> T:
        """The result of a call.

        :raises BackendError: it has none.
        """
        return self._hold(self._exchange.single(call))

    def batch(self, several: Sequence[Call[T]]) -> list[T | BackendError]:
        """Sends several calls as one request: their results in their order, an exception in the place of a failure.

        :raises BackendError: the batch as a whole got no answer.
        """
        return self._hold(self._exchange.batch(several)) if several else []

    def close(self) -> None:
        """Closes the connections; the client cannot be used again."""
        self._closed = True
        self._pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _hold(self, conversation: Conversation[T]) -> T:
        step = next(conversation)
        while True:
            if step.pause:
                time.sleep(step.pause)
            heard = self._heard(step.request(), step.limit)
            try:
                step = conversation.send(heard)
            except StopIteration as end:
                result: T = end.value
                return result

    def _heard(self, request: Request, limit: float) -> Heard:
        """What comes back to one try, which first waits for one of the connections to be free."""
        if self._closed:
            raise RuntimeError("The client is closed.")
        deadline = time.monotonic() + limit
        if not self._free.acquire(timeout=limit):
            return endings.no_connection_in_time()
        try:
            return self._tried(request, deadline)
        finally:
            self._free.release()

    def _tried(self, request: Request, deadline: float) -> Heard:
        """What comes back; foreign exceptions end here, as they have the address in their texts."""
        try:
            return self._post(request, deadline)
        except NewConnectionError:
            return endings.no_connection()
        except ConnectTimeoutError:
            return endings.no_connection_in_time()
        except (TimeoutError, NoAnswerInTime):
            return endings.no_answer_in_time()
        except SSLError:
            return endings.no_trust()
        except (HTTPError, OSError):
            return endings.broken()

    def _post(self, request: Request, deadline: float) -> Heard:
        response = self._pool.urlopen(
            "POST",
            request.url,
            body=request.body,
            headers=request.headers,
            redirect=False,
            retries=False,
            timeout=urllib3.Timeout(total=max(deadline - time.monotonic(), SHORTEST)),
            preload_content=False,
            decode_content=False,
        )
        try:
            body = self._read(response)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return endings.too_large(self._largest) if body is None else Reply(response.status, headers, body)
        except BaseException:
            response.close()  # what is left of the answer must not meet the next question
            raise
        finally:
            response.release_conn()

    def _read(self, response: urllib3.BaseHTTPResponse) -> bytes | None:
        """The body; ``None`` if it is too large."""
        body = bytearray()
        while piece := response.read1(_PIECE):
            body += piece
            if len(body) > self._largest:
                response.close()
                return None
        return bytes(body)


def _start_anew() -> None:
    for client in _clients:
        client.start_anew()


_clients: WeakSet[Client] = WeakSet()
os.register_at_fork(after_in_child=_start_anew)


def _without_signature(record: logging.LogRecord) -> bool:
    """Takes signatures out of what urllib3 logs at its most talkative: for minutes each is as good as a secret."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            re.sub(r"\bsig=\w+", "sig=...", each) if isinstance(each, str) else each for each in record.args
        )
    return True


for _name in ("urllib3.connectionpool", "urllib3.connection"):
    logging.getLogger(_name).addFilter(_without_signature)
