"""The provider as a process: its sockets, its log, its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from mashery_oauth import ports
from mashery_oauth.provider.backend import backend_of
from mashery_oauth.provider.serving import bind, provider, serve
from mashery_oauth.provider.tables import ConfigurationError
from mashery_oauth.provider.users import hash_password
from tests.world import World

from .scene import configured, entry


async def until_served(session: ClientSession, url: str) -> str:
    """What the address says."""
    async with session.get(url) as response:
        return await response.text()


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


def app() -> web.Application:
    made = web.Application()
    made.router.add_get("/", hello)
    return made


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_who_comes_early_waits(host: str) -> None:
    if host == "::1" and not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    sock = bind(host, 0)
    url = f"http://{f'[{host}]' if ':' in host else host}:{sock.getsockname()[1]}/"

    async with ClientSession() as session:
        early = asyncio.ensure_future(until_served(session, url))
        await asyncio.sleep(0)
        serving = asyncio.ensure_future(serve({sock: app()}))
        said = await early
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(serving, 10)

    assert said == "hello"


async def test_serves_several_at_once_and_ends_with_its_parent() -> None:
    socks = [bind("127.0.0.1", 0) for _ in range(2)]
    reading, writing = os.pipe()

    async with ClientSession() as session:
        serving = asyncio.ensure_future(serve({sock: app() for sock in socks}, parent=reading))
        urls = [f"http://127.0.0.1:{sock.getsockname()[1]}/" for sock in socks]
        said = [await until_served(session, url) for url in urls]
        os.close(writing)
        await asyncio.wait_for(serving, 10)
    os.close(reading)

    assert said == ["hello", "hello"]
    for url in urls:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(url.split(":")[2].strip("/"))))


async def test_a_port_that_is_taken_cannot_be_had() -> None:
    with bind("127.0.0.1", 0) as taken, pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["\udcff", "a..b", "a" * 100, "127.0.0.1\0b"])
def test_a_host_of_no_possible_name_cannot_be_had(host: str) -> None:
    """Some ended the provider with a traceback."""
    with pytest.raises(OSError, match="no host can have such a name"):
        bind(host, 0)


def test_a_host_that_nobody_has_is_told_in_the_resolvers_words() -> None:
    """They were told as an unknown error."""
    with pytest.raises(OSError, match="known") as raised:
        bind("no-such-host.invalid", 0)

    told = ports.not_had("no-such-host.invalid", 0, raised.value, option="--port")
    assert told.startswith("port 0 on no-such-host.invalid cannot be had: ")
    assert "Unknown error" not in told


async def test_wants_a_file_of_users(one_world: World) -> None:
    configuration = configured(one_world, entry(await one_world.add_service("draft16")))

    with pytest.raises(ConfigurationError, match=r"^users: is missing$"):
        provider(configuration)


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_wants_certificates_that_can_be_used(one_world: World, tmp_path: Path, content: str | None) -> None:
    path, users = tmp_path / "ca.pem", tmp_path / "users.toml"
    users.write_text(f'[users.anna]\npassword = "{hash_password("secret")}"\n')
    if content is not None:
        path.write_text(content)
    configuration = configured(one_world, entry(await one_world.add_service("draft16")))
    place = replace(configuration.backend, ca=path)

    with pytest.raises(ConfigurationError, match=r"^backend\.ca: .*ca\.pem cannot be used"):
        provider(replace(configuration, users=users, backend=place))


async def test_wants_certificates_in_a_file_that_can_have_its_name(one_world: World) -> None:
    """A letter that no name of a file has ended the provider with a traceback."""
    configuration = configured(one_world, entry(await one_world.add_service("draft16")))
    place = replace(configuration.backend, ca=Path("a\0b"))

    with pytest.raises(ConfigurationError, match=r"^backend\.ca: 'a\\x00b' cannot be used"):
        backend_of(replace(configuration, backend=place))
