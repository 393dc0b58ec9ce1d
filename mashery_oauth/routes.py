"""One aiohttp application over one open store: the JSON-RPC door, and what watches over a process."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator

import orjson
from aiohttp import web

from . import metrics
from .opening import Place
from .rpc.door import LARGEST, add_routes
from .settings import Settings, guess_limit
from .store import Store, health, open_store

STORE = web.AppKey("store", Store)


async def open_place(place: Place, settings: Settings) -> Store:
    """The store at a place, with the service's bounds."""
    return await open_store(
        place.url,
        place.keys,
        timeout=settings.store_timeout,
        max_config_age=settings.max_config_age,
        guesses=guess_limit(settings.guesses),
        min_replicas=settings.min_replicas,
    )


def application(store: Store, settings: Settings) -> web.Application:
    """All routes over an open store."""
    app = web.Application(client_max_size=LARGEST)
    app[STORE] = store
    add_routes(app, store, settings.batch_limit)
    app.router.add_get("/healthz", _healthz)
    app.router.add_get("/readyz", _readyz)
    app.router.add_get("/metrics", _metrics)
    app.cleanup_ctx.append(_configured)
    return app


async def _configured(app: web.Application) -> AsyncIterator[None]:
    app[STORE].configuration.start()
    yield


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(body=b'{"status":"ok"}', content_type="application/json")


async def _readyz(request: web.Request) -> web.Response:
    checks = await health.checks(request.app[STORE])
    ready = all(check["ok"] for check in checks.values())
    body = orjson.dumps({"status": "ready" if ready else "not ready", "checks": checks})
    return web.Response(status=200 if ready else 503, body=body, content_type="application/json")


async def _metrics(_: web.Request) -> web.Response:
    return web.Response(body=metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})


def settle() -> None:
    """What start-up made is there to stay: the collector need not look at it again (it doubled the slowest calls)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
