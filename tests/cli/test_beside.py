"""What runs beside the demo: an authorization server that works, and a sample client to look at."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import click
import pytest

from mashery_oauth.cli import beside
from mashery_oauth.cli.beside import EXAMPLES, listen, url_of
from mashery_oauth.cli.demo_files import PROVIDER_FILE, USERS_FILE

from .processes import COMMAND, PATIENCE, command, environment, free_port, serving

FOLDER = ("state", "mashery_oauth", "demo")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A running demo whose provider's port was chosen, and its home."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    with serving(home, "demo", "--port", "0", "--provider-port", str(port)) as demo:
        assert demo["urls"]["provider"] == f"http://127.0.0.1:{port}"
        yield home, demo


def fetched(url: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> bytes:
    """What is answered with 200."""
    body = urlencode(form).encode() if form is not None else None
    with urlopen(Request(url, body, headers or {}), timeout=PATIENCE) as response:
        content: bytes = response.read()
    return content


def own(demo: dict[str, Any], name: str) -> dict[str, str]:
    """An application's credentials."""
    return {member: demo["applications"][name][member] for member in ("client_id", "client_secret")}


def test_the_demos_user_gets_a_token_that_opens_the_resource(started: tuple[Path, dict[str, Any]]) -> None:
    _, demo = started
    provider, user = demo["urls"]["provider"], demo["user"]
    password = {"grant_type": "password", "username": user["name"], "password": user["password"]}

    made = json.loads(fetched(f"{provider}/oauth2/token", password | own(demo, "storefront")))
    opened = fetched(f"{provider}/resource/payments", headers={"Authorization": f"Bearer {made['access_token']}"})

    assert json.loads(opened)["forwarded"]["X-Mashery-Oauth-User-Context"] == user["name"]


def test_backups_answer_as_barracuda(started: tuple[Path, dict[str, Any]]) -> None:
    _, demo = started
    form = own(demo, "backup-portal") | {"grant_type": "none", "scope": "accounts_read+accounts_write"}

    made = json.loads(fetched(f"{demo['urls']['provider']}/oauth2/token", form))

    assert set(made) == {"access_token", "expires_in"}
    assert made["expires_in"] == "3600"


def test_the_link_that_is_printed_can_be_opened(started: tuple[Path, dict[str, Any]]) -> None:
    home, demo = started
    link = demo["urls"]["sample_client"]

    page = fetched(link)

    assert link in (home / "log").read_text().splitlines()
    assert b"<!doctype html>" in page.lower()


def test_its_files_are_for_their_owner_alone_and_have_no_password_in_clear(
    started: tuple[Path, dict[str, Any]],
) -> None:
    home, demo = started

    files = [home.joinpath(*FOLDER, name) for name in (PROVIDER_FILE, USERS_FILE)]

    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]
    assert demo["user"]["password"] not in files[1].read_text()


def test_the_provider_is_where_it_was_told_to_be(started: tuple[Path, dict[str, Any]]) -> None:
    _, demo = started

    document = json.loads(fetched(f"{demo['urls']['provider']}/.well-known/oauth-authorization-server"))

    assert document["issuer"] == demo["urls"]["provider"]


def test_a_chosen_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        refused = command(tmp_path, "demo", "--port", "0", "--provider-port", str(taken.getsockname()[1]))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: port ")
    assert "--provider-port 0 takes any free one" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_usual_port_that_is_taken_gives_way_to_any() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with listen(None, port) as sock:
            other = url_of(sock)
        with pytest.raises(click.ClickException, match=f"port {port} on 127.0.0.1 cannot be had"):
            listen(port, 0)

    assert other != f"http://127.0.0.1:{port}"


def test_a_provider_that_ends_too_early_is_told_and_takes_nobody_any_more(tmp_path: Path) -> None:
    """Found by an attack: its port took connections, and let them wait for ever."""
    with serving(tmp_path, "demo", "--port", "0") as demo:
        (child,) = spawned(tmp_path)
        os.kill(child, signal.SIGKILL)

        wait_for(lambda: "provider_ended" in (tmp_path / "log").read_text())
        with pytest.raises(URLError, match="refused"):
            fetched(demo["urls"]["provider"])


def spawned(home: Path) -> list[int]:
    """The processes that were spawned by one with this home."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone, or somebody else's
            is_spawned = b"spawn_main" in place.joinpath("cmdline").read_bytes()
            if is_spawned and f"HOME={home}".encode() in place.joinpath("environ").read_bytes().split(b"\0"):
                found.append(int(place.name))
    return found


def test_what_runs_beside_ends_even_where_the_demo_was_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [*COMMAND, "demo", "--port", "0", "--data-dir", str(tmp_path / "data")],
            env=environment(tmp_path),
            stdout=file,
            stderr=file,
        )
    try:
        wait_for(lambda: '"serving"' in log.read_text() and (tmp_path / "data" / PROVIDER_FILE).exists())
        demo = json.loads((tmp_path / "data" / "demo.json").read_text())
        wait_for(lambda: answers(demo["urls"]["provider"]))
    finally:
        process.kill()
        process.wait(PATIENCE)
        os.kill(int((tmp_path / "data" / "valkey.lock").read_text()), signal.SIGKILL)

    wait_for(lambda: not answers(demo["urls"]["provider"]))


def answers(url: str) -> bool:
    """Whether anybody is there."""
    try:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=1) as probe:
            probe.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            return probe.recv(1) != b""
    except OSError:
        return False


def wait_for(condition: Any) -> None:
    """Waits, with a bound."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_examples_are_where_they_are_looked_for() -> None:
    assert beside.has_sample_client()
    assert (EXAMPLES / beside.SAMPLE_CLIENT / "__init__.py").exists()
