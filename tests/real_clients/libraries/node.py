"""Libraries for Node: each has a program, which is told errands one after another and tells what came of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from threading import Timer
from typing import Any

from ..errand import Errand, Flow, Library, Told

PATIENCE = 60.0  # seconds for an errand, on a machine that is busy


class Refused(Exception):
    """The library has told of an OAuth error."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(slots=True)
class Programs:
    """The programs that run, in the folder that has their packages too."""

    node: str
    folder: Path
    running: dict[str, Popen[str]] = field(default_factory=dict)

    def run(self, program: str, flow: str, errand: Errand) -> Told:
        """What a program tells; it may send the user to a page before.

        :raises Refused: it tells of an OAuth error.
        """
        process = self._process(program)
        watch = Timer(PATIENCE, process.kill)
        watch.start()
        try:
            _say(process, _texts(errand) | {"flow": flow})
            heard = _heard(process)
            if "visit" in heard:
                _say(process, errand.visit(heard["visit"]))
                heard = _heard(process)
        finally:
            watch.cancel()
        if "refused" in heard:
            raise Refused(heard["refused"])
        told: Told = heard["told"]
        return told

    def end(self) -> None:
        """Ends them all."""
        for process in self.running.values():
            process.kill()
            process.communicate()

    def _process(self, program: str) -> Popen[str]:
        process = self.running.get(program)
        if process is None or process.poll() is not None:
            command = [self.node, f"{program}.mjs"]
            process = self.running[program] = Popen(command, cwd=self.folder, stdin=PIPE, stdout=PIPE, text=True)
        return process


def _texts(errand: Errand) -> dict[str, str]:
    """What of an errand can be written down."""
    members = {member.name: getattr(errand, member.name) for member in fields(errand)}
    return {name: value for name, value in members.items() if isinstance(value, str)}


def _say(process: Popen[str], message: object) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def _heard(process: Popen[str]) -> Mapping[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the program has ended without a word"
    heard: Mapping[str, Any] = json.loads(line)
    assert "failed" not in heard, heard["failed"]
    return heard


def _run(program: str, flow: str, errand: Errand) -> Told:
    assert errand.programs is not None
    return errand.programs.run(program, flow, errand)


def _flows(program: str, names: Iterable[str]) -> Mapping[str, Flow]:
    return {name: partial(_run, program, name) for name in names}


_NAMES = (
    "authorization_code",
    "pkce",
    "public",
    "password",
    "client_credentials",
    "refresh_token",
    "revocation",
    "introspection",
    "metadata",
)
OPENID_CLIENT = Library(
    name="openid-client",
    flows=_flows("openid_client", _NAMES),
    missing={"implicit": "it takes ID tokens from a fragment, and no access token"},
    refusal=Refused,
    encodes=True,
)
OAUTH4WEBAPI = Library(
    name="oauth4webapi",
    flows=_flows("oauth4webapi", _NAMES),
    missing={"implicit": "it is left out on purpose, as RFC 9700 advises against the flow"},
    refusal=Refused,
    encodes=True,
)
