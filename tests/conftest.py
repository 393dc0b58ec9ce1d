"""Real stores, one node and three masters, and a world on each."""

from __future__ import annotations

import secrets
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from pytest_aiohttp.plugin import AiohttpClient

from mashery_oauth import logs
from mashery_oauth.models import Caller, Site
from mashery_oauth.routes import application
from mashery_oauth.settings import Settings, guess_limit
from mashery_oauth.store import Store, open_store
from mashery_oauth.store.texts import random_letters

from . import effort
from .certificates import sign_itself
from .servers import single_node, three_masters
from .store.trouble import nodes
from .world import World

KEYS = (bytes(range(32)),)
TALLIES = "tallies"
structlog.configure(processors=[structlog.processors.JSONRenderer()])  # quick: many tests are refused much


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Empties the stores that all tests share before another folder's come: some go through all that there is.

    A test that served in this process has set up logs for good, which others could not listen to.
    """
    if structlog.get_config()["cache_logger_on_first_use"]:
        _listen_again()
    if _stores.folder != item.path.parent:
        _stores.folder = item.path.parent
        for node in [node for url in _stores.urls for node in nodes(url)]:
            node.flushall()
            node.close()


def _listen_again() -> None:
    structlog.reset_defaults()
    structlog.configure(processors=[structlog.processors.JSONRenderer()])
    logs.verbosity.calls = False
    for name, module in list(sys.modules.items()):
        if name.startswith("mashery_oauth") and hasattr(module, "_log"):
            vars(module._log).pop("bind", None)  # what it keeps from its first use on


def pytest_sessionfinish(session: pytest.Session) -> None:
    """One of several processes leaves its figures for the one that prints them."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output[TALLIES] = effort.tallies()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """And there they are added up; a process that has died has left none."""
    for what, count in getattr(node, "workeroutput", {}).get(TALLIES, {}).items():
        effort.tally(what, count)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells what the attacks, the model, the faults and the fuzzers have tried."""
    if lines := effort.summary():
        terminalreporter.section(f"tried, with an effort of {effort.EFFORT}")
        for line in lines:
            terminalreporter.line(line)


@dataclass
class Stores:
    """The stores that were started, and the folder whose tests use them now."""

    urls: list[str] = field(default_factory=list)
    folder: Path | None = None


_stores = Stores()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate that signs itself, and its key."""
    return sign_itself(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def terminal() -> Iterator[None]:
    """What is started hears of a closed terminal, even where the tests do not, as under ``nohup``."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture(scope="session")
def single_url() -> Iterator[str]:
    """A store of one node."""
    with single_node() as url:
        _stores.urls.append(url)
        yield url


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """A store of three masters."""
    with three_masters() as url:
        _stores.urls.append(url)
        yield url


@pytest.fixture(params=["single", "cluster"])
def store_url(request: pytest.FixtureRequest) -> str:
    """Either store: what uses this runs on both."""
    return str(request.getfixturevalue(f"{request.param}_url"))


async def opened(url: str) -> AsyncIterator[Store]:
    """A store for one test."""
    store = await open_store(url, KEYS, timeout=5, max_config_age=1, guesses=guess_limit(Settings().guesses))
    yield store
    await store.close()


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """A store, on one node and on a cluster."""
    async for made in opened(store_url):
        yield made


@pytest.fixture
async def single_store(single_url: str) -> AsyncIterator[Store]:
    """A store on one node, for what cannot depend on it."""
    async for made in opened(single_url):
        yield made


async def new_world(store: Store, aiohttp_client: AiohttpClient) -> World:
    """A site of its own, so that tests share a store without meeting in it."""
    site = Site(secrets.randbelow(2**31), "Test Site")
    apikey, secret, password = random_letters(24), random_letters(12), random_letters(16)
    caller = Caller(
        apikey=apikey,
        site_id=site.id,
        name="provider",
        secret=store.ring.seal(secret.encode(), f"caller:{apikey}"),
        user=f"user-{apikey}",
        password=store.ring.hash(password),
    )
    client: Any = await aiohttp_client(application(store, Settings()))
    world = World(store, client, site, caller, secret, password)
    await world.write(site, caller)
    return world


@pytest.fixture
async def world(store: Store, aiohttp_client: AiohttpClient) -> World:
    """A world on one node and on a cluster."""
    return await new_world(store, aiohttp_client)


@pytest.fixture
async def one_world(single_store: Store, aiohttp_client: AiohttpClient) -> World:
    """A world on one node, for what cannot depend on the store: envelopes, dialects, messages."""
    return await new_world(single_store, aiohttp_client)
