"""A stop loses no call: who has connected is answered, though a worker has not looked at the connection yet."""

from __future__ import annotations

import os
import signal
import ssl
from pathlib import Path

import pytest

from .bursts import Callers, answered, ask, connect, is_listening
from .effort import tally, times
from .serving import PATIENT, Running, running, wait_for

WORKERS, BURST = 4, 200


# Found by sending: calls that were on their way when the service was told to stop were reset.
@pytest.mark.parametrize(
    ("workers", "number"), [(1, signal.SIGTERM), (WORKERS, signal.SIGTERM), (WORKERS, signal.SIGINT)]
)
def test_who_has_connected_before_the_stop_is_answered(tmp_path: Path, workers: int, number: signal.Signals) -> None:
    for _ in range(times(1)):
        with running(tmp_path / "data", workers=workers) as service:
            burst = connect(service, BURST)

            ask(burst[::2])
            service.tell(number)
            ask(burst[1::2])

            assert answered(burst) == BURST
            assert service.ended() == 0
            tally("calls on their way when a service was told to stop", BURST)


def test_who_has_connected_may_call_when_listening_has_ended(tmp_path: Path) -> None:
    with running(tmp_path / "data", flags=[PATIENT]) as service:
        late = connect(service, 10)

        service.tell(signal.SIGTERM)
        wait_for(lambda: not is_listening(service))
        ask(late)

        assert answered(late) == 10
        assert service.ended() == 0


@pytest.mark.parametrize("workers", [1, WORKERS])
def test_a_stop_under_load_loses_no_call(tmp_path: Path, workers: int) -> None:
    for _ in range(times(1)):
        with running(tmp_path / "data", workers=workers) as service:
            callers = Callers(service)

            with callers.at_work():
                service.tell(signal.SIGTERM)
                assert service.ended() == 0

            assert callers.lost == []
            tally("calls around the stop of a service", callers.whole)


def test_a_stop_under_load_loses_no_call_over_tls(tmp_path: Path, certificate: tuple[str, str]) -> None:
    trusting = ssl.create_default_context(cafile=certificate[0])
    trusting.check_hostname = False
    cert, key = certificate

    for _ in range(times(1)):
        with running(tmp_path / "data", tls=trusting, workers=WORKERS, tls_cert=cert, tls_key=key) as service:
            callers = Callers(service)

            with callers.at_work():
                service.tell(signal.SIGTERM)
                assert service.ended() == 0

            assert callers.lost == []
            tally("calls around the stop of a service", callers.whole)


def test_new_workers_take_over_without_losing_a_call(tmp_path: Path) -> None:
    with running(tmp_path / "data", workers=WORKERS) as service:
        callers = Callers(service)

        with callers.at_work():
            for _ in range(times(1)):
                anew(service, {service.process.pid}, signal.SIGHUP)
                anew(service, service.workers, signal.SIGTERM)

        assert callers.lost == []
        tally("calls while workers were made anew", callers.whole)


def anew(service: Running, told: set[int], number: signal.Signals) -> None:
    """Returns when none of the workers is there any more that were there before processes were told."""
    before = service.workers
    for pid in told:
        os.kill(pid, number)
    wait_for(lambda: len(service.workers) == WORKERS and not service.workers & before)
