"""How many bytes a kind takes: of all memory in use, and by the key."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from tests.effort import EFFORT
from tests.world import World

from .kinds import KINDS, making_of
from .nodes import Nodes

# Tables double, so that a sixteenth or a quarter of a number fills them just as well.
MANY = 625 if EFFORT < 4 else 2_500 if EFFORT < 16 else 10_000
FEW = 25
SAMPLED = 200  # keys of each letter


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes and keys for each one made, and bytes of a key by its letter."""

    keys: float
    memory: float
    records: dict[str, float]


async def measure(world: World, nodes: Nodes, name: str) -> Measured:
    """Makes many of a kind in a store that holds nothing but configuration, and leaves them there."""
    kind = KINDS[name]
    making = await making_of(world, nodes, kind)
    await kind.make(making, FEW)  # from here on the scripts are known
    nodes.empty()
    keys, memory = nodes.keys, await nodes.lonely_memory()
    await kind.make(making, MANY)
    grown = await nodes.lonely_memory() - memory
    return Measured((nodes.keys - keys) / MANY, grown / MANY, _records(nodes))


def _records(nodes: Nodes) -> dict[str, float]:
    found: dict[str, list[int]] = defaultdict(list)
    for key, size in nodes.sizes():
        letter = key[key.index(b"}") + 1 :][:1].decode()
        if len(found[letter]) < SAMPLED:
            found[letter].append(size)
    return {letter: sum(sizes) / len(sizes) for letter, sizes in found.items()}
