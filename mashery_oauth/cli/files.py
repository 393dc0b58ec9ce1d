"""Files with secrets in them: their owner's alone, and whole at every moment."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import click


def check_writable(path: Path) -> None:
    """Finds out before a long work whether its result can be put there; leaves nothing behind.

    :raises click.ClickException: it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            _check_opens(path)
        else:
            _check_folder(Path(os.path.realpath(path)))
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None


def _check_opens(path: Path) -> None:
    """A device or a pipe; it is not opened, because a pipe would wait for its reader."""
    if path.is_dir() or not os.access(path, os.W_OK):
        code = errno.EISDIR if path.is_dir() else errno.EACCES
        raise OSError(code, os.strerror(code))


def _check_folder(path: Path) -> None:
    """Whether the file can be made beside its place: who may not write it may still replace it."""
    fresh = _fresh(path)
    os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))
    fresh.unlink()


def write_private(path: Path, text: str) -> None:
    """Puts a file in the place of the one that is there or linked to; a device or a pipe is written to.

    :raises click.ClickException: it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text)
        else:
            _replace(Path(os.path.realpath(path)), text)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None


def _replace(path: Path, text: str) -> None:
    fresh = _fresh(path)
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        _settle(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _fresh(path: Path) -> Path:
    """Where a file is made before it takes its place."""
    return path.with_name(f".{path.name}.{os.getpid()}")


def _settle(folder: Path) -> None:
    """The new name outlives a power cut too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
