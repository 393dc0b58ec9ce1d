"""``mashery-oauth provider``: the reference authorization server as people start it."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import TextIO
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from argon2 import PasswordHasher
from click.testing import CliRunner

from mashery_oauth.cli import main
from mashery_oauth.provider.users import hash_password

from ..processes import COMMAND, PATIENCE, command, environment, free_port

FILE = """
issuer = "http://127.0.0.1:{port}"
port = {port}
users = "users.toml"

[backend]
url = "http://127.0.0.1:1"
user = "provider"
password = "password-of-the-provider"
timeout = 0.2

[[services]]
name = "payments"
service_key = "key"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A provider's file, with its users."""
    path = tmp_path / "provider.toml"
    path.write_text(FILE.format(port=free_port()))
    (tmp_path / "users.toml").write_text(f'[users.anna]\npassword = "{hash_password("secret")}"\n')
    return path


@contextmanager
def serving(home: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A provider that runs, and its log."""
    log = home / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, "provider", *arguments], env=environment(home), stdout=output, stderr=output
        )
    try:
        yield process, log
    finally:
        process.kill()
        process.wait()


def port_of(process: subprocess.Popen[bytes], log: Path) -> int:
    """Where it serves, as its log says."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            said = json.loads(line)
            if said["event"] == "serving":
                return int(said["port"])
        time.sleep(0.05)
    raise TimeoutError(log.read_text())


def test_says_that_it_is_not_where_its_issuer_is(tmp_path: Path, file: Path) -> None:
    """Whoever moved the port alone was sent to another server by the metadata, without a word."""
    other = free_port()

    with serving(tmp_path, str(file), "--port", str(other)) as (process, log):
        port_of(process, log)
        process.terminate()
        process.wait(PATIENCE)
        lines = [json.loads(line) for line in log.read_text().splitlines()]

    (line,) = [line for line in lines if line["event"] == "not_at_its_issuer"]
    assert (line["port"], line["look_at"], line["level"]) == (other, ["issuer"], "warning")
    assert line["issuer"] in file.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_it_is_told_to_stop_and_logs_no_address(
    tmp_path: Path, file: Path, number: signal.Signals
) -> None:
    with serving(tmp_path, str(file), "--port", "0") as (process, log):
        url = f"http://127.0.0.1:{port_of(process, log)}"
        with urlopen(f"{url}/.well-known/oauth-authorization-server", timeout=5) as response:
            document = json.load(response)
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{url}/oauth2/token?code=code-of-a-user", urlencode({"client_id": "x"}).encode(), timeout=5)
        process.send_signal(number)
        code = process.wait(PATIENCE)
        said = log.read_text()

    assert document["issuer"] in file.read_text()
    assert (refused.value.code, json.load(refused.value)["error"]) == (503, "temporarily_unavailable")
    assert code == 0
    assert "code-of-a-user" not in said
    assert "password-of-the-provider" not in said


def test_says_in_one_line_that_the_port_is_taken(tmp_path: Path, file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = command(tmp_path, "provider", str(file), "--port", str(taken.getsockname()[1]))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: port ")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("service_key", "service_keys", "services[0].service_key: is missing"),
        ('users = "users.toml"', "", "users: is missing"),
        ('"users.toml"', '"nobody.toml"', "nobody.toml: cannot be read: No such file or directory\n"),
        ("issuer =", "issuer", "is not TOML"),
    ],
)
def test_says_in_one_line_what_is_wrong_with_a_file(file: Path, old: str, new: str, told: str) -> None:
    file.write_text(file.read_text().replace(old, new))

    result = CliRunner().invoke(main, ["provider", str(file)])

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_wants_a_file() -> None:
    result = CliRunner().invoke(main, ["provider"])

    assert (result.exit_code, "Missing argument 'FILE'" in result.stderr) == (2, True)


@pytest.mark.parametrize("piped", ["secret\n", "secret", "secret\r\n", "secret\nanother\n"])
def test_hashes_the_line_that_a_program_passes(tmp_path: Path, piped: str) -> None:
    """A password that was piped was asked for twice, with warnings, and then refused."""
    done = hashing(tmp_path, stdin=subprocess.PIPE)
    out, err = done.communicate(piped, timeout=PATIENCE)

    assert (done.returncode, err) == (0, "")
    assert PasswordHasher().verify(out.strip(), "secret")


@pytest.mark.parametrize("piped", ["", "\n"])
def test_says_that_no_password_was_passed(tmp_path: Path, piped: str) -> None:
    done = hashing(tmp_path, stdin=subprocess.PIPE)
    out, err = done.communicate(piped, timeout=PATIENCE)

    assert (done.returncode, out) == (2, "")
    assert err.endswith("Error: --hash-password: there is no password on standard input.\n")


def test_asks_twice_for_a_password_on_a_terminal_and_does_not_show_it(tmp_path: Path) -> None:
    ours, its = pty.openpty()
    with os.fdopen(ours, "rb+", buffering=0) as keyboard, os.fdopen(its) as terminal:
        process = hashing(tmp_path, stdin=terminal)
        assert process.stderr is not None
        bound = Timer(PATIENCE, process.kill)  # then it says no more, and the question is missing
        bound.start()
        asked = ""
        for question in ("Password: ", "Repeat for confirmation: "):
            while not asked.endswith(question):  # what is typed before it is asked for is thrown away
                letter = process.stderr.read(1)
                assert letter, asked
                asked += letter
            keyboard.write(b"secret\n")
        out, err = process.communicate(timeout=PATIENCE)
        bound.cancel()

    assert process.returncode == 0
    assert "secret" not in asked + err
    assert PasswordHasher().verify(out.strip(), "secret")


def hashing(home: Path, *, stdin: int | TextIO) -> subprocess.Popen[str]:
    """The command that hashes a password, without a terminal but the one that it is given."""
    return subprocess.Popen(
        [*COMMAND, "provider", "--hash-password"],
        env=environment(home),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
