"""What holds for every command: its help, where the store is, its one line when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mashery_oauth.cli import main

from .conftest import Run
from .processes import command

Path_ = tuple[str, ...]


def commands(group: click.Group, path: Path_ = ()) -> Iterator[tuple[Path_, click.Command]]:
    for name, each in group.commands.items():
        yield (*path, name), each
        if isinstance(each, click.Group):
            yield from commands(each, (*path, name))


EVERY = dict(commands(main))
LEAVES = [path for path, each in EVERY.items() if not isinstance(each, click.Group)]
WITHOUT_STORE = {
    ("provider",),
    ("replay", "list"),
    ("replay", "run"),
}  # what knows the service by its calls alone, or not at all


@pytest.mark.parametrize("path", EVERY, ids=" ".join)
def test_has_help_with_an_example(run: Run, path: Path_) -> None:
    shown = run(*path, "--help")

    assert shown.code == 0
    assert "Example:" in shown.out
    assert f"mashery-oauth {path[0]}" in shown.out


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_says_where_the_store_is_by_options(path: Path_) -> None:
    options = {option for parameter in EVERY[path].params for option in parameter.opts}

    assert {"--redis", "--data-dir"} & options == (set() if path in WITHOUT_STORE else {"--redis", "--data-dir"})
    assert ("--json" in options) == (path[0] not in ("serve", "demo", "provider"))


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["--redis", "http://x"], {}, "the store's URL begins with redis://"),
        ([], {"MASHERY_OAUTH_KEYS": "short"}, "MASHERY_OAUTH_KEYS: each key is 64 hexadecimal digits"),
        ([], {"MASHERY_OAUTH_KEYS": ""}, "MASHERY_OAUTH_KEYS is needed"),
        ([], {"MASHERY_OAUTH_PORT": "many"}, "MASHERY_OAUTH_PORT: not a valid integer\n"),
    ],
)
def test_says_in_one_line_what_is_wrong_with_the_settings(
    run: Run, arguments: list[str], environment: dict[str, str], sentence: str
) -> None:
    refused = run("site", "list", *arguments, **environment)

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"Error: {sentence}")
    assert refused.err.count("\n") == 1


def test_works_on_a_folder_with_no_service_running(tmp_path: Path) -> None:
    folder = ("--data-dir", str(tmp_path / "data"))

    created = command(tmp_path, "site", "create", "Bank", *folder)
    listed = command(tmp_path, "site", "list", "--json", *folder, MASHERY_OAUTH_REDIS="redis://127.0.0.1:1")

    assert created.returncode == 0, created.stderr
    assert '"name": "Bank"' in listed.stdout


def test_says_in_one_line_that_a_folder_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    refused = command(tmp_path, "site", "create", "Bank", "--data-dir", str(tmp_path / "file" / "data"))

    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: The data folder")
    assert refused.stderr.count("\n") == 1


def test_a_mistyped_folder_does_not_become_a_store(tmp_path: Path) -> None:
    folder = tmp_path / "mistyped"

    refused = command(tmp_path, "site", "list", "--data-dir", str(folder))

    assert refused.returncode == 1
    assert refused.stderr == f"Error: There is no store in {folder}. Name one with --data-dir DIR or --redis URL.\n"
    assert not folder.exists()


def test_says_where_the_demos_store_is_to_whoever_names_none(tmp_path: Path) -> None:
    demo = tmp_path / "state" / "mashery_oauth" / "demo"
    command(tmp_path, "site", "create", "Demo", "--data-dir", str(demo))

    refused = command(tmp_path, "site", "list")
    listed = command(tmp_path, "site", "list", "--json", "--data-dir", str(demo))

    assert refused.returncode == 1
    assert refused.stderr.endswith(f" Name one with --data-dir DIR or --redis URL; the demo's is in {demo}.\n")
    assert '"name": "Demo"' in listed.stdout


def test_a_wrong_option_is_a_matter_of_usage(tmp_path: Path) -> None:
    refused = command(tmp_path, "site", "list", "--jason")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "No such option" in refused.stderr
