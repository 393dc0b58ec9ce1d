"""The demo and replay, both as processes: the line that is printed plays all that the demo has."""

from __future__ import annotations

import re
import stat
import subprocess
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mashery_oauth.cli.replayed import FILE, TEXTS, service_of
from mashery_oauth.replay import cast
from mashery_oauth.replay.target_file import read_targets

from ..processes import environment, serving

PAGE = Path(__file__).parents[3] / "docs" / "replay.rst"
FOLDER = Path("state", "mashery_oauth", "demo")
PATIENCE = 120.0  # seconds
LACKING = {
    "tls_at_authorization": "an authorization URL that is not on this machine",
    "tls_at_token": "a token URL that is not on this machine",
    "code_expired": "the lifetime of its codes",
}
SECONDS = re.compile(r"\d+\.\d s$")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A running demo, its home and its file."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, "demo", "--port", "0") as demo:
        yield home, demo


def typed(home: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Runs a line in a shell."""
    return subprocess.run(
        ["bash", "-c", line],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def printed_line(home: Path) -> str:
    """The line that the demo wants one to type."""
    (line,) = [line for line in (home / "log").read_text().splitlines() if " replay run --all " in line]
    return line


def transcripts() -> dict[str, list[str]]:
    """What the page shows to be printed, by what is typed."""
    found: dict[str, list[str]] = {}
    for block in re.findall(r"^\.\. code-block:: console\n\n((?:   .*\n|\n)+)", PAGE.read_text(), re.MULTILINE):
        command, *lines = textwrap.dedent(block).strip("\n").splitlines()
        found[command.removeprefix("$ ")] = lines
    return {command: lines for command, lines in found.items() if not any(line.startswith("$ ") for line in lines)}


def comparable(lines: list[str]) -> list[str]:
    """The same without what the width of a terminal or the speed of a machine decides."""
    return [SECONDS.sub("s", " ".join(line.split())) for line in lines if line.strip()]


def test_the_line_that_is_printed_plays_all_texts_and_nothing_fails(started: tuple[Path, dict[str, Any]]) -> None:
    home, _ = started
    (shown,) = [lines for command, lines in transcripts().items() if " run --all " in command]

    run = typed(home, f"{printed_line(home)} --strict")

    lines = run.stdout.splitlines()
    assert (run.returncode, run.stderr) == (0, "")
    left_out = Counter(LACKING.get(scenario.name) for text in TEXTS for _, scenario in cast([text]))
    assert [line for line in lines if line.startswith(("failed", "not run"))] == []
    assert {line for line in lines if line.startswith("left out")} == {
        f"left out {left_out[thing]} scenarios for lack of {thing}" for thing in LACKING.values()
    }
    assert comparable(lines) == comparable(shown)


def test_the_transcript_of_the_page_is_what_is_printed(started: tuple[Path, dict[str, Any]]) -> None:
    home, _ = started
    (shown,) = [lines for command, lines in transcripts().items() if " run barracuda " in command]

    run = typed(home, printed_line(home).replace("--all", "barracuda --verbose"))

    assert comparable(run.stdout.splitlines()) == comparable(shown)


def test_the_lines_of_the_page_name_the_file_that_is_there(started: tuple[Path, dict[str, Any]]) -> None:
    home, _ = started
    files = {command.partition("--target ")[2] for command in transcripts()}

    (shown,) = files

    assert shown == f"~/.local/{FOLDER / FILE}"
    assert (home / FOLDER / FILE).exists()


def test_the_file_is_for_its_owner_alone_and_has_secrets_of_replay_only(started: tuple[Path, dict[str, Any]]) -> None:
    home, demo = started
    file = home / FOLDER / FILE
    services = {service_of(text) for text in TEXTS}

    targets = read_targets(file)

    own = {
        each["client_secret"]
        for each in demo["applications"].values()
        if set(each["services"]) <= services and each["client_secret"]
    }
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    shown = {client.client_secret for target in targets for client in target.clients.values()}
    assert {*shown, *(target.password for target in targets)} - {""} == own | {demo["tester"]["password"]}
    others = [demo["user"]["password"], demo["caller"]["password"], demo["caller"]["secret"]]
    others += [demo["applications"][name]["client_secret"] for name in ("storefront", "backup-portal", "sample-client")]
    assert [secret for secret in others if secret in file.read_text()] == []
