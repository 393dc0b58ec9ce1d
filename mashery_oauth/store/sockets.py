"""Where an embedded store's socket is: in its data folder, or elsewhere as a record there says."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

PATH_BYTES = 103  # the most that macOS takes; Linux takes 107
_CUSTOMARY = "/tmp"  # noqa: S108  the folder that is made there is its owner's only
_NAME, _RECORD, _ELSEWHERE = "valkey.sock", "socket", "mashery_oauth-"


def choose_socket(folder: Path) -> Path:
    """A path for a new socket; elsewhere and recorded where the folder's own path cannot be a socket's.

    :raises OSError: there is no other place for it.
    """
    inside = folder / _NAME
    if _is_fit(inside):
        return inside
    outside = _elsewhere()
    with os.fdopen(os.open(folder / _RECORD, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as record:
        record.write(os.fsencode(outside))
    return outside


def _is_fit(path: Path) -> bool:
    """Whether a socket's path may be so long, and whether a URL can say it: one holds text, no other bytes."""
    name = os.fsencode(path)
    with suppress(UnicodeDecodeError):
        return bool(name.decode()) and len(name) <= PATH_BYTES
    return False


def _elsewhere() -> Path:
    """A path in a new folder: among the temporary ones, or where those are by custom, as theirs may not do either."""
    for place in (None, _CUSTOMARY):
        path = Path(mkdtemp(prefix=_ELSEWHERE, dir=place)) / _NAME
        if _is_fit(path):
            return path
        path.parent.rmdir()
    raise OSError("its path is too long for a socket, and there is no shorter one")


def socket_path(folder: Path) -> Path:
    """Where the socket is, or would be.

    :raises OSError: the record cannot be read, or says what we would not have written.
    """
    record = folder / _RECORD
    said = os.fsdecode(record.read_bytes()) if record.exists() else ""
    if not said:  # none, or one that was begun only
        return folder / _NAME
    path = Path(said)
    if not path.is_absolute() or path.name != _NAME or not path.parent.name.startswith(_ELSEWHERE) or "\0" in said:
        raise OSError(f"{record} names no socket of ours")
    return path


def remove_socket(folder: Path) -> None:
    """Removes the socket and its record; nothing that is no socket."""
    path = socket_path(folder)
    if path.is_socket():
        path.unlink(missing_ok=True)
    if path.parent != folder:
        with suppress(OSError):  # the system empties its temp folder at times; what is not empty is not ours
            path.parent.rmdir()
        (folder / _RECORD).unlink()
