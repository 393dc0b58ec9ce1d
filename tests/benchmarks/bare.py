"""The yardstick: aiohttp on uvloop, one route, the body read, a fixed answer of the same size."""

from __future__ import annotations

import asyncio
import socket
import sys

import uvloop
from aiohttp import web

ANSWER = (
    b'{"jsonrpc":"2.0","id":1,"result":{"client_id":"0123456789abcdefghijklmn","token_type":"bearer",'
    b'"grant_type":"client_credentials","expires":"2026-01-01T00:00:00Z","scope":null,"user_context":null,'
    b'"extended":null}}'
)


async def handle(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(body=ANSWER, content_type="application/json")


async def main() -> None:
    app = web.Application()
    app.router.add_post("/v3/json-rpc", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    sock = socket.create_server(("127.0.0.1", 0), backlog=1024)
    await web.SockSite(runner, sock).start()
    print(sock.getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
