"""Each dialect in turn, and a real server to send bytes to that no HTTP client would send."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from mashery_oauth.dialects import DIALECTS, Dialect
from mashery_oauth.routes import application
from mashery_oauth.rpc.protocol import Runner
from mashery_oauth.settings import Settings
from mashery_oauth.store import Store, open_store
from tests.conftest import KEYS

PATIENCE = 10  # seconds


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    """Cloud, Local V2, Local V3."""
    found: Dialect = request.param
    return found


@dataclass(frozen=True, slots=True)
class Wire:
    """A server that listens on a port."""

    port: int
    store: Store

    async def send(self, *parts: bytes, until: bytes = b"") -> bytes:
        """Sends the parts one after the other, the second once ``until`` has come; all that comes back."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                return await _converse(reader, writer, parts, until)
            finally:
                writer.close()
                await writer.wait_closed()

    async def first_answer(self, sent: bytes) -> bytes:
        """Sends bytes and keeps the line open; the first answer."""
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write(sent)
                first = await reader.readuntil(b"\r\n\r\n")
                length = int(first.lower().partition(b"content-length: ")[2].split()[0])
                return first + await reader.readexactly(length)
            finally:
                writer.close()
                await writer.wait_closed()


async def _converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: tuple[bytes, ...], until: bytes
) -> bytes:
    heard = b""
    for part in parts:
        writer.write(part)
        await writer.drain()
        if until and until not in heard:
            heard += await reader.readuntil(until)
    return heard + await reader.read()


@pytest.fixture
async def wire(single_url: str) -> AsyncIterator[Wire]:
    """The service as it is run, on the store of ``one_world``."""
    store = await open_store(single_url, KEYS, timeout=5, max_config_age=1)
    runner = Runner(application(store, Settings()), shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield Wire(runner.addresses[0][1], store)
    await runner.cleanup()
    await store.close()
