"""A provider's application served beside the tests, in a thread, so that whatever a test does it is answered."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import web

    from .backend import Backend

HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds to start or to stop


@dataclass(frozen=True, slots=True)
class Served:
    """What a fixture made by :func:`served` yields: an application that runs, and where it is.

    :param url: scheme, host and port; paths go behind it.
    :param app: the application itself.
    """

    url: str
    app: Any


@contextmanager
def serve(app: Any) -> Iterator[Served]:
    """Serves an application on a free port until the block ends.

    :param app: an aiohttp application, or a WSGI callable. Other servers are started by a fixture of one's own.
    """
    with _aiohttp(app) if _is_aiohttp(app) else _wsgi(app) as port:
        yield Served(f"http://{HOST}:{port}", app)


def served(make: Callable[[Backend], Any]) -> Any:
    """Makes a fixture: what ``make`` returns for the test's backend, served.

    A ``conftest.py`` has it with one line: ``provider = served(create_app)``.
    """
    import pytest  # noqa: PLC0415  whoever only serves does not need it

    @pytest.fixture
    def provider(oauth_backend: Backend) -> Iterator[Served]:
        with serve(make(oauth_backend)) as running:
            yield running

    return provider


def _is_aiohttp(app: Any) -> bool:
    known = sys.modules.get("aiohttp.web")  # who has such an application has imported it
    return known is not None and isinstance(app, known.Application)


@contextmanager
def _aiohttp(app: web.Application) -> Iterator[int]:
    from aiohttp import web  # noqa: PLC0415  the application has it already

    with _loop() as run:
        runner = web.AppRunner(app, handle_signals=False, access_log=None, shutdown_timeout=1)
        try:
            run(runner.setup())
            run(web.TCPSite(runner, HOST, 0).start())
            yield runner.addresses[0][1]
        finally:
            run(runner.cleanup())


@contextmanager
def _loop() -> Iterator[Callable[[Coroutine[Any, Any, None]], None]]:
    """A loop in a thread, as a function that waits for what it is given to run there."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="provider", daemon=True)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result(PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _wsgi(app: Any) -> AbstractContextManager[int]:
    from .wsgi import serve_wsgi  # noqa: PLC0415  the standard library's server is for those who need it

    return serve_wsgi(HOST, app)
