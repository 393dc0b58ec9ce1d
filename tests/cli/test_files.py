"""Files with secrets in them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import click
import pytest

from mashery_oauth.cli.files import check_writable, write_private


def test_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_private(tmp_path / "file", "secret")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    assert (tmp_path / "file").read_text() == "secret"


def test_takes_the_place_of_a_file_that_others_could_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "file").chmod(0o644)

    write_private(tmp_path / "file", "new")

    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_says_that_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()

    with pytest.raises(click.ClickException, match="file cannot be written: Is a directory"):
        write_private(tmp_path / "file", "secret")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]


# Found by a run as root: a device was replaced by a file.
def test_writes_to_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)

    write_private(tmp_path / "pipe", "secret")

    assert os.read(reader, 100) == b"secret"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    os.close(reader)


# Found by a run that exported to a link: the link was replaced, and what it pointed to was left as it was.
@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path, *, there: bool) -> None:
    target = tmp_path / "elsewhere" / "target"
    target.parent.mkdir()
    if there:
        target.write_text("old")
    (tmp_path / "link").symlink_to(target)

    write_private(tmp_path / "link", "new")

    assert (tmp_path / "link").is_symlink()
    assert target.read_text() == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [path.name for path in target.parent.iterdir()] == ["target"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nowhere/file", "No such file or directory"),
        ("file/below", "Not a directory"),
        ("folder", "Is a directory"),
        ("folder/" + "x" * 300, "File name too long"),
    ],
)
def test_finds_out_beforehand_that_it_cannot_be_written(name: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")

    with pytest.raises(click.ClickException, match=f"cannot be written: {told}"):
        check_writable(tmp_path / name)

    with pytest.raises(click.ClickException, match=f"cannot be written: {told}"):
        write_private(tmp_path / name, "text")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_finds_out_beforehand_what_is_not_allowed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o400)
    (tmp_path / "folder").mkdir(0o500)

    for name in ("pipe", "folder/file"):
        with pytest.raises(click.ClickException, match="cannot be written: Permission denied"):
            check_writable(tmp_path / name)


def test_finding_out_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "new")
    os.mkfifo(tmp_path / "pipe")

    for name in ("file", "new", "link", "pipe"):
        check_writable(tmp_path / name)

    assert (tmp_path / "file").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["elsewhere", "file", "link", "pipe"]
