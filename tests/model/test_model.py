"""The product is as a plain model of it says, whatever is called in whatever order and however much time passes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.effort import times

from .machine import Machine
from .scene import Stage


@pytest.fixture
def stage(store_url: str) -> Iterator[Stage]:
    """A door to a store, and a loop to call it from."""
    made = Stage(store_url)
    yield made
    made.close()


def test_does_what_a_plain_model_of_it_does(stage: Stage) -> None:
    machine = type("Machine", (Machine,), {"stage": stage})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=times(60),
            phases=(Phase.generate, Phase.shrink),
            stateful_step_count=40,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
