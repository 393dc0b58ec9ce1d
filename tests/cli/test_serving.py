"""Starting the service from the command line."""

from __future__ import annotations

import socket
from pathlib import Path

from .processes import command


def test_says_in_one_line_that_the_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = command(tmp_path, "serve", "--port", str(taken.getsockname()[1]))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: port ")
    assert refused.stderr.count("\n") == 1


def test_says_in_one_line_that_a_certificate_cannot_be_used(tmp_path: Path) -> None:
    refused = command(tmp_path, "serve", "--port", "0", "--tls-cert", str(tmp_path / "none.pem"))

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: TLS certificate ")
