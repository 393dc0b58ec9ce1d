"""The command as people start it: a process of its own."""

from __future__ import annotations

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, cast
from urllib.request import Request, urlopen

import orjson

PATIENCE = 20.0  # seconds
COMMAND = (sys.executable, "-m", "mashery_oauth")


def environment(home: Path, **variables: str) -> dict[str, str]:
    """A user's environment without any setting of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MASHERY_OAUTH_")}
    return {**kept, "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), **variables}


def command(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(home, **variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextmanager
def serving(
    home: Path, *arguments: str, path: Path | None = None, stderr: TextIO | None = None, **variables: str
) -> Iterator[dict[str, Any]]:
    """A service for as long as the block runs; what its demo.json says, once the port answers."""
    own = {name: value for name, value in variables.items() if value}
    log = home / "log"
    with (
        log.open("w") as file,
        subprocess.Popen(
            [*COMMAND, *arguments], env=environment(home, **own), stdout=file, stderr=stderr or file
        ) as process,
    ):
        try:
            yield _wait(process, path or home / "state" / "mashery_oauth" / "demo" / "demo.json", log)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
    assert process.returncode == 0, log.read_text()


def answers(demo: dict[str, Any]) -> bool:
    """Whether the demo's port answers."""
    try:
        with urlopen(demo["urls"]["local_v2"].removesuffix("/v2/json-rpc") + "/healthz", timeout=1):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], path: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if path.exists() and answers(demo := orjson.loads(path.read_bytes())):
            return cast(dict[str, Any], demo)
        time.sleep(0.05)
    raise TimeoutError(log.read_text())


def call(demo: dict[str, Any], method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of a call at Local V3."""
    caller = demo["caller"]
    basic = f"{caller['user']}:{caller['password']}".encode()
    body = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": f"oauth2.{method}", "params": params})
    header = {"Authorization": "Basic " + base64.b64encode(basic).decode()}
    with urlopen(Request(demo["urls"]["local_v3"], body, header), timeout=5) as response:
        answer: dict[str, Any] = orjson.loads(response.read())
    return answer
