"""From a URL to a link: one node, Sentinel or Cluster is a way to connect, never a second implementation.

``redis://[user:password@]host:port/db`` (``rediss`` with TLS, ``unix:///path``), ``redis+sentinel://host:port,…/name/db``,
``redis+cluster://host:port,…``; ``valkey`` may stand for ``redis`` everywhere. User and password are the master's;
Sentinels are asked without any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, parse_url
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import RedisError

from .cluster import Address, ClusterLink
from .links import Link, SingleLink

CONNECT_TIMEOUT = 2.0  # seconds
SENTINEL_TIMEOUT = 0.5  # seconds; short, because the next one may know


class UrlError(Exception):
    """The store's URL cannot be understood; the text says why."""


def connect(url: str, timeout: float, min_replicas: int = 0) -> Link:
    """The link for a URL. Nothing is sent yet.

    :param timeout: seconds for one exchange with a node.
    :param min_replicas: how many replicas must have a write before it is told.
    :raises UrlError: the URL is malformed or of an unknown scheme.
    """
    scheme, rest = _scheme(url)
    tls = scheme.startswith("rediss")
    kind = scheme.partition("+")[2]
    try:
        if kind == "cluster":
            return _cluster(rest, timeout, min_replicas, tls=tls)
        if kind == "sentinel":
            return _sentinel(rest, timeout, min_replicas, tls=tls)
        return _single(f"{scheme}://{rest}", timeout, min_replicas)
    except ValueError as error:
        raise UrlError(f"the store's URL is malformed: {error}") from None


def _scheme(url: str) -> tuple[str, str]:
    scheme, separator, rest = url.partition("://")
    scheme = scheme.replace("valkeys", "rediss").replace("valkey", "redis")
    known = {"redis", "rediss", "unix", "redis+cluster", "rediss+cluster", "redis+sentinel", "rediss+sentinel"}
    if not separator or scheme not in known:
        raise UrlError(
            "the store's URL begins with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://"
        )
    return scheme, rest


def _make(cls: type[AbstractConnection], **options: Any) -> AbstractConnection:
    """A redis-py connection as the channel wants it: bytes out, and no time limit of its own per read."""
    options.update(protocol=2, socket_timeout=None, socket_connect_timeout=CONNECT_TIMEOUT, driver_info=None)
    return cls(**options)


def _single(url: str, timeout: float, min_replicas: int) -> SingleLink:
    options = cast(dict[str, Any], parse_url(url))
    path = urlsplit(url).path.strip("/")
    if url.startswith("unix:"):
        if not path:
            raise ValueError("no path")
    elif path:
        options["db"] = int(path)  # redis-py takes 0 for what is no number
    cls = options.pop("connection_class", Connection)

    async def open_connection() -> AbstractConnection:
        connection = _make(cls, **options)
        await connection.connect()  # type: ignore[no-untyped-call]
        return connection

    return SingleLink(open_connection, timeout, min_replicas)


def _addresses(rest: str) -> tuple[list[Address], dict[str, Any], str]:
    """Hosts, credentials, and the path behind a list of hosts."""
    hosts, _, path = rest.partition("/")
    options: dict[str, Any] = {}
    if "@" in hosts:
        credentials, _, hosts = hosts.rpartition("@")
        user, _, password = credentials.partition(":")
        options = {"username": unquote(user) or None, "password": unquote(password) or None}
    parts = [urlsplit(f"//{host}") for host in hosts.split(",") if host]
    if not parts or any(part.hostname is None for part in parts):
        raise ValueError("no host")
    return [(str(part.hostname), part.port or 6379) for part in parts], options, path


def _opener(options: dict[str, Any], *, tls: bool) -> Callable[[Address], Awaitable[AbstractConnection]]:
    cls = SSLConnection if tls else Connection

    async def open_connection(address: Address) -> AbstractConnection:
        connection = _make(cls, host=address[0], port=address[1], **options)
        await connection.connect()  # type: ignore[no-untyped-call]
        return connection

    return open_connection


def _cluster(rest: str, timeout: float, min_replicas: int, *, tls: bool) -> ClusterLink:
    addresses, options, path = _addresses(rest)
    if path:
        raise ValueError("a cluster has no database numbers")
    return ClusterLink(addresses, _opener(options, tls=tls), timeout, min_replicas)


def _sentinel(rest: str, timeout: float, min_replicas: int, *, tls: bool) -> SingleLink:
    addresses, options, path = _addresses(rest)
    name, _, db = path.partition("/")
    if not name:
        raise ValueError("the name of the master is missing behind the Sentinel hosts")
    open_sentinel, open_at = _opener({}, tls=tls), _opener({**options, "db": int(db or 0)}, tls=tls)

    async def open_connection() -> AbstractConnection:
        return await open_at(await _master(name, addresses, open_sentinel))

    return SingleLink(open_connection, timeout, min_replicas)


async def _master(
    name: str, sentinels: Sequence[Address], open_sentinel: Callable[[Address], Awaitable[AbstractConnection]]
) -> Address:
    """Where the master is, by the first Sentinel that answers and knows it."""
    for address in sentinels:
        try:
            async with asyncio.timeout(SENTINEL_TIMEOUT):
                connection = await open_sentinel(address)
                try:
                    await connection.send_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)
                    found = await connection.read_response()
                finally:
                    await connection.disconnect(nowait=True)
        except (RedisError, OSError):
            continue
        if found:
            return found[0].decode(), int(found[1])
    raise LostError(f"no Sentinel knows a master called {name}")
