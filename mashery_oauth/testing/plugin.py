"""The pytest plugin: a backend for each test that asks for one.

pytest loads it in every project of an environment that has this package. So it brings in nothing until a fixture is
used, and of a test that uses none it changes nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .backend import Backend
    from .process import BackendProcess

SHOWN = 20  # calls behind a failure
_KEY = pytest.StashKey["Backend"]()


@pytest.fixture(scope="session")
def oauth_backends() -> Iterator[BackendProcess]:
    """The service of this session, started when it is first asked for.

    ``with oauth_backends.site() as backend`` makes a backend for a whole module or session.
    """
    from .process import BackendProcess  # noqa: PLC0415  see above

    process = BackendProcess()
    yield process
    process.stop()


@pytest.fixture
def oauth_backend(oauth_backends: BackendProcess, request: pytest.FixtureRequest) -> Iterator[Backend]:
    """A backend of the test's own: services, applications and calls of other tests are not in it."""
    with oauth_backends.site() as backend:
        request.node.stash[_KEY] = backend
        yield backend


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shows behind a failure what the provider has called."""
    report = yield
    if report.failed and report.when == "call" and _KEY in item.stash:
        report.sections.append(("Calls to the backend", _told(item.stash[_KEY])))
    return report


def _told(backend: Backend) -> str:
    from .errors import Refused  # noqa: PLC0415  see above

    with suppress(Refused):
        calls = backend.calls
        left_out = [f"... {len(calls) - SHOWN} before these"] if len(calls) > SHOWN else []
        return "\n".join([*left_out, *map(str, calls[-SHOWN:])]) or "none"
    return "The backend does not answer."
