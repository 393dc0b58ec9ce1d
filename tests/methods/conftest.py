"""Whom calls with a key are for."""

from __future__ import annotations

import pytest

from ..world import World
from .keyed import Scene


@pytest.fixture
async def scene(world: World) -> Scene:
    service = await world.add_service("draft16")
    return Scene(world, service, await world.add_application(service))
