"""A backend as a provider's tests have it, without the plugin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mashery_oauth.testing import Backend, BackendProcess


@pytest.fixture(scope="session")
def process() -> Iterator[BackendProcess]:
    """The service, started once."""
    made = BackendProcess()
    yield made
    made.stop()


@pytest.fixture
def backend(process: BackendProcess) -> Iterator[Backend]:
    """A site of the test's own."""
    with process.site() as made:
        yield made
