"""What docs/memory.rst says of bytes is so, on Valkey and on Redis."""

from __future__ import annotations

import asyncio
import re
import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from mashery_oauth.rpc import callers
from mashery_oauth.store import configuration
from tests.effort import tally
from tests.servers import single_node
from tests.tools import tool

from .kinds import KINDS, RECORDS
from .measuring import MANY, Measured, measure
from .own import own_world

PAGE = Path(__file__).parents[2] / "docs" / "memory.rst"
SERVERS = ("Valkey", "Redis")
REDIS = shutil.which("redis-server")
TOLERANCE = 0.1
TOP = 4  # bytes by which anything may differ: a name one letter longer
ROW = re.compile(r'^   "(?P<name>[^"]+)"(?P<numbers>(?:, *[\d,.]+)+)$', re.MULTILINE)

Found = dict[str, dict[str, Measured]]


def rows(title: str) -> dict[str, list[float]]:
    """The numbers of a table of the page, by the words of their row."""
    table = PAGE.read_text().partition(f".. csv-table:: {title}\n")[2].partition(".. csv-table::")[0]
    return {row["name"]: [float(number) for number in row["numbers"].split(",")[1:]] for row in ROW.finditer(table)}


COSTS, SIZES, REMEMBERED = rows("What one takes"), rows("What a key takes"), rows("What is remembered")


@pytest.fixture(scope="module")
def found() -> Found:
    """Everything measured; without Redis where there is none."""
    with ExitStack() as stack:
        servers = [single_node(), *([single_node(REDIS)] if REDIS else [])]
        urls = [stack.enter_context(server) for server in servers]

        async def run() -> list[dict[str, Measured]]:
            return list(await asyncio.gather(*map(_all_kinds, urls)))

        measured = asyncio.run(run())
    tally("things whose bytes were measured", len(KINDS) * MANY * len(measured))
    return dict(zip(SERVERS, measured, strict=False))


async def _all_kinds(url: str) -> dict[str, Measured]:
    async with own_world(url) as (world, nodes):
        return {name: await measure(world, nodes, name) for name in KINDS}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, found: Found) -> str:
    """Each server that was measured."""
    if request.param not in found:
        tool("redis-server")
    return str(request.param)


def near(said: float, is_so: float) -> bool:
    return abs(said - is_so) <= max(TOLERANCE * said, TOP)


def test_the_page_has_every_kind_and_every_key() -> None:
    assert list(COSTS) == list(KINDS)
    assert list(SIZES) == list(RECORDS)


def test_the_page_has_the_bounds_of_a_worker() -> None:
    assert list(REMEMBERED.values()) == [[configuration.KEPT], [configuration.MISSED], *[[callers.REMEMBERED]] * 2]


@pytest.mark.parametrize("name", KINDS)
def test_one_takes_what_the_page_says(server: str, found: Found, name: str) -> None:
    keys, *costs = COSTS[name]
    is_so = found[server][name]

    assert near(costs[SERVERS.index(server)], is_so.memory), is_so
    assert abs(keys - is_so.keys) < 0.01


@pytest.mark.parametrize("name", RECORDS)
def test_a_key_takes_what_the_page_says(server: str, found: Found, name: str) -> None:
    kind, letter = RECORDS[name]
    is_so = found[server][kind].records[letter]

    assert near(SIZES[name][SERVERS.index(server)], is_so), is_so
