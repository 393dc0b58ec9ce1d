"""The section "From nothing" of the provider's page: its commands, typed in their order, lead to tokens."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.cli.processes import environment, free_port
from tests.real_clients.browsing import User
from tests.tools import tool

PAGE = Path(__file__).parents[2] / "docs" / "provider.rst"
PATIENCE = 60.0  # seconds
PASSWORD = "a password of the test"
STAYS = ("mashery-oauth serve", "mashery-oauth provider provider.toml")  # what has a terminal of its own


@dataclass(frozen=True)
class Step:
    """What a reader is told to do: to type something, to write a file, or to open a link."""

    kind: str
    text: str
    name: str = ""


def steps() -> list[Step]:
    """The section's blocks in their order, a step for each command."""
    section = re.search(r"^From nothing\n-+\n(.*?)^Endpoints\n-+\n", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert section is not None
    blocks = re.findall(
        r"(?:^\.\. code-block:: (\w+)\n(?:   :caption: (\S+)\n)?|::\n)\n((?:   .*\n|\n)+)", section[1], re.MULTILINE
    )
    found: list[Step] = []
    for language, name, indented in blocks:
        text = textwrap.dedent(indented).strip("\n")
        if language == "console":
            found += [Step("command", line.removeprefix("$ ")) for line in text.splitlines()]
        else:
            found.append(Step("file", text, name) if language == "toml" else Step("link", text))
    return found


@dataclass
class Reader:
    """Somebody who does what the page says, on free ports and in an empty home."""

    home: Path
    stack: ExitStack
    ports: Mapping[str, str]
    known: dict[str, str] = field(default_factory=dict)  # placeholder -> what was printed for it
    printed: list[str] = field(default_factory=list)
    logs: list[Path] = field(default_factory=list)

    def does(self, step: Step) -> None:
        """One step, with what the steps before have printed."""
        text = self._filled(step.text)
        if step.kind == "file":
            moved = f"port = {self.ports['8084']}\n" if step.name == "provider.toml" else ""
            (self.home / step.name).write_text(f"{moved}{text}\n")
        elif step.kind == "link":
            place = urlsplit(text)
            sent_to = User(f"{place.scheme}://{place.netloc}", "anna", PASSWORD).visit(text)
            self.known["CODE"] = parse_qs(urlsplit(sent_to).query)["code"][0]
            assert sent_to.startswith("https://client.example.com/cb?")
        elif step.text in STAYS:
            self._start(text)
        else:
            self._type(text)

    def _filled(self, text: str) -> str:
        for placeholder, value in {**self.ports, **self.known}.items():  # what was printed may look like a port
            text = text.replace(placeholder, value)
        return text

    def _type(self, command: str) -> None:
        done = subprocess.run(
            ["bash", "-e"],
            input=f"{command}\n" if "--hash-password" not in command else f"{command} <<< $'{PASSWORD}\\n{PASSWORD}'",
            env=self._environment(),
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            start_new_session=True,  # no terminal to be asked at
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert "Note:" not in done.stderr
        self.printed.append(done.stdout)
        self._note(command, done.stdout)

    def _note(self, command: str, printed: str) -> None:
        """What the page says is needed below."""
        if "--hash-password" in command:
            self.known["HASH-OF-THE-PASSWORD"] = printed.strip()
        elif command.startswith("mashery-oauth"):
            members = dict(line.split(None, 1) for line in printed.splitlines() if len(line.split(None, 1)) == 2)
            wanted = {"password": "PASSWORD-OF-THE-CALLER", "key": "KEY-OF-THE-SERVICE"}
            wanted |= {"client_id": "CLIENT-ID", "client_secret": "CLIENT-SECRET"}
            self.known |= {wanted[name]: value for name, value in members.items() if name in wanted}

    def _start(self, command: str) -> None:
        log = self.home / f"log-{len(self.logs)}"
        self.logs.append(log)
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"], env=self._environment(), cwd=self.home, stdout=output, stderr=output
            )
        self.stack.callback(process.wait, PATIENCE)
        self.stack.callback(process.terminate)
        _until(lambda: '"event":"serving"' in log.read_text() or process.poll() is not None)
        assert process.poll() is None, log.read_text()

    def _environment(self) -> dict[str, str]:
        own = environment(self.home) | {"MASHERY_OAUTH_PORT": self.ports["8083"]}
        return own | {"PATH": f"{self.home}:{os.environ['PATH']}"}


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


@contextmanager
def reader(home: Path) -> Iterator[Reader]:
    """Has the command in the path, as an installed package has it."""
    command = home / "mashery-oauth"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mashery_oauth "$@"\n')
    command.chmod(0o755)
    with ExitStack() as stack:
        yield Reader(home, stack, {"8083": str(free_port()), "8084": str(free_port())})


def test_its_steps_lead_to_tokens(tmp_path: Path) -> None:
    tool("curl")
    told = steps()

    with reader(tmp_path) as somebody:
        for step in told:
            somebody.does(step)
        answers: list[Any] = [json.loads(printed) for printed in somebody.printed if printed.startswith("{")]
        said = [log.read_text() for log in somebody.logs]

    assert [step.kind for step in told] == [
        *["command"] * 5, "file", "command", "file", "command", "command", "link", "command",
    ]  # fmt: skip
    assert [answer["token_type"] for answer in answers] == ["bearer", "bearer"]
    assert ["refresh_token" in answer for answer in answers] == [False, True]
    assert '"event":"backend"' not in said[1]
