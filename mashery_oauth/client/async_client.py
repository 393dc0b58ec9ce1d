"""The client for asyncio, on aiohttp."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Coroutine, Sequence
from ssl import SSLContext
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar
from weakref import WeakSet

import aiohttp
from yarl import URL

from . import calls, endings
from .answers import Reply
from .calls import Call
from .credentials import Credentials
from .errors import BackendError
from .exchange import LARGEST, Conversation, Exchange, Heard, Patience, Request

P = ParamSpec("P")
T = TypeVar("T")

_LARGE = 64 * 1024  # bytes of a body from which on it is sent in pieces, so that the loop is not held up


def _sent(make: Callable[P, Call[T]]) -> Callable[Concatenate[AsyncClient, P], Coroutine[Any, Any, T]]:
    """A method that makes a call and sends it."""

    async def method(self: AsyncClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.send(make(*args, **kwargs))

    return calls.named_like(make, method)


class AsyncClient:
    """Calls a backend from one event loop; its connections are kept and shared by all calls.

    A forked child makes its own.

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
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        _clients.add(self)

    def start_anew(self) -> None:
        """In a forked child, which has no running loop: the next call opens connections of its own.

        The old ones are kept: to close them, or to let them go, would take them from the parent's loop as well.
        """
        self._exchange.start_anew()
        if self._session is not None:
            _parents.append(self._session)
            self._session = None

    fetch_application = _sent(calls.fetch_application)
    create_authorization_code = _sent(calls.create_authorization_code)
    create_access_token = _sent(calls.create_access_token)
    fetch_access_token = _sent(calls.fetch_access_token)
    fetch_access_tokens = _sent(calls.fetch_access_tokens)
    fetch_user_applications = _sent(calls.fetch_user_applications)
    revoke_access_token = _sent(calls.revoke_access_token)
    revoke_user_application = _sent(calls.revoke_user_application)
    update_access_token = _sent(calls.update_access_token)

    async def send(self, call: Call[T]) -> T:
        """The result of a call.

        :raises BackendError: it has none.
        """
        return await self._hold(self._exchange.single(call))

    async def batch(self, several: Sequence[Call[T]]) -> list[T | BackendError]:
        """Sends several calls as one request: their results in their order, an exception in the place of a failure.

        :raises BackendError: the batch as a whole got no answer.
        """
        return await self._hold(self._exchange.batch(several)) if several else []

    async def close(self) -> None:
        """Closes the connections; the client cannot be used again."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _hold(self, conversation: Conversation[T]) -> T:
        step = next(conversation)
        while True:
            if step.pause:
                await asyncio.sleep(step.pause)
            heard = await self._heard(step.request(), step.limit)
            try:
                step = conversation.send(heard)
            except StopIteration as end:
                result: T = end.value
                return result

    async def _heard(self, request: Request, limit: float) -> Heard:
        """What comes back to one try; foreign exceptions end here, as they have the address in their texts."""
        try:
            async with asyncio.timeout(limit):
                return await self._post(request)
        except TimeoutError:
            return endings.no_answer_in_time()
        except aiohttp.ClientSSLError:
            return endings.no_trust()
        except aiohttp.ClientConnectorError:
            return endings.no_connection()
        except (aiohttp.ClientError, OSError):
            return endings.broken()

    async def _post(self, request: Request) -> Heard:
        url = URL(request.url, encoded=True)
        body = request.body if len(request.body) < _LARGE else io.BytesIO(request.body)
        posted = self._opened().post(url, data=body, headers=request.headers, allow_redirects=False)
        async with posted as response:
            answer = bytearray()
            async for piece in response.content.iter_any():
                answer += piece
                if len(answer) > self._largest:
                    response.close()
                    return endings.too_large(self._largest)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply(response.status, headers, bytes(answer))

    def _opened(self) -> aiohttp.ClientSession:
        if self._closed:
            raise RuntimeError("The client is closed.")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ssl=self._ssl or True),
                timeout=aiohttp.ClientTimeout(),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session


def _start_anew() -> None:
    for client in _clients:
        client.start_anew()


_clients: WeakSet[AsyncClient] = WeakSet()
_parents: list[aiohttp.ClientSession] = []
os.register_at_fork(after_in_child=_start_anew)
