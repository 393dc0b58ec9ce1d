"""The service in a process of its own, from the side of the tests: started once, asked line by line, stopped for sure.

A process, not a thread: the tests may stop clocks, patch sockets, turn warnings into errors, measure coverage or run a
loop of their own, and none of that reaches it; nor does anything of it reach them.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import IO, Any
from weakref import WeakSet

from .backend import Backend
from .door import Door
from .errors import Refused
from .registered import Caller

GRACE = 10.0  # seconds to stop
FIRST_SITE, PROVIDER, TEST = 100, "provider", "test"
PACKAGES = ("site-packages", "dist-packages")  # where what is installed lies, for every process
# What would make the service run otherwise than where it is deployed.
UNWANTED = ("PYTHONWARNINGS", "PYTHONSTARTUP", "PYTHONINSPECT", "PROMETHEUS_", "MASHERY_OAUTH_", "COV_", "COVERAGE_")


class BackendProcess:
    """A running service. Each :meth:`site` in it is a world of its own."""

    def __init__(self) -> None:
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in stop
        ours, its = socket.socketpair()
        command = [sys.executable, "-P", "-m", f"{__package__}.service", str(its.fileno())]
        with its:
            self._process = subprocess.Popen(  # noqa: S603  no word of it comes from anywhere else
                command,
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env=_environment(),
                pass_fds=[its.fileno()],
                start_new_session=True,  # Ctrl-C is for the tests, which may still have something to ask
            )
        self._door = Door(ours)
        self._sites, self._numbers = count(FIRST_SITE), count(1)
        self._folder: Path | None = None
        self._is_copy = False  # in a child that the tests have forked
        _running.add(self)
        try:
            told = self._result(self._door.started())
        except BaseException:
            self.stop()
            raise
        self._folder = Path(told["folder"])
        self.url = f"http://127.0.0.1:{told['port']}"

    @property
    def log(self) -> str:
        """What the service has said on standard output and standard error."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def ask(self, do: str, **arguments: Any) -> Any:
        """One operation of :mod:`mashery_oauth.testing.controls`.

        :raises Refused: it cannot be done, or the service is gone.
        """
        if self._is_copy:
            raise Refused("This process was forked: a backend is asked where it was started. Its URL works everywhere.")
        return self._result(self._door.ask({"do": do, "with": arguments}))

    def _result(self, answer: Any) -> Any:
        if answer is None:
            raise Refused(f"The backend does not answer. The end of its log:\n{self.log[-2000:]}")
        if "problem" in answer:
            raise Refused(answer["problem"])
        return answer["result"]

    def number(self) -> int:
        """A number that no service or application of this process has had: nothing is left of anything before it."""
        return next(self._numbers)

    @contextmanager
    def site(self) -> Iterator[Backend]:
        """A site of its own, with the provider as its caller, until the block ends."""
        number = next(self._sites)
        callers = {name: _caller(number) for name in (PROVIDER, TEST)}
        entries = [
            {"site": number, "name": name, "apikey": each.apikey, "secret": each.secret}
            | {"user": each.user, "password": each.password}
            for name, each in callers.items()
        ]
        listen = callers[PROVIDER].apikey
        self.ask("site", site={"id": number, "name": f"Site {number}"}, callers=entries, listen=listen)
        backend = Backend(self, callers[PROVIDER], callers[TEST])
        try:
            yield backend
        finally:
            backend.close()
            if self._process.poll() is None:
                self.ask("remove", site=number, listen=listen)

    def let_go(self) -> None:
        """In a forked child: the service ends with whoever started it, and no copy of its door keeps it alive."""
        self._is_copy = True
        self._door.block()

    def stop(self) -> None:
        """Ends the service and its store; what does not end by itself is killed. A forked child's copy ends nothing."""
        if self._is_copy:
            return
        _running.discard(self)
        self._door.close()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._clear()
        self._log.close()

    def _clear(self) -> None:
        """What a service leaves that could not stop by itself: its store, and their folder."""
        if self._folder is not None and self._folder.exists():
            with suppress(OSError, ValueError):
                os.kill(int((self._folder / "valkey.lock").read_text()), signal.SIGKILL)
            shutil.rmtree(self._folder, ignore_errors=True)


_running: WeakSet[BackendProcess] = WeakSet()


def _let_go() -> None:
    for process in _running:
        process.let_go()


os.register_at_fork(after_in_child=_let_go)


def _caller(site_id: int) -> Caller:
    key = secrets.token_hex(12)
    return Caller(site_id, key, secrets.token_hex(16), f"user-{key}", secrets.token_hex(16))


def _environment() -> dict[str, str]:
    """The session's, without what is meant for the session; the service is the one that the tests have imported."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
    root = Path(__file__).parents[2]
    if root.name not in PACKAGES:
        kept["PYTHONPATH"] = os.pathsep.join([str(root), *filter(None, [kept.get("PYTHONPATH")])])
    return kept
