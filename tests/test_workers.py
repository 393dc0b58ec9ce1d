"""Several worker processes: one that goes is replaced, and takes nothing along."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from .serving import answers, running, wait_for


def test_a_killed_worker_is_replaced_and_its_counts_stay(tmp_path: Path) -> None:
    with running(tmp_path / "data", workers=2) as service:
        tokens = [service.new_token() for _ in range(20)]
        before, killed = service.workers, min(service.workers)

        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: len(service.workers - {killed}) == 2)

        assert len(before) == 2
        assert answers(service)
        assert all(service.is_alive(token) for token in tokens)
        assert service.count("oauth2.createAccessToken", "ok") == 20


# Found by a kill: gunicorn wrote a line of its own kind between those of the service.
def test_what_is_said_of_a_killed_worker_is_a_line_like_all_others(tmp_path: Path) -> None:
    with running(tmp_path / "data", workers=2) as service:
        killed = min(service.workers)

        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: "SIGKILL" in service.log)
        (line,) = [json.loads(line) for line in service.log.splitlines()]

        assert line.pop("timestamp").endswith("Z")
        assert line == {
            "event": f"Worker (pid:{killed}) was sent SIGKILL! Perhaps out of memory?",
            "level": "error",
            "logger": "gunicorn.error",
            "server": "backend",
        }


def test_a_worker_that_leaves_takes_neither_store_nor_counts_along(tmp_path: Path) -> None:
    with running(tmp_path / "data", workers=2) as service:
        token, valkey = service.new_token(), service.valkey
        leaving = min(service.workers)

        os.kill(leaving, signal.SIGTERM)
        wait_for(lambda: len(service.workers - {leaving}) == 2)

        assert service.valkey == valkey
        assert Path(f"/proc/{valkey}").exists()
        assert service.is_alive(token)
        assert service.count("oauth2.createAccessToken", "ok") == 1


def test_a_worker_that_begins_while_the_store_is_away_waits_for_it(tmp_path: Path) -> None:
    with running(tmp_path / "data", workers=2) as service:
        token, killed = service.new_token(), min(service.workers)

        os.kill(service.valkey, signal.SIGSTOP)
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: "no answer in time" in service.log)
        os.kill(service.valkey, signal.SIGCONT)

        wait_for(lambda: service.is_alive(token))
        assert service.process.poll() is None
        assert len(service.workers - {killed}) == 2


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for what services keep while they run."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


# Found by looking: every service that was killed left a folder behind for good.
def test_what_a_killed_service_has_counted_is_removed_by_the_next(tmp_path: Path, temporary: Path) -> None:
    with running(tmp_path / "killed", workers=2) as service:
        token, workers = service.new_token(), service.workers
        service.tell(signal.SIGKILL)
        service.ended()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
    (left,) = temporary.iterdir()

    with running(tmp_path / "killed", workers=2) as service:
        assert service.is_alive(token)
        assert not left.exists()
        service.tell(signal.SIGTERM)
        service.ended()

    assert list(temporary.iterdir()) == []


def test_what_a_living_service_has_counted_stays(tmp_path: Path, temporary: Path) -> None:
    (temporary / "mashery_oauth-counts-of-nobody").mkdir()

    with running(tmp_path / "one", workers=2) as one:
        one.new_token()
        (folder,) = temporary.iterdir()
        with running(tmp_path / "other", workers=2) as other:
            assert other.count("oauth2.createAccessToken", "ok") == 0

        assert folder.exists()
        assert one.count("oauth2.createAccessToken", "ok") == 1


def test_no_two_requests_have_the_same_number(tmp_path: Path) -> None:
    """Found by reading: workers numbered their requests alike, after a word that was chosen before they were forked."""
    with running(tmp_path / "data", workers=4, log_level="debug") as service:
        for _ in range(80):
            assert service.call("test.hello", [])[0] == 200
        lines = [json.loads(line) for line in service.log.splitlines() if '"test.hello"' in line]

    numbers = [line["request_id"] for line in lines]
    assert len(set(numbers)) == len(numbers) == 80
    assert len({number.partition("-")[0] for number in numbers}) > 1
