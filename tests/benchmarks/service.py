"""The service as an operator runs it, on a store that is there already; says where it is and whom it knows.

It says so when it answers: the line is what the benchmark waits for before it calls.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from dataclasses import replace

from mashery_oauth.app import serve
from mashery_oauth.models import Application, Caller, Service, Site
from mashery_oauth.presets import preset
from mashery_oauth.settings import read_settings
from mashery_oauth.store import Store
from mashery_oauth.store.texts import random_letters

from ..waiting import until

SECRET = "s" * 40
telling: list[asyncio.Task[None]] = []


async def seed(store: Store, port: int) -> None:
    """A site with what the load needs."""
    site = Site(100, "Bench")
    caller = Caller("a" * 24, site.id, "bench", user="bench", password=store.ring.hash("bench"))
    policy = replace(preset("mashery"), access_ttl=86_400)
    service = Service(random_letters(24), 1, site.id, "bench", policy)
    client = Application(1001, random_letters(24), site.id, "bench", (service.key,), secrets=(store.ring.hash(SECRET),))
    await store.configuration.write(0, [site, caller, service, client])
    known = {
        "port": port,
        "authorization": "Basic " + base64.b64encode(b"bench:bench").decode(),
        "service_key": service.key,
        "client": {"client_id": client.client_id, "client_secret": SECRET},
    }
    telling.append(asyncio.create_task(_tell(port, json.dumps(known))))


async def _tell(port: int, line: str) -> None:
    """The port is only bound until everything is prepared: who calls before it listens is refused."""

    async def listens() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    await until(listens)
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(serve(read_settings(), seed))
