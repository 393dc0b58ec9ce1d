"""A soak: much traffic on stores of its own, then all lifetimes pass; what was seen meanwhile and afterwards."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tests.effort import EFFORT, times

from .nodes import Nodes, reached, settled
from .own import own_world
from .traffic import Traffic, start

LONG = EFFORT >= 20  # a million tokens, and nothing is shortened
TOKENS = times(3_000)
MOST_TOKENS = times(50_000) if LONG else TOKENS  # on one node of Valkey
USERS = 100 if LONG else 20  # in one round
WARM = 400  # tokens, by which all scripts are known and all tables have begun
LIFE = 2  # seconds of an access token
PATIENCE = 900 if LONG else 60  # seconds that everything may take to end; a used code takes ten minutes


@dataclass(frozen=True, slots=True)
class Soak:
    """What was seen. Bytes are without the buffers of connections."""

    servers: int
    made: int
    outcomes: Counter[tuple[str, str]]
    busy: Counter[str]  # commands while tokens were made
    idle: Counter[str]  # commands while everything ended
    lives: dict[bytes, int]  # milliseconds to live of each key, when the last token had been made
    largest: int  # bytes of the largest of these keys
    keys_before: int
    keys_at_most: int
    keys_after: int
    left: dict[bytes, int]  # keys that outlived everything, with their milliseconds to live; -1 for ever
    memory_before: int
    memory_at_most: int
    memory_after: int


async def soak(url: str, tokens: int) -> Soak:
    """One soak of a store that nobody else uses."""
    async with own_world(url) as (world, nodes):
        return await _watched(nodes, await start(world, LIFE, USERS), tokens)


async def _watched(nodes: Nodes, traffic: Traffic, tokens: int) -> Soak:
    await _warm_up(nodes, traffic)
    keys, memory, made = nodes.keys, await settled(nodes), traffic.made
    sizes: list[tuple[int, int]] = []
    nodes.forget_commands()
    await traffic.until(tokens, lambda: sizes.append((nodes.keys, nodes.memory)))
    busy, lives, largest = nodes.commands(), dict(nodes.lives()), max(size for _, size in nodes.sizes())
    if not LONG:
        nodes.shorten("c")  # the product keeps used codes for ten minutes
    nodes.forget_commands()
    await reached(lambda: nodes.keys <= keys, PATIENCE)
    idle = nodes.commands()
    return Soak(
        servers=len(nodes),
        made=traffic.made - made,
        outcomes=traffic.outcomes,
        busy=busy,
        idle=idle,
        lives=lives,
        largest=largest,
        keys_before=keys,
        keys_at_most=max(keys for keys, _ in sizes),
        keys_after=nodes.keys,
        left=dict(nodes.lives()),
        memory_before=memory,
        memory_at_most=max(memory for _, memory in sizes),
        memory_after=await settled(nodes),
    )


async def _warm_up(nodes: Nodes, traffic: Traffic) -> None:
    """Leaves what was there before it, and what a store has once it was used."""
    before = nodes.keys
    await traffic.until(WARM)
    nodes.shorten()
    assert await reached(lambda: nodes.keys == before, PATIENCE)
