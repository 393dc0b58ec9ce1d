"""A WSGI application on the standard library's server, one thread for each request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class _Server(ThreadingMixIn, WSGIServer):
    """Does not wait for requests in threads when it closes."""

    daemon_threads = True
    request_queue_size = 128  # five, as it would be else, are soon too few where many ask at once


class _Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Nothing."""


@contextmanager
def serve_wsgi(host: str, app: Any) -> Iterator[int]:
    """Serves until the block ends; the port."""
    with make_server(host, 0, app, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="provider")
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
