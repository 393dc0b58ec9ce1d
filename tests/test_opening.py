"""Which store a process works on, and with which keys."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

from mashery_oauth.opening import KEY_FILE, store_place
from mashery_oauth.settings import Settings, SettingsError
from mashery_oauth.store.embedded import FolderError, running_url
from mashery_oauth.store.ring import RingError

COMMAND = """
import sys
from pathlib import Path
from mashery_oauth.opening import store_place
from mashery_oauth.settings import Settings
with store_place(Settings(data_dir=Path(sys.argv[1])), serving=False) as place:
    print(place.keys[0].hex())
"""
OPEN = """
import sys, time
from pathlib import Path
from redis import Redis
from mashery_oauth.opening import store_place
from mashery_oauth.settings import Settings
with store_place(Settings(data_dir=Path(sys.argv[1])), serving=False) as place:
"""
PING = f"{OPEN}    assert [Redis.from_url(place.url).ping() for _ in range(20) if time.sleep(0.01) is None]"
WAIT = f"{OPEN}    print('ready', flush=True)\n    time.sleep(60)"
HEX = bytes(range(32)).hex()


def test_a_store_of_ones_own_is_taken_as_given() -> None:
    with store_place(Settings(redis="redis://h", keys=f"{HEX},{HEX[::-1]}"), serving=True) as place:
        assert place.url == "redis://h"
        assert place.keys == (bytes.fromhex(HEX), bytes.fromhex(HEX[::-1]))


def test_the_embedded_store_has_no_replicas_to_wait_for(tmp_path: Path) -> None:
    with (
        pytest.raises(SettingsError, match="MASHERY_OAUTH_MIN_REPLICAS is for a store of your own"),
        store_place(Settings(data_dir=tmp_path, min_replicas=1), serving=True),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_store_of_ones_own_needs_keys_of_ones_own() -> None:
    with (
        pytest.raises(SettingsError, match="MASHERY_OAUTH_KEYS is needed"),
        store_place(Settings(redis="redis://h"), serving=True),
    ):
        pass


def test_keys_that_are_none_are_refused() -> None:
    with (
        pytest.raises(RingError, match="64 hexadecimal digits"),
        store_place(Settings(redis="redis://h", keys="secret"), serving=True),
    ):
        pass


def test_an_embedded_store_runs_as_long_as_it_is_needed(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    with store_place(settings, serving=True) as place, Redis.from_url(place.url) as client:
        answered = client.ping()

    assert answered
    assert running_url(settings.data_dir) is None


def test_a_folder_keeps_the_key_that_it_was_given_first(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    with store_place(settings, serving=True) as first:
        pass
    with store_place(settings, serving=True) as second:
        pass

    file = settings.data_dir / KEY_FILE
    assert first.keys == second.keys == (bytes.fromhex(file.read_text()),)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in settings.data_dir.glob(f"{KEY_FILE}*")] == [KEY_FILE]


def test_keys_that_are_given_win_over_the_folders(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", keys=HEX)

    with store_place(settings, serving=True) as place:
        assert place.keys == (bytes.fromhex(HEX),)

    assert not (settings.data_dir / KEY_FILE).exists()


def test_a_command_works_beside_a_service_and_a_second_service_does_not(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    with store_place(settings, serving=True) as service:
        with store_place(settings, serving=False) as command:
            assert command == service
        with pytest.raises(FolderError, match="in use"), store_place(settings, serving=True):
            pass
        assert running_url(settings.data_dir) == service.url


def test_commands_that_meet_a_new_folder_agree_on_its_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with store_place(settings, serving=True):
        (settings.data_dir / KEY_FILE).unlink()
        command = [sys.executable, "-c", COMMAND, str(settings.data_dir)]

        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        keys = {process.communicate()[0] for process in processes}

    assert keys == {(settings.data_dir / KEY_FILE).read_text()}


def test_commands_at_once_wait_for_each_other(tmp_path: Path) -> None:
    """Found by an attack: the one that had started the store ended it under the others, which failed."""
    folder = tmp_path / "data"
    processes = [subprocess.Popen([sys.executable, "-c", PING, str(folder)]) for _ in range(8)]

    codes = [process.wait() for process in processes]

    assert codes == [0] * len(processes)
    assert running_url(folder) is None


def test_a_command_that_waits_too_long_says_for_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mashery_oauth.store.embedded.COMMAND_SECONDS", 0.1)
    settings = Settings(data_dir=tmp_path / "data")

    with (
        store_place(settings, serving=False),
        pytest.raises(FolderError, match="Another command has worked in"),
        store_place(settings, serving=False),
    ):
        pass


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_command_that_is_ended_ends_its_store(tmp_path: Path, number: signal.Signals) -> None:
    """Found by an attack: Valkey went on alone."""
    folder = tmp_path / "data"
    with subprocess.Popen([sys.executable, "-c", WAIT, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        valkey = int((folder / "valkey.lock").read_text())

        process.send_signal(number)

        assert process.wait(20) == 128 + number
    assert not Path(f"/proc/{valkey}").exists()


def test_who_ignores_a_signal_goes_on_doing_so(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with store_place(Settings(data_dir=tmp_path / "data"), serving=False):
            during = signal.getsignal(signal.SIGHUP), signal.getsignal(signal.SIGTERM)
        after = signal.getsignal(signal.SIGHUP), signal.getsignal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert during[0] is after[0] is signal.SIG_IGN
    assert during[1] is not after[1]


# Found by a run with damaged folders: each was a traceback.
@pytest.mark.parametrize(("damage", "told"), [("a folder", "Is a directory"), ("no text", "the file is no text")])
def test_a_file_of_keys_that_cannot_be_read_is_said(tmp_path: Path, damage: str, told: str) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    settings.data_dir.mkdir()
    file = settings.data_dir / KEY_FILE
    if damage == "a folder":
        file.mkdir()
    else:
        file.write_bytes(b"\xff")

    with (
        pytest.raises(SettingsError, match=rf"the keys in .*keys cannot be read: {told}$"),
        store_place(settings, serving=True),
    ):
        pass

    assert running_url(settings.data_dir) is None
