"""Files with secrets in them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import click
import pytest

from mashery_oauth.cli.files import write_private


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
