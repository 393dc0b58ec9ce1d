"""The disk under the embedded store is full: nothing is promised that could not be written, and room heals it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.effort import tally, times
from tests.serving import NEW_TOKEN, Running, answers, environment, wait_for

SIZE = "4m"
# A disk of the test's own: it is seen by the service alone, and gone with it.
OWN_DISK = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
MOUNT = f'mount -t tmpfs -o size={SIZE} none "$0" && exec "$@"'
CHUNK = 4096  # bytes


def _may_mount() -> bool:
    try:
        return subprocess.run([*OWN_DISK, MOUNT, "/mnt", "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not _may_mount(), reason="a disk of one's own needs user namespaces")


@contextmanager
def running_on_a_small_disk(folder: Path, fsync: str) -> Iterator[Running]:
    """A service whose data folder is a disk of a few megabytes."""
    folder.mkdir()
    command = [*OWN_DISK, MOUNT, str(folder), sys.executable, "-m", "tests.serving"]
    with folder.with_name("log").open("a") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment(folder, fsync=fsync)
        )
    inside = Path(f"/proc/{process.pid}/root", *folder.parts[1:])
    service = Running(process, 0, answered_before=False, folder=inside)
    try:
        assert process.stdout is not None
        service.port = json.loads(process.stdout.readline())["port"]
        wait_for(lambda: answers(service))
        yield service
    finally:
        with suppress(OSError, ValueError):
            os.kill(service.valkey, signal.SIGKILL)
        process.kill()
        process.communicate()


def fill(folder: Path) -> Path:
    """Takes all the room that is left; the file that has it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"x" * CHUNK):
            pass
    return ballast


def create(service: Running, tokens: list[str]) -> int:
    """One more token, if it is given; the status."""
    status, answer = service.call("oauth2.createAccessToken", NEW_TOKEN)
    if status == 200:
        tokens.append(answer["result"]["access_token"])
    else:
        assert status == 503
        assert answer["error"]["code"] == -32603
    return status


@pytest.mark.parametrize("fsync", ["always", "everysec"])
def test_nothing_is_promised_without_room_and_nothing_is_lost_when_there_is_some(tmp_path: Path, fsync: str) -> None:
    tokens: list[str] = []
    with running_on_a_small_disk(tmp_path / "data", fsync) as service:
        for _ in range(times(1)):
            assert [create(service, tokens) for _ in range(20)] == [200] * 20

            ballast = fill(service.folder)
            wait_for(lambda: create(service, tokens) == 503 and not service.checks()[1]["writes"])
            ballast.unlink()
            wait_for(lambda: create(service, tokens) == 200 and service.checks()[0] == 200)
            assert all(service.is_alive(token) for token in tokens)
            tally("disks that were filled under the embedded store")

        if fsync == "always":  # what was answered is on the disk
            killed = service.valkey
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda: service.valkey != killed and service.checks()[0] == 200)
            assert all(service.is_alive(token) for token in tokens)
