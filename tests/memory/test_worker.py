"""A worker remembers no more than it has bounds for, whatever it is asked about."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from mashery_oauth import metrics
from mashery_oauth.dialects import CLOUD
from mashery_oauth.models import Caller
from mashery_oauth.rpc.callers import REMEMBERED
from mashery_oauth.store.texts import random_letters
from tests.effort import tally, times
from tests.serving import BASIC, SERVICE, SITE, Running, running
from tests.world import World

from .soaks import LONG
from .strangers import STRANGERS, Target

FIRST = times(4_500)  # names, more than are remembered as unknown
THEN = times(1_000)
SPARE = 400  # objects that come and go by themselves
CALLERS = 100  # beyond those whose signatures are remembered
PER_PROCESS = 20_000  # names of each kind, before and after a process is measured
RSS_SPARE = 4 * 1024 * 1024  # bytes


def new_names(count: int) -> list[str]:
    return [random_letters(24) for _ in range(count)]


async def target_of(world: World) -> Target:
    service = await world.add_service()
    assert world.http.port is not None
    return Target(world.http.port, world.basic()["Authorization"], world.site.id, service.key)


def objects() -> int:
    """Blocks of memory that Python has given out."""
    gc.collect()
    return sys.getallocatedblocks()


@pytest.mark.parametrize("kind", STRANGERS)
async def test_unknown_names_leave_nothing_behind(one_world: World, kind: str) -> None:
    target, (ask, status) = await target_of(one_world), STRANGERS[kind]
    await target.send(ask(target, new_names(FIRST)))
    before, series = objects(), len(metrics.exposition().splitlines())

    answered = await target.send(ask(target, new_names(THEN)))

    assert answered == {status}
    assert objects() - before < SPARE
    assert len(metrics.exposition().splitlines()) == series
    tally(f"unknown {kind} that a worker did not remember", FIRST + THEN)


async def calls_signed_by(world: World, count: int) -> None:
    """New callers, each of whom calls once with a signature, and is deleted then."""
    target, made = await target_of(world), []
    for _ in range(count):
        apikey = random_letters(24)
        secret = world.store.ring.seal(world.apikey_secret.encode(), f"caller:{apikey}")
        made.append(Caller(apikey, world.site.id, "provider", secret=secret))
    await world.write(*made)
    body = orjson.dumps({"jsonrpc": "2.0", "method": "test.hello", "id": 1})
    signed = [target.post(body, replace(world, caller=caller).url(CLOUD)) for caller in made]
    assert await target.send(signed) == {200}
    await world.write(deletes=made)


async def test_callers_who_have_gone_leave_nothing_behind(one_world: World) -> None:
    """A caller's signatures were kept for as long as the process ran: 86 kB for each apikey there had ever been."""
    await calls_signed_by(one_world, REMEMBERED)
    before = objects()

    await calls_signed_by(one_world, CALLERS)

    assert objects() - before < SPARE
    tally("callers who came and went", REMEMBERED + CALLERS)


def rss(service: Running) -> int:
    """Bytes of memory that the process has of the machine."""
    pages = int(Path(f"/proc/{service.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not LONG, reason="takes minutes; runs with an effort of 20")
async def test_a_process_does_not_grow(tmp_path: Path) -> None:
    with running(tmp_path / "data") as service:
        target = Target(service.port, BASIC["Authorization"], SITE.id, SERVICE)
        for ask, _ in STRANGERS.values():
            await target.send(ask(target, new_names(PER_PROCESS)))
        before = rss(service)

        for ask, _ in STRANGERS.values():
            await target.send(ask(target, new_names(PER_PROCESS)))

        assert rss(service) - before < RSS_SPARE
    tally("unknown names by which a process did not grow", 2 * len(STRANGERS) * PER_PROCESS)
