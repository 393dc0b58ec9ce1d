"""The sample client, in front of a provider of its own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from tests.provider.visiting import Stage, new_stage
from tests.world import SECRET, World

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

OpenSample = Callable[..., Any]
sys.path.append(str(EXAMPLES))


async def samples(world: World, port: Callable[[], int]) -> AsyncIterator[OpenSample]:
    """What starts a provider and a sample client that is registered with it; they end with the test."""
    create_app = import_module("sample_client").create_app
    begun: list[Stage | TestServer] = []

    async def opened(preset: str = "mashery", **options: Any) -> tuple[Stage, str]:
        client = {"native": True, "redirect_uris": ("http://127.0.0.1/callback",), "name": "Payment Planner"}
        stage = await new_stage(world, port(), preset, **({"client": client} | options))
        origin = f"http://127.0.0.1:{port()}"
        sample = TestServer(create_app(demo_of(stage), origin), host="127.0.0.1", port=int(origin.rpartition(":")[2]))
        begun.extend((stage, sample))
        await sample.start_server()
        return stage, origin

    yield opened
    for each in reversed(begun):
        await each.close()


@pytest.fixture
async def open_sample(one_world: World, unused_tcp_port_factory: Callable[[], int]) -> AsyncIterator[OpenSample]:
    """Starts a provider and a sample client."""
    async for opened in samples(one_world, unused_tcp_port_factory):
        yield opened


def demo_of(stage: Stage) -> dict[str, Any]:
    """The part of the demo's file that the sample client reads."""
    registered = {
        "client_id": stage.application.client_id,
        "client_secret": SECRET,
        "redirect_uris": stage.application.redirect_uris,
        "services": ["payments"],
    }
    return {"urls": {"provider": stage.issuer}, "applications": {"sample-client": registered}}
