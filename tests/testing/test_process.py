"""The service's process: it takes nothing from where it is started, and nothing of it stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mashery_oauth.client import Client
from mashery_oauth.testing import BackendProcess, Refused

from .using import obtain, provider

PATIENCE = 20.0  # seconds
SERVER = ("aiohttp", "redis", "marshmallow", "jsonrpcserver", "structlog", "uvloop", "mashery_oauth.store", "pytest")
STARTED = """
import json, sys, time
from mashery_oauth.testing import BackendProcess
process = BackendProcess()
pid, folder = process._process.pid, str(process._folder)
valkey = int(open(folder + "/valkey.lock").read())
print(json.dumps([pid, valkey, folder]), flush=True)
time.sleep(60)
"""
FORKED = """
import json, os, sys, time
from mashery_oauth.testing import BackendProcess
process = BackendProcess()
pid, folder = process._process.pid, str(process._folder)
valkey = int(open(folder + "/valkey.lock").read())
child = os.fork()
if child:
    print(json.dumps([pid, valkey, folder, child]), flush=True)
time.sleep(60)
"""
LOADED = """
import os, sys
from mashery_oauth.testing import BackendProcess
process = BackendProcess()
service, folder = process._process.pid, process._folder
valkey = int((folder / "valkey.lock").read_text())
with process.site() as backend:
    backend.tokens(backend.application(backend.service()))
    assert len(backend.calls) == 0
process.stop()
assert not folder.exists()
for pid in (service, valkey):
    assert not os.path.exists(f"/proc/{pid}")
print(*sorted(sys.modules), sep="\\n")
"""


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def parts(process: BackendProcess) -> tuple[int, int, Path]:
    """The service, its store, and their folder."""
    assert process._folder is not None
    return process._process.pid, int((process._folder / "valkey.lock").read_text()), process._folder


def test_brings_nothing_of_the_service_into_the_process_of_the_tests_and_leaves_nothing_behind() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert "mashery_oauth.testing.backend" in loaded
    assert [name for name in SERVER if name in loaded] == []
    assert done.stderr == ""


def test_leaves_nothing_behind_when_the_tests_are_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTED], stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        service, valkey, folder = json.loads(tests.stdout.readline())
        assert is_running(service)
        assert is_running(valkey)

        tests.kill()

    wait_for(lambda: not (is_running(service) or is_running(valkey) or Path(folder).exists()))


def test_leaves_nothing_behind_when_the_tests_are_killed_and_a_child_of_theirs_is_not() -> None:
    """Found by reading: the child had a copy of the socket whose end tells the service that the tests are over."""
    with subprocess.Popen([sys.executable, "-c", FORKED], stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        service, valkey, folder, child = json.loads(tests.stdout.readline())
        try:
            tests.kill()

            wait_for(lambda: not (is_running(service) or is_running(valkey) or Path(folder).exists()))
            assert is_running(child)
        finally:
            os.kill(child, signal.SIGKILL)


def in_child(do: Callable[[], object]) -> str:
    """What a forked child says of what it has done."""
    ours, its = os.pipe()
    child = os.fork()
    if not child:
        try:
            said = repr(do())
        except BaseException as error:  # noqa: BLE001  nothing may bring a second pytest to life
            said = f"{type(error).__name__}: {error}"
        os.write(its, said.encode())
        os._exit(0)
    os.close(its)
    with os.fdopen(ours) as reading:
        said = reading.read()
    os.waitpid(child, 0)
    return said


def test_a_forked_child_calls_the_backend_and_can_neither_ask_nor_end_it() -> None:
    process = BackendProcess()
    service, valkey, folder = parts(process)
    with process.site() as backend:
        key = backend.service().key
        token = backend.tokens(backend.application()).access_token
        url, local = backend.url, backend.local

        called = in_child(lambda: Client(url, local).fetch_access_token(key, token).user_context)
        asked = in_child(lambda: backend.is_alive(token))
        stopped = in_child(process.stop)

        assert (called, stopped) == ("'alice'", "None")
        assert asked.startswith("Refused: This process was forked")
        assert backend.is_alive(token)
        assert is_running(service)
        assert is_running(valkey)
    process.stop()
    assert not folder.exists()


@pytest.mark.parametrize("stopped", [False, True])
def test_leaves_nothing_behind_when_the_service_ends_or_hangs(
    stopped: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mashery_oauth.testing.process.GRACE", 0.2)
    process = BackendProcess()
    service, valkey, folder = parts(process)

    os.kill(service, signal.SIGSTOP if stopped else signal.SIGKILL)
    process.stop()

    wait_for(lambda: not (is_running(service) or is_running(valkey)))
    assert not folder.exists()


def test_says_what_became_of_a_service_that_has_ended() -> None:
    process = BackendProcess()
    service, _, _ = parts(process)
    with process.site() as backend:
        os.kill(service, signal.SIGTERM)
        process._process.wait(PATIENCE)

        with pytest.raises(Refused, match=r"(?s)does not answer.*stopped"):
            backend.service()
    process.stop()


def test_takes_nothing_from_the_environment_of_the_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("redis", "limits", "signal", "mashery_oauth"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError")
    monkeypatch.chdir(tmp_path)
    for variable, value in {
        "PYTHONWARNINGS": "error",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
        "MASHERY_OAUTH_REDIS": "redis://127.0.0.1:1",
        "MASHERY_OAUTH_KEYS": "nonsense",
        "MASHERY_OAUTH_PORT": "nonsense",
    }.items():
        monkeypatch.setenv(variable, value)
    process = BackendProcess()

    with process.site() as backend:
        service = backend.service()
        made = obtain(provider(backend), service, backend.application(), grant_type="client_credentials")

    process.stop()
    assert made.access_token
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".py"] * 4


@pytest.mark.parametrize("name", ["long" * 50, os.fsdecode(b"\xff")], ids=["long", "no text"])
def test_takes_a_temporary_folder_of_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Found that the store did not start in the one, and that the service could not say where it was in the other."""
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    process = BackendProcess()

    with process.site() as backend:
        backend.service()
        token = backend.tokens(backend.application()).access_token
        with backend.outage():
            pass
        alive = backend.is_alive(token)

    process.stop()
    assert alive
    assert list(folder.iterdir()) == []


def test_is_not_told_when_the_tests_are_interrupted(process: BackendProcess) -> None:
    service, valkey, _ = parts(process)

    sessions = {os.getsid(service), os.getsid(valkey)}

    assert os.getsid(0) not in sessions
