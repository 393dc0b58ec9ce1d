"""Servers of others, started with the files beside this one: the values in these are samples, and are replaced."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from subprocess import DEVNULL, Popen

import httpx2
import pytest

from tests.cli.processes import free_port
from tests.tools import tool
from tests.waiting import PATIENCE, until

from ..scene import LETTERS, Scene

FILES = Path(__file__).parent
PAGE = "what is protected\n"
# What Apache needs besides.
APACHE = """
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/pid
ErrorLog {folder}/log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
DocumentRoot {folder}/pages
{shown}
"""
APACHE_MODULES = Path("/usr/lib/apache2/modules")
NGINX_MODULE = Path("/usr/lib/nginx/modules/ngx_http_js_module.so")
TRIES = 3
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")  # folders that only root could write to otherwise


@dataclass(frozen=True, slots=True)
class Gateway:
    """One that runs."""

    http: httpx2.AsyncClient

    async def get(self, authorization: str = "") -> httpx2.Response:
        """The page, if it is let through."""
        return await self.http.get("/page.txt", headers={"Authorization": authorization} if authorization else {})


Start = Callable[[Scene, Path], AbstractAsyncContextManager[Gateway]]


def shown(name: str, scene: Scene, **further: str) -> str:
    """A file as it is in the documentation, with what is true here in the place of its samples."""
    text = (FILES / name).read_text()
    samples = {
        "http://127.0.0.1:8084": scene.issuer,
        "client-of-gateway": scene.gateway.client_id,
        "secret-of-gateway": LETTERS,
        **further,
    }
    for sample, real in samples.items():
        assert sample in text
        text = text.replace(sample, real)
    return text


def module(path: Path) -> None:
    """Skips the test where a server's module is not installed; in CI it fails."""
    if not path.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{path.name} is not installed")


def prepare(folder: Path) -> None:
    """A folder with a page."""
    (folder / "pages").mkdir()
    (folder / "pages" / "page.txt").write_text(PAGE)


@asynccontextmanager
async def running(command: list[str], folder: Path) -> AsyncIterator[Popen[bytes]]:
    """A server that has written down its number, as it does once it listens; or one that has ended at once."""

    async def is_decided() -> bool:
        return (folder / "pid").exists() or process.poll() is not None

    process = Popen(  # noqa: ASYNC220  starting takes no time; that it is started is waited for below
        command, cwd=folder, stdin=DEVNULL, stdout=DEVNULL
    )
    try:
        await until(is_decided)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


@asynccontextmanager
async def nginx(scene: Scene, folder: Path) -> AsyncIterator[Gateway]:
    """nginx, on a socket in the folder."""
    binary = tool("nginx")
    module(NGINX_MODULE)
    prepare(folder)
    copy(FILES / "introspect.js", folder)
    http = "http {\n" + "".join(f"{name}_temp_path {name};\n" for name in TEMPORARY) + "access_log off;"
    text = shown("nginx.conf", scene, **{"127.0.0.1:8080": f"unix:{folder}/socket", "http {": http})
    (folder / "nginx.conf").write_text(text)
    options = "daemon off; master_process off; pid pid;"
    command = [binary, "-p", str(folder), "-c", "nginx.conf", "-e", "log", "-g", options]
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(running(command, folder))
        assert process.poll() is None, (folder / "log").read_text()
        transport = httpx2.AsyncHTTPTransport(uds=str(folder / "socket"))
        client = httpx2.AsyncClient(transport=transport, base_url="http://gateway")
        yield Gateway(await stack.enter_async_context(client))


@asynccontextmanager
async def apache(scene: Scene, folder: Path) -> AsyncIterator[Gateway]:
    """Apache, on a port; on another one, if somebody has taken it first."""
    binary = tool("apache2")
    module(APACHE_MODULES / "mod_oauth2.so")
    prepare(folder)
    sample = shown("apache.conf", scene)
    async with AsyncExitStack() as stack:
        for _ in range(TRIES):
            port = free_port()
            text = APACHE.format(folder=folder, port=port, modules=APACHE_MODULES, shown=sample)
            (folder / "apache.conf").write_text(text)
            command = [binary, "-f", str(folder / "apache.conf"), "-X"]
            process = await stack.enter_async_context(running(command, folder))
            if process.poll() is None:
                break
        assert process.poll() is None, (folder / "log").read_text()
        client = httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}")
        yield Gateway(await stack.enter_async_context(client))
