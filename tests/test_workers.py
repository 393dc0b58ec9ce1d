"""Several worker processes: one that goes is replaced, and takes nothing along."""

from __future__ import annotations

import os
import signal
from pathlib import Path

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
