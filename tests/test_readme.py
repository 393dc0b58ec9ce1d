"""The README: a new user who does what it says gets what it shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from .tools import tool

ROOT = Path(__file__).parent.parent

README = ROOT / "README.rst"
PATIENCE = 60.0  # seconds
# What is new in each run: texts and client identifiers, and times.
FRESH = re.compile(r"\b[a-z0-9]{24,60}\b|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\b")


def blocks() -> list[tuple[str, str]]:
    """The blocks of code, each with its language."""
    found = re.findall(r"^\.\. code-block:: (\w+)\n\n((?:   .*\n|\n)+)", README.read_text(), re.MULTILINE)
    return [(language, textwrap.dedent(text).strip("\n")) for language, text in found]


def transcript() -> list[tuple[str, str]]:
    """Each pasted command, with what it prints; the two that make is told are none of them."""
    found: list[tuple[str, str]] = []
    for language, text in blocks():
        if language == "json":
            found[-1] = (found[-1][0], text)
        elif not text.startswith("make "):
            found.append((text, ""))
    return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of somebody whose demo runs: with a state folder, and a port, of its own."""
    state = tmp_path_factory.mktemp("state")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("MASHERY_OAUTH_")}
    variables["XDG_STATE_HOME"] = str(state)
    log = state / "log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "mashery_oauth", "demo", "--port", "0"]
        service = subprocess.Popen(command, env=variables, stdout=output, stderr=output)
    try:
        wait_until_served(state / "mashery_oauth/demo/demo.json", service, log)
        yield variables
    finally:
        service.terminate()
        service.wait(PATIENCE)


def wait_until_served(file: Path, service: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert service.poll() is None, log.read_text()
        if file.exists() and answers(json.loads(file.read_text())["urls"]["local_v3"]):
            return
        time.sleep(0.05)
    raise TimeoutError(log.read_text())


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url.partition("/v3")[0] + "/healthz", timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def pasted(text: str, environment: Mapping[str, str]) -> str:
    """What a shell prints when this is pasted into it."""
    done = subprocess.run(
        ["bash", "-e"], input=text, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def comparable(printed: str) -> str:
    """The same with one word for what is new each time; members keep their order."""
    document: Any = json.loads(printed)
    return FRESH.sub("fresh", json.dumps(document))


def test_is_restructured_text_without_a_fault() -> None:
    subprocess.run([sys.executable, "-m", "docutils", "--halt=2", README, os.devnull], check=True, capture_output=True)


def test_begins_with_the_two_commands() -> None:
    assert [text for _, text in blocks() if text.startswith("make ")] == ["make run", "make test"]


@pytest.mark.parametrize(("target", "command"), [("run", "/mashery-oauth demo"), ("test", "/pytest")])
def test_names_targets_of_make_that_do_it(target: str, command: str) -> None:
    said = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert command in said


def test_one_pasted_command_creates_and_fetches_a_token(environment: dict[str, str]) -> None:
    command, shown = transcript()[0]

    printed = pasted(command, environment)

    assert command.startswith("python3 - <<")
    assert comparable(printed) == comparable(shown)


def test_the_calls_with_curl_print_what_is_shown(environment: dict[str, str]) -> None:
    tool("curl")
    steps = transcript()[1:]

    printed = [pasted("\n".join(text for text, _ in steps[: at + 1]), environment) for at in range(len(steps))]

    assert len([shown for _, shown in steps if shown]) == 2
    assert comparable(printed[1]) == comparable(steps[1][1])
    assert comparable(printed[2].splitlines()[-1]) == comparable(steps[2][1])
    assert all(text.endswith("\n") for text in printed[1:])


def test_is_short() -> None:
    assert len(README.read_text().splitlines()) < 180
