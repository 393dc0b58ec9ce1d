"""An operator in a process of its own: changes a service, its client or their site as each line of input says.

``python -m tests.attacks.operating URL SERVICE_KEY CLIENT_ID``; a line is ``allow FLOW``, ``forbid FLOW``, or ``mark``
and what is marked, so that whatever it issued before is dead. Each is answered by two readings of the clock that all
processes of a machine share: before it was begun, and when it was acknowledged.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace

from mashery_oauth.models import Application, Service, Site
from mashery_oauth.operations import services
from mashery_oauth.store import Store, open_store
from tests.conftest import KEYS


async def mark(store: Store, record: Service | Application | Site) -> None:
    """Writes a record so that what was issued under an older version of the configuration is dead."""
    base = store.configuration.version
    await store.configuration.write(base, [replace(record, revoked_before=base + 1)])


async def carry_out(store: Store, service_key: str, client_id: str, word: str, what: str) -> None:
    """One line of input."""
    if word == "allow":
        await services.allow(store, service_key, what)
    elif word == "forbid":
        await services.forbid(store, service_key, what)
    else:
        await store.configuration.fresh()
        service = await store.configuration.service(service_key)
        assert service is not None
        client = await store.configuration.application(client_id)
        site = await store.configuration.site(service.site_id)
        assert client is not None
        assert site is not None
        records: dict[str, Service | Application | Site] = {"service": service, "application": client, "site": site}
        await mark(store, records[what])


async def main(url: str, service_key: str, client_id: str) -> None:
    """Until there is no more input."""
    store = await open_store(url, KEYS, timeout=5, max_config_age=0.001)
    for line in iter(sys.stdin.readline, ""):  # nothing else goes on here that waiting for a line could hold up
        asked = time.monotonic()
        await carry_out(store, service_key, client_id, *line.split())
        print(asked, time.monotonic(), flush=True)  # noqa: T201  for the test
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
