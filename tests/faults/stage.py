"""Workers of the service, each at the end of a line of its own to one store, and one at the store itself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from mashery_oauth.routes import application
from mashery_oauth.settings import Settings
from mashery_oauth.store import cluster, open_store
from tests.conftest import KEYS
from tests.store.test_cluster import port_of
from tests.store.trouble import nodes, teach
from tests.wire.conftest import world_at
from tests.world import Answer, World

from .injected import FOLLOWED, SENT_AGAIN
from .proxy import Delivery, Fault, Plan, proxy_to

MANY = 10_000  # a cluster's link sends again until its patience ends
SOON = 2.0  # seconds
LONG = 600.0  # seconds: nothing but calls goes to the store meanwhile


@dataclass(frozen=True, slots=True)
class Promise:
    """What a kind of link does about faults."""

    sent_again: frozenset[Fault]  # after which a command is sent again, and nobody notices
    deliveries: int  # of one command, at most
    seconds: float  # that a call takes, at most


@dataclass(frozen=True, slots=True)
class Lane:
    """``world`` is behind the line; ``maker`` is another worker of the same site, which no fault befalls.

    What must hold afterwards is asked of ``witness``, either of them.
    """

    world: World
    maker: World
    witness: World
    plan: Plan
    promise: Promise
    making: asyncio.Lock = field(default_factory=asyncio.Lock)  # the configuration has one writer at a time


@dataclass(frozen=True, slots=True)
class Trial:
    """How one call went."""

    answer: Answer
    took: float  # seconds
    delivered: Sequence[Delivery]

    @property
    def succeeded(self) -> bool:
        """Whether it was answered with a result."""
        return "result" in self.answer.json

    @property
    def result(self) -> Any:
        """The result."""
        return self.answer.result

    @property
    def writes(self) -> int:
        """How many commands that may change something were carried out."""
        return sum(delivery.writes for delivery in self.delivered)

    @property
    def most(self) -> int:
        """How often the command that arrived most often did so."""
        return max(Counter(delivery.command for delivery in self.delivered).values(), default=0)


@asynccontextmanager
async def world_behind(maker: World, url: str, patience: float, max_config_age: float = LONG) -> AsyncIterator[World]:
    """Another worker of the maker's site, at another URL of the same store."""
    own = await open_store(url, KEYS, timeout=patience, max_config_age=max_config_age)
    async with TestClient(TestServer(application(own, Settings()))) as client:
        world = replace(maker, store=own, http=client)
        assert (await world.call("test.hello")).result  # the caller is known from now on
        yield world
    await own.close()


@asynccontextmanager
async def lanes(url: str, count: int, patience: float, promised: float) -> AsyncIterator[list[Lane]]:
    """Workers at lines of their own to one node; those that lose their patience soon are no witnesses.

    :param promised: seconds that a call takes, at most.
    """
    async with AsyncExitStack() as stack:
        maker = await stack.enter_async_context(world_at(url, max_config_age=LONG))
        await teach(maker.store)
        made, making = [], asyncio.Lock()
        for _ in range(count):
            plan = Plan()
            proxy = await stack.enter_async_context(proxy_to(url, plan))
            world = await stack.enter_async_context(world_behind(maker, proxy.url, patience))
            witness = world if patience > SOON else maker
            made.append(Lane(world, maker, witness, plan, Promise(SENT_AGAIN, 2, promised), making))
        yield made


@asynccontextmanager
async def cluster_lane(url: str, patience: float) -> AsyncIterator[Lane]:
    """A worker that reaches each node of a cluster through a line: the nodes tell the lines' ports as their own."""
    async with AsyncExitStack() as stack:
        maker = await stack.enter_async_context(world_at(url, max_config_age=LONG))
        await teach(maker.store)
        plan, proxies = Plan(), []
        clients = nodes(url)
        for client in clients:
            proxy = await stack.enter_async_context(proxy_to(f"redis://127.0.0.1:{port_of(client)}", plan))
            client.config_set("cluster-announce-port", proxy.port)
            proxies.append(proxy)
        await _told(clients, {proxy.port for proxy in proxies})
        seeds = ",".join(f"127.0.0.1:{proxy.port}" for proxy in proxies)
        world = await stack.enter_async_context(world_behind(maker, f"redis+cluster://{seeds}", patience))
        yield Lane(world, maker, world, plan, Promise(FOLLOWED, MANY, cluster.PATIENCE))
        for client in clients:
            client.config_set("cluster-announce-port", 0)
            client.close()


async def _told(clients: Sequence[Any], ports: set[int]) -> None:
    deadline = time.monotonic() + 20
    while any(
        {int(master[1]) for _, _, master in client.execute_command("CLUSTER", "SLOTS")} != ports for client in clients
    ):
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(0.05)


Act = Callable[[World], Awaitable[Answer]]


async def tried(lane: Lane, act: Act, fault: Fault | None, at: int = 1, *, lasting: bool = False) -> Trial:
    """Makes a call while a fault befalls one of its commands; afterwards the line is sound again."""
    found = await held_up(lane, act, fault, at, lasting=lasting)
    await lane.plan.let_go()
    return replace(found, delivered=tuple(lane.plan.delivered))


async def held_up(lane: Lane, act: Act, fault: Fault | None, at: int = 1, *, lasting: bool = False) -> Trial:
    """The same, but what is late does not arrive before the plan lets it go."""
    lane.plan.arm(fault, at, lasting=lasting)
    started = time.monotonic()
    answer = await act(lane.world)
    took = time.monotonic() - started
    lane.plan.disarm()
    return Trial(answer, took, tuple(lane.plan.delivered))
