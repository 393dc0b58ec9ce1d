"""Names that nobody knows, a different one each time: what whoever likes can make a worker look up."""

from __future__ import annotations

import asyncio
import base64
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tests.rpc.test_callers import basic

AT_ONCE = 100  # calls in one batch, or requests on their way over one connection


@dataclass(frozen=True, slots=True)
class Target:
    """A service that listens, and a caller whom it knows."""

    port: int
    authorization: str
    site_id: int
    service_key: str

    async def send(self, requests: Iterable[bytes]) -> set[int]:
        """Sends requests over one connection and reads as many answers; the statuses that they had.

        The client of the other tests will not do: it remembers every answer.
        """
        statuses = set()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for some in _parts(list(requests)):
                writer.write(b"".join(some))
                for _ in some:
                    head = await reader.readuntil(b"\r\n\r\n")
                    statuses.add(int(head.split(maxsplit=2)[1]))
                    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
                    await reader.readexactly(int(length))
        finally:
            writer.close()
            await writer.wait_closed()
        return statuses

    def post(self, body: bytes, path: str = "/v3/json-rpc", authorization: str | None = None) -> bytes:
        """One request, from the known caller unless another header is given."""
        given = self.authorization if authorization is None else authorization
        head = f"POST {path} HTTP/1.1\r\nHost: test\r\nAuthorization: {given}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def batched(self, calls: Iterable[tuple[str, Any]]) -> Iterator[bytes]:
        """Calls of the known caller, many in one request."""
        for some in _parts(list(calls)):
            batch = [{"jsonrpc": "2.0", "method": name, "params": params, "id": 1} for name, params in some]
            yield self.post(orjson.dumps(batch))


def _parts(whole: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (whole[at : at + AT_ONCE] for at in range(0, len(whole), AT_ONCE))


def _token(target: Target, client: str, **data: str) -> tuple[str, Any]:
    identity = {"client_id": client, "client_secret": "secret"}
    params = {"service_key": target.service_key, "client": identity, "token_data": data}
    return "oauth2.createAccessToken", params


def _clients(target: Target, names: list[str]) -> Iterator[bytes]:
    return target.batched(_token(target, name, grant_type="client_credentials") for name in names)


def _services(target: Target, names: list[str]) -> Iterator[bytes]:
    return target.batched(("oauth2.fetchAccessToken", [name, "token"]) for name in names)


def _tokens(target: Target, names: list[str]) -> Iterator[bytes]:
    return target.batched(("oauth2.fetchAccessToken", [target.service_key, name]) for name in names)


def _users(target: Target, names: list[str]) -> Iterator[bytes]:
    return target.batched(("oauth2.fetchUserApplications", [target.service_key, name]) for name in names)


def _methods(target: Target, names: list[str]) -> Iterator[bytes]:
    return target.batched((name, []) for name in names)


def _echoes(target: Target, names: list[str]) -> Iterator[bytes]:
    return target.batched(("test.echo", {name: name}) for name in names)


def _callers(target: Target, names: list[str]) -> Iterator[bytes]:
    sig = "0" * 32
    return (target.post(b"{}", f"/v2/json-rpc/{target.site_id}?apikey={name}&sig={sig}") for name in names)


def _user_names(target: Target, names: list[str]) -> Iterator[bytes]:
    return (target.post(b"{}", authorization=basic(f"{name}:password")) for name in names)


def _passwords(target: Target, names: list[str]) -> Iterator[bytes]:
    user = base64.b64decode(target.authorization.partition(" ")[2]).decode().partition(":")[0]
    return (target.post(b"{}", authorization=basic(f"{user}:{name}")) for name in names)


def _spellings(target: Target, names: list[str]) -> Iterator[bytes]:
    """The right header in 32,000 spellings: large and small letters, and space."""
    scheme, _, credentials = target.authorization.partition(" ")
    for _ in names:
        spelled = "".join(random.choice((letter.lower(), letter.upper())) for letter in scheme)
        yield target.post(b"[]", authorization=f"{spelled}{' ' * random.randint(1, 1000)}{credentials}")


def _sites(target: Target, names: list[str]) -> Iterator[bytes]:
    return (target.post(b"{}", f"/v2/json-rpc/{int(name[:7], 36) % 10**9}") for name in names)


def _paths(target: Target, names: list[str]) -> Iterator[bytes]:
    return (target.post(b"{}", f"/v3/{name}") for name in names)


Ask = Callable[[Target, list[str]], Iterator[bytes]]

# How the service is asked, and the status of every answer.
STRANGERS: dict[str, tuple[Ask, int]] = {
    "clients": (_clients, 200),
    "services": (_services, 200),
    "tokens": (_tokens, 200),
    "users": (_users, 200),
    "methods": (_methods, 200),
    "echoes": (_echoes, 200),
    "apikeys": (_callers, 403),
    "user names": (_user_names, 401),
    "passwords": (_passwords, 401),
    "spellings of a header": (_spellings, 200),
    "sites": (_sites, 403),
    "paths": (_paths, 404),
}
