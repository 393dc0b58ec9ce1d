"""The path of an embedded store's socket."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest

from mashery_oauth.store.embedded import EmbeddedStore, FolderError, running_url
from mashery_oauth.store.sockets import PATH_BYTES, choose_socket, remove_socket, socket_path


def far(tmp_path: Path) -> Path:
    """A folder whose path is too long for a socket."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    return folder


def test_is_in_the_folder_and_elsewhere_where_that_is_too_long(tmp_path: Path) -> None:
    folder = far(tmp_path)

    near, away = choose_socket(tmp_path), choose_socket(folder)

    assert near == socket_path(tmp_path) == tmp_path / "valkey.sock"
    assert away == socket_path(folder)
    assert len(os.fsencode(away)) <= PATH_BYTES
    remove_socket(folder)
    assert not away.parent.exists()
    assert list(folder.iterdir()) == []


def test_is_where_temporary_files_are_by_custom_when_their_own_folder_is_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found that the way out of a long path was in the same long path."""
    folder = far(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    away = choose_socket(folder)

    assert away.is_relative_to("/tmp")
    assert away == socket_path(folder)
    assert [path.name for path in folder.iterdir()] == ["socket"]
    remove_socket(folder)
    assert not away.parent.exists()


def test_says_so_where_no_path_is_short_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = far(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr("mashery_oauth.store.sockets._CUSTOMARY", str(folder))

    with pytest.raises(FolderError, match=r"cannot be used: its path is too long for a socket, and there is no short"):
        EmbeddedStore.start(folder)

    assert not [path.name for path in folder.iterdir() if path.name.startswith("mashery_oauth-")]


def test_a_record_that_was_begun_only_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "socket").touch()

    assert socket_path(tmp_path) == tmp_path / "valkey.sock"


# Found by a run with damaged folders: the file that was named was deleted, and the others gave a traceback.
@pytest.mark.parametrize(
    "said", ["{there}", "valkey.sock", "{parent}", "\0", "/tmp/mashery_oauth-\0/valkey.sock", "\udcff"]
)
def test_a_record_that_names_no_socket_of_ours_is_refused(tmp_path: Path, said: str) -> None:
    there = tmp_path / "precious"
    there.write_text("kept")
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "socket").write_bytes(os.fsencode(said.format(there=there, parent=tmp_path)))

    for use in (EmbeddedStore.start, running_url):
        with pytest.raises(FolderError, match=r"The data folder .* cannot be used: .*socket names no socket of ours"):
            use(folder)

    assert there.read_text() == "kept"


def test_a_record_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "socket").mkdir()

    for use in (EmbeddedStore.start, running_url):
        with pytest.raises(FolderError, match=r"The data folder .* cannot be used: .*Is a directory"):
            use(tmp_path)


def test_removes_only_what_is_a_socket(tmp_path: Path) -> None:
    folder = far(tmp_path)
    path = choose_socket(folder)
    path.write_text("kept")

    remove_socket(folder)

    assert path.read_text() == "kept"
    path.unlink()
    path.parent.rmdir()


def test_a_socket_that_was_left_over_is_removed(tmp_path: Path) -> None:
    folder = far(tmp_path)
    path = choose_socket(folder)
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))

    remove_socket(folder)

    assert not path.parent.exists()
