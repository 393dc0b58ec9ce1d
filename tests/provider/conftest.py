"""Providers to test: each in front of a world of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from tests.world import World

from .scene import Serve, provider_of
from .visiting import OpenStage, Stage, new_stage


@pytest.fixture
def serve(one_world: World, aiohttp_client: AiohttpClient) -> Serve:
    """Starts a provider in front of services of the world on one node."""
    return partial(provider_of, one_world, aiohttp_client)


@pytest.fixture
async def open_stage(one_world: World, unused_tcp_port_factory: Callable[[], int]) -> AsyncIterator[OpenStage]:
    """Starts a provider that is visited with a browser, so that its own address must be right."""
    stages: list[Stage] = []

    async def opened(*arguments: Any, **options: Any) -> Stage:
        stages.append(await new_stage(one_world, unused_tcp_port_factory(), *arguments, **options))
        return stages[-1]

    yield opened
    for stage in stages:
        await stage.close()
