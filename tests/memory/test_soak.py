"""After everything has ended a store holds its configuration and nothing else, and nobody had to clean up."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import ExitStack

import pytest

from tests.effort import tally
from tests.servers import single_node, three_masters
from tests.tools import tool

from .soaks import LIFE, MOST_TOKENS, TOKENS, Soak, soak

REDIS = shutil.which("redis-server")
KINDS = ("valkey", "cluster", "redis")
TOLERANCE = 16_384  # bytes of a server, however many tokens there were
USED_CODE = 600  # seconds that a used code stays
LARGEST = 16_384  # bytes of a user's list or marks, for users who come again and again
ONLY_LIVE = frozenset({"get", "dbsize", "info", "slowlog|reset", "memory|purge", "config|resetstat"})
CLEANING = frozenset({"keys", "scan", "hscan", "sscan", "zscan", "sort", "randomkey", "unlink", "flushdb", "flushall"})

# Every step of the traffic, and what it must have come to at least once.
SEEN = {
    ("code", "ok"),
    ("unused code", "ok"),
    ("nobody's code", "ok"),
    ("redeem", "ok"),
    ("password", "ok"),
    ("implicit", "ok"),
    ("client_credentials", "ok"),
    ("client_credentials", "Token limit reached"),
    ("implicit", "Token limit reached"),
    ("refresh", "ok"),
    ("retry", "ok"),
    ("next refresh", "ok"),
    ("reuse", "Invalid refresh token"),
    ("replay", "Invalid authorization code"),
    ("prolong", "ok"),
    ("move", "ok"),
    ("fail", "Invalid client credentials"),
    ("fail", "Invalid authorization code"),
    ("fail", "Invalid refresh token"),
    ("list", "ok"),
    ("fetch", "ok"),
    ("revoke", "ok"),
    ("revoke user", "ok"),
    ("throttled", "200"),
    ("throttled", "429"),
}


@pytest.fixture(scope="module")
def soaks() -> dict[str, Soak]:
    """All at once, as most of their time is waiting; without Redis where there is none."""
    with ExitStack() as stack:
        servers = [single_node(), three_masters(), *([single_node(REDIS)] if REDIS else [])]
        urls = [stack.enter_context(server) for server in servers]

        async def run() -> list[Soak]:
            many = [MOST_TOKENS, TOKENS, TOKENS]
            return list(await asyncio.gather(*map(soak, urls, many)))

        found = dict(zip(KINDS, asyncio.run(run()), strict=False))
    tally("tokens made that left nothing behind", sum(one.made for one in found.values()))
    for kind, one in found.items():
        tally(f"bytes at most in a soak of {kind}", one.memory_at_most)
        tally(f"keys at most in a soak of {kind}", one.keys_at_most)
    return found


@pytest.fixture(params=KINDS)
def soaked(request: pytest.FixtureRequest, soaks: dict[str, Soak]) -> Soak:
    """The soak of one store."""
    if request.param not in soaks:
        tool("redis-server")
    return soaks[request.param]


def test_everything_happened(soaked: Soak) -> None:
    assert soaked.made >= TOKENS
    assert SEEN - set(soaked.outcomes) == set()


def test_every_key_goes_but_the_configuration(soaked: Soak) -> None:
    assert soaked.left == {}
    assert soaked.keys_after == soaked.keys_before
    assert soaked.keys_at_most > 20 * soaked.keys_before


def test_memory_comes_back(soaked: Soak) -> None:
    tolerance = TOLERANCE * soaked.servers

    assert soaked.memory_at_most - soaked.memory_before > 5 * tolerance
    assert soaked.memory_after - soaked.memory_before < tolerance


def test_every_key_has_an_end_that_its_policy_gives(soaked: Soak) -> None:
    short = {key: left for key, left in soaked.lives.items() if not key.startswith(b"c", key.index(b"}") + 1)}

    assert len(short) > 100
    assert [key for key, left in soaked.lives.items() if not 0 <= left <= USED_CODE * 1000] == []
    assert [key for key, left in short.items() if left > 4 * LIFE * 1000] == []


def test_who_comes_again_and_again_takes_no_more_room(soaked: Soak) -> None:
    assert soaked.largest < LARGEST


def test_nobody_goes_through_the_keys(soaked: Soak) -> None:
    assert CLEANING & set(soaked.busy) == set()
    assert 0 < soaked.busy["del"] <= soaked.outcomes["revoke", "ok"] + soaked.outcomes["revoke user", "ok"]


def test_nothing_but_the_version_is_read_while_everything_ends(soaked: Soak) -> None:
    assert soaked.idle["get"] > 0
    assert set(soaked.idle) - ONLY_LIVE == set()
