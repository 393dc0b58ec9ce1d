"""Which store a process works on: the URL that it is given, or the embedded one in its data folder."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .settings import PREFIX, Settings, SettingsError, demo_folder
from .store.ring import parse_keys

KEY_FILE = "keys"
LOG_FOLDER = "appendonlydir"  # what an embedded store that was once there has left


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store is, and the keys that open what is sealed in it."""

    url: str
    keys: tuple[bytes, ...]


@contextlib.contextmanager
def store_place(settings: Settings, *, serving: bool, may_create: bool = True) -> Iterator[Place]:
    """The store for as long as the block runs. An embedded one is started if need be, and stopped again.

    :param serving: a service has its data folder to itself; a command works beside a service that runs there.
    :param may_create: whether a folder without a store gets one; a mistyped folder is better told.
    :raises FolderError: the data folder cannot be used, or another service has it.
    :raises SettingsError: a store of one's own needs the keys as well.
    """
    if settings.redis:
        if not settings.keys:
            raise SettingsError(f"{PREFIX}KEYS is needed with a store of your own; 'openssl rand -hex 32' makes a key")
        yield Place(settings.redis, parse_keys(settings.keys))
        return
    if settings.min_replicas:
        raise SettingsError(f"{PREFIX}MIN_REPLICAS is for a store of your own; the embedded one has no replica")
    from .store.embedded import FolderError, alone, running_url  # noqa: PLC0415  costs 0.1 s that others need not pay

    if serving:
        with _own_store(settings) as place:
            yield place
        return
    if not (may_create or _has_store(settings.data_dir)):
        raise FolderError(_no_store(settings.data_dir))
    with alone(settings.data_dir) as lock:  # a command that started a store would end it under the others
        url = running_url(settings.data_dir)
        if url is None:
            with _own_store(settings) as place:
                yield place
            return
        lock.close()  # that of a service, beside which commands need not wait for each other
        yield Place(url, _keys(settings))


@contextlib.contextmanager
def _own_store(settings: Settings) -> Iterator[Place]:
    """The embedded store, started and stopped. What would end the process at once unwinds the block instead."""
    from .store.embedded import EmbeddedStore  # noqa: PLC0415  as above

    with _unwinding():
        store = EmbeddedStore.start(settings.data_dir, fsync=settings.fsync)
        try:
            yield Place(store.url, _keys(settings))
        finally:
            store.stop()


@contextlib.contextmanager
def _unwinding() -> Iterator[None]:
    """Signals that end a process end the block first; who serves sets handlers of its own meanwhile."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)}
    if before[signal.SIGHUP] is signal.SIG_IGN:  # as under nohup
        del before[signal.SIGHUP]
    for number in before:
        signal.signal(number, _unwind)
    try:
        yield
    finally:
        for number, was in before.items():
            signal.signal(number, was or signal.SIG_DFL)


def _unwind(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _has_store(folder: Path) -> bool:
    return (folder / LOG_FOLDER).exists()


def _no_store(folder: Path) -> str:
    """What is wrong, and what may have been meant."""
    demo = demo_folder()
    there = f"; the demo's is in {demo}" if _has_store(demo) else ""
    return f"There is no store in {folder}. Name one with --data-dir DIR or --redis URL{there}."


def _keys(settings: Settings) -> tuple[bytes, ...]:
    return parse_keys(settings.keys or _own_key(settings.data_dir / KEY_FILE))


def _own_key(path: Path) -> str:
    """The folder's own key, made with the folder; whole or not at all."""
    with contextlib.suppress(FileNotFoundError):
        return _read(path)
    fresh = path.with_name(f"{KEY_FILE}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    return _read(path)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (IsADirectoryError, PermissionError) as error:
        raise SettingsError(f"the keys in {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"the keys in {path} cannot be read: the file is no text") from None
