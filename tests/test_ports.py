"""One port for several workers: a burst lands on all of them, and no other service gets in."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mashery_oauth import app, ports
from mashery_oauth.app import AppError
from mashery_oauth.settings import Settings

from .bursts import answered, ask, connect, taken
from .effort import tally, times
from .serving import ONE_SOCKET, Running, answers, environment, running, wait_for

BURST, WORKERS, FAIR = 200, 4, 20  # of 50 for each that are expected, 20 are five standard deviations away
CROWD = 800  # more than 4 times aiohttp's own backlog of 128
linux = pytest.mark.skipif(sys.platform != "linux", reason="connections are spread on Linux")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service with four workers, whom no test may leave with fewer."""
    with running(tmp_path_factory.mktemp("ports") / "data", workers=WORKERS) as made:
        yield made


@contextmanager
def stopped(processes: set[int], then: signal.Signals) -> Iterator[None]:
    """They do nothing while the block runs; then they are told."""
    for pid in processes:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in processes:
            os.kill(pid, then)


# Found by counting: of 64 connections opened at once the four workers had 0, 0, 1 and 63.
@linux
def test_a_burst_lands_on_all_workers(service: Running) -> None:
    for _ in range(times(3)):
        burst = connect(service, BURST)
        wait_for(lambda: taken(service).total() == BURST)
        shares = taken(service)
        ask(burst)

        assert answered(burst) == BURST
        assert len(shares) == WORKERS
        assert min(shares.values()) >= FAIR
        tally("connections of bursts, spread over workers", BURST)


# Found by looking: aiohttp's worker listened anew, with its own backlog of 128; what came beyond waited a second.
def test_a_crowd_waits_while_all_workers_are_busy(service: Running) -> None:
    with stopped(service.workers, signal.SIGCONT):
        crowd = connect(service, CROWD, patience=0.9)
        ask(crowd)

    assert answered(crowd) == CROWD


@linux
def test_what_waits_for_a_killed_worker_is_answered_by_the_next(service: Running) -> None:
    for _ in range(times(2)):
        wait_for(lambda: len(service.workers) == WORKERS)
        killed = service.workers

        with stopped(killed, signal.SIGKILL):
            burst = connect(service, BURST)
            ask(burst)

        assert answered(burst) == BURST
        assert not service.workers & killed
        tally("connections that had waited for a killed worker", BURST)


# A signal of gunicorn's own; with a worker fewer one socket would have nobody, and its callers would wait for ever.
@pytest.mark.parametrize("number", [signal.SIGTTOU, signal.SIGTTIN])
def test_the_number_of_workers_stays(service: Running, number: signal.Signals) -> None:
    wait_for(lambda: len(service.workers) == WORKERS)
    before, told = service.workers, service.log.count("number of workers")

    service.tell(number)
    wait_for(lambda: service.log.count("number of workers") > told)
    burst = connect(service, BURST)
    ask(burst)

    assert answered(burst) == BURST
    assert service.workers == before


# A signal of gunicorn's own: it started another service beside this one, which could not have its folder or port.
def test_nothing_is_started_in_the_place_of_a_service_that_runs(service: Running) -> None:
    wait_for(lambda: len(service.workers) == WORKERS)
    before = service.workers

    service.tell(signal.SIGUSR2)
    wait_for(lambda: "is not started anew" in service.log)
    burst = connect(service, BURST)
    ask(burst)

    assert answered(burst) == BURST
    assert service.workers == before


def test_a_second_service_is_refused_though_no_worker_is_left(service: Running, tmp_path: Path) -> None:
    wait_for(lambda: len(service.workers) == WORKERS)
    for pid in service.workers:
        os.kill(pid, signal.SIGKILL)

    refusals = [refusal_at(service.port, tmp_path / "second", workers) for workers in (1, 2)]

    assert set(refusals) == {port_taken(service.port)}
    wait_for(lambda: answers(service))


def port_taken(port: int) -> str:
    return (
        f"port {port} on 127.0.0.1 cannot be had: Address already in use; "
        "--port names another, --port 0 takes any free one"
    )


def refusal_at(port: int, folder: Path, workers: int) -> str:
    with pytest.raises(AppError) as refusal:
        app.serve(Settings(port=port, data_dir=folder, workers=workers))
    return str(refusal.value)


@pytest.mark.parametrize(
    ("number", "hint"),
    [(errno.EADDRINUSE, True), (errno.EACCES, True), (errno.EADDRNOTAVAIL, False)],
    ids=["taken", "not allowed", "no such address"],
)
def test_says_how_to_name_another_port_where_that_helps(number: int, *, hint: bool) -> None:
    said = ports.not_had("127.0.0.1", 80, OSError(number, "why"), option="--door")

    assert said.startswith(f"port 80 on 127.0.0.1 cannot be had: {os.strerror(number)}")
    assert ("--door names another, --door 0 takes any free one" in said) is hint


@linux
def test_nobody_new_gets_in_once_new_ones_are_refused() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.create_connection(listening.getsockname()) as early,
        socket.socket() as late,
    ):
        late.settimeout(0.2)

        ports.refuse_new(listening)
        with pytest.raises(TimeoutError):
            late.connect(listening.getsockname())
        taken_early, peer = listening.accept()

        assert peer == early.getsockname()
        assert not ports.has_waiting(listening)
        taken_early.close()


def test_one_socket_for_all_serves_as_well(tmp_path: Path) -> None:
    with running(tmp_path / "data", workers=2, flags=[ONE_SOCKET]) as service:
        burst = connect(service, BURST)
        ask(burst)
        service.tell(signal.SIGTERM)

        assert answered(burst) == BURST
        assert service.ended() == 0


def has_somebody(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_of_two_that_start_together_one_is_refused(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rivals = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.serving"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(tmp_path / name, port=port, workers=2),
        )
        for name in ("one", "other")
    ]

    try:
        wait_for(lambda: any(rival.poll() is not None for rival in rivals))
        refused = next(rival for rival in rivals if rival.poll() is not None)
        (serving,) = (rival for rival in rivals if rival is not refused)

        assert refused.returncode == 1
        assert refused.stderr is not None
        assert refused.stderr.read() == f"{port_taken(port)}\n"
        wait_for(lambda: has_somebody(port))
        serving.terminate()
        assert serving.wait(20) == 0
    finally:
        for rival in rivals:
            rival.terminate()
            rival.communicate(timeout=20)
