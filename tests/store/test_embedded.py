"""The embedded store, with real processes."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from mashery_oauth.store.embedded import EmbeddedStore, FolderError, running_url

# A service that says what runs and then waits to be killed.
SERVICE = """
import sys, time
from pathlib import Path
from mashery_oauth.store.embedded import EmbeddedStore
print(EmbeddedStore.start(Path(sys.argv[1])).url, flush=True)
time.sleep(600)
"""


@contextmanager
def store_in(folder: Path) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore.start(folder)
    try:
        yield store
    finally:
        store.stop()


def write(url: str, key: str, value: str) -> int:
    """Set a key; the process id of the Valkey that took it."""
    with Redis.from_url(url) as client:
        client.set(key, value)
        return int(client.info("server")["process_id"])


def read(url: str, key: str) -> bytes:
    with Redis.from_url(url) as client:
        return bytes(client.get(key))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def leave_an_orphan(folder: Path) -> int:
    """Start a service that writes a key, and kill it; the process id of the Valkey that it leaves behind."""
    command = [sys.executable, "-c", SERVICE, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        orphan = write(service.stdout.readline().strip(), "token", "kept")
        service.kill()
    return orphan


def test_answers_once_it_is_started(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    with store_in(folder) as store:
        write(store.url, "token", "kept")

        assert read(store.url, "token") == b"kept"
        assert running_url(folder) == store.url


def test_nothing_runs_before_the_start_and_after_the_stop(tmp_path: Path) -> None:
    before = running_url(tmp_path)

    with store_in(tmp_path):
        pass

    assert before is None
    assert running_url(tmp_path) is None
    assert not (tmp_path / "valkey.sock").exists()


def test_listens_on_no_port(tmp_path: Path) -> None:
    with store_in(tmp_path) as store, Redis.from_url(store.url) as client:
        port = client.config_get("port")

    assert port == {"port": "0"}


def test_keeps_data_when_valkey_is_killed(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        valkey = write(store.url, "token", "kept")
        os.kill(valkey, signal.SIGKILL)

    with store_in(tmp_path) as store:
        assert read(store.url, "token") == b"kept"


def test_stops_twice_as_well_as_once(tmp_path: Path) -> None:
    store = EmbeddedStore.start(tmp_path)

    store.stop()
    store.stop()

    assert running_url(tmp_path) is None


def test_refuses_a_folder_that_another_service_uses(tmp_path: Path) -> None:
    with store_in(tmp_path):
        with pytest.raises(FolderError) as refusal:
            EmbeddedStore.start(tmp_path)

        assert str(refusal.value) == (
            f"The data folder {tmp_path} is in use by another mashery_oauth service (pid {os.getpid()})."
        )
        assert running_url(tmp_path) is not None


def test_takes_over_an_orphan_without_losing_data(tmp_path: Path) -> None:
    orphan = leave_an_orphan(tmp_path)

    with store_in(tmp_path) as store:
        assert read(store.url, "token") == b"kept"
        assert write(store.url, "other", "x") != orphan


def test_never_starts_beside_an_orphan_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    orphan = leave_an_orphan(tmp_path)
    os.kill(orphan, signal.SIGSTOP)
    monkeypatch.setattr("mashery_oauth.store.embedded.STOP_SECONDS", 0.1)

    with pytest.raises(FolderError) as refusal:
        EmbeddedStore.start(tmp_path)

    os.kill(orphan, signal.SIGKILL)
    assert str(refusal.value) == f"A Valkey left over in {tmp_path} (pid {orphan}) does not stop."


def test_takes_a_folder_whose_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)

    with store_in(folder) as store:
        write(store.url, "token", "kept")
        outside = Path((folder / "socket").read_text())

        assert running_url(folder) == store.url
        assert mode(outside.parent) == 0o700

    assert not outside.parent.exists()
    assert running_url(folder) is None


def test_takes_over_an_orphan_in_a_folder_with_a_long_path(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    leave_an_orphan(folder)
    left = Path((folder / "socket").read_text())

    with store_in(folder) as store:
        assert read(store.url, "token") == b"kept"

    assert not left.parent.exists()


def test_takes_a_folder_with_signs_that_a_url_escapes(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20\u00e9\"'"

    with store_in(folder) as store:
        write(store.url, "token", "kept")

        assert read(store.url, "token") == b"kept"


def test_takes_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    """Found that it ended with a traceback: no URL can say such a path."""
    folder = tmp_path / os.fsdecode(b"\xff") / "data"

    with store_in(folder) as store:
        write(store.url, "token", "kept")

        assert running_url(folder) == store.url

    with store_in(folder) as store:
        assert read(store.url, "token") == b"kept"


def test_keeps_everything_to_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    before = os.umask(0)

    try:
        with store_in(folder) as store:
            write(store.url, "token", "kept")
            modes = {path.relative_to(folder): mode(path) for path in folder.rglob("*") if path.is_file()}

            assert set(modes.values()) == {0o600}
            assert mode(folder) == mode(folder / "appendonlydir") == mode(folder / "valkey.sock") == 0o700
    finally:
        os.umask(before)


def test_refuses_a_folder_that_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.touch()

    with pytest.raises(FolderError) as refusal:
        EmbeddedStore.start(file)

    assert str(refusal.value) == f"The data folder {file} is a file, not a folder."


def test_refuses_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(FolderError, match=r"The data folder .*data cannot be used: .*Not a directory"):
        EmbeddedStore.start(tmp_path / "file" / "data")


def test_refuses_damaged_data_and_says_what_valkey_said(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        for number in range(3):
            write(store.url, f"token{number}", "kept")
    (log,) = (tmp_path / "appendonlydir").glob("*.incr.aof")
    log.write_bytes(log.read_bytes().replace(b"SET", b"???", 1).replace(b"*3", b"?3", 2))

    with pytest.raises(FolderError, match=r"Valkey cannot start in .*: .*[Bb]ad file format"):
        EmbeddedStore.start(tmp_path)

    assert running_url(tmp_path) is None


def test_lets_the_folder_go_when_the_start_fails(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match="must be one of"):
        EmbeddedStore.start(tmp_path, fsync="perhaps")

    with store_in(tmp_path) as store:
        assert running_url(tmp_path) == store.url
