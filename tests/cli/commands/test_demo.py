"""The demo, from its first start on."""

from __future__ import annotations

import json
import os
import pty
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mashery_oauth.flows import FLOWS

from ...tools import tool
from ..processes import call, command, serving

REDIRECT_URIS = {
    "storefront": ["https://storefront.example.com/callback"],
    "backup-portal": ["https://backup-portal.example.com/callback"],
    "sample-client": ["http://127.0.0.1/callback"],
}


def tried(names: Iterable[str]) -> list[str]:
    """Those that people try, and that are not there to be replayed against."""
    return [name for name in names if not name.startswith("replay-")]


def without_urls(demo: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in demo.items() if name != "urls"}


def create(demo: dict[str, Any], service: str, application: str, grant_type: str) -> dict[str, Any]:
    """CreateAccessToken with an application's own credentials."""
    client = {name: demo["applications"][application][name] for name in ("client_id", "client_secret")}
    return call(
        demo,
        "createAccessToken",
        {
            "service_key": demo["services"][service],
            "client": client,
            "token_data": {"grant_type": grant_type},
            "user_context": "user",
        },
    )


def wait_for(attempt: Callable[[], dict[str, Any]], member: str) -> dict[str, Any]:
    """The first answer that has the member: a change is in force within a second."""
    deadline = time.monotonic() + 5
    while member not in (answer := attempt()):
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)
    return answer


def is_alive(demo: dict[str, Any], access_token: str) -> bool:
    params = {"service_key": demo["services"]["payments"], "access_token": access_token}
    return "result" in call(demo, "fetchAccessToken", params)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A running demo, its home and what it printed."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, "demo", "--port", "0") as demo:
        yield home, demo


def test_writes_down_what_there_is_for_its_owner_alone(started: tuple[Path, dict[str, Any]]) -> None:
    home, demo = started

    path = home / "state" / "mashery_oauth" / "demo" / "demo.json"

    origin = demo["urls"]["local_v3"].removesuffix("/v3/json-rpc")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(demo) == ["urls", "site_id", "caller", "services", "applications", "user", "tester"]
    assert demo["urls"] == {
        "backend": origin,
        "cloud": f"{origin}/v2/json-rpc/{demo['site_id']}",
        "local_v2": f"{origin}/v2/json-rpc",
        "local_v3": f"{origin}/v3/json-rpc",
        "provider": demo["urls"]["provider"],
        "sample_client": demo["urls"]["sample_client"],
    }
    assert sorted(demo["user"]) == sorted(demo["tester"]) == ["name", "password"]
    assert sorted(demo["caller"]) == ["apikey", "password", "secret", "user"]
    assert tried(demo["services"]) == ["payments", "backups"]
    applications = {name: demo["applications"][name] for name in tried(demo["applications"])}
    assert {name: each["redirect_uris"] for name, each in applications.items()} == REDIRECT_URIS
    assert [each["services"] for each in applications.values()] == [["payments"], ["backups"], ["payments"]]


def test_prints_what_people_try_and_not_what_replay_does(started: tuple[Path, dict[str, Any]]) -> None:
    home, demo = started

    printed = (home / "log").read_text()

    assert all(demo["applications"][name]["client_id"] in printed for name in tried(demo["applications"]))
    assert not any(each["client_id"] in printed for name, each in demo["applications"].items() if not tried([name]))
    assert not any(key in printed for name, key in demo["services"].items() if not tried([name]))


def test_has_every_flow_on_for_payments(started: tuple[Path, dict[str, Any]]) -> None:
    home, _ = started

    shown = command(home, "flows", "payments", "--json", MASHERY_OAUTH_DATA_DIR=str(data_dir(home)))

    assert {row["flow"]: row["on"] for row in json.loads(shown.stdout)} == dict.fromkeys(FLOWS, True)


def data_dir(home: Path) -> Path:
    return home / "state" / "mashery_oauth" / "demo"


@pytest.mark.parametrize(
    ("service", "application", "grant_type"),
    [("payments", "storefront", "password"), ("backups", "backup-portal", "none")],
)
def test_answers_with_the_credentials_that_it_wrote_down(
    started: tuple[Path, dict[str, Any]], service: str, application: str, grant_type: str
) -> None:
    _, demo = started

    answer = create(demo, service, application, grant_type)

    assert answer["result"]["access_token"]


def test_prints_calls_that_work_as_printed(started: tuple[Path, dict[str, Any]]) -> None:
    tool("curl")
    home, _ = started
    printed = (home / "log").read_text().splitlines()
    calls = [line for line in printed if line.startswith(("TOKEN=", "curl "))]

    shell = subprocess.run(["bash", "-ec", "\n".join(calls)], capture_output=True, text=True, check=True)

    fetched, created, barracuda = map(json.loads, shell.stdout.splitlines())
    assert shell.stdout.endswith("\n")
    assert fetched["result"]["client_id"] in json.dumps(started[1])
    assert created["result"]["access_token"]
    assert {name: type(value) for name, value in barracuda.items()} == {"access_token": str, "expires_in": str}


def test_a_flow_is_switched_beside_the_running_service(started: tuple[Path, dict[str, Any]]) -> None:
    home, demo = started
    where = {"MASHERY_OAUTH_DATA_DIR": str(data_dir(home))}
    before = create(demo, "payments", "storefront", "password")

    forbidden = command(home, "flows", "forbid", "payments", "password", **where)
    refused = wait_for(lambda: create(demo, "payments", "storefront", "password"), "error")
    allowed = command(home, "flows", "allow", "payments", "password", **where)
    after = wait_for(lambda: create(demo, "payments", "storefront", "password"), "result")

    assert (forbidden.returncode, allowed.returncode) == (0, 0)
    assert "password" in refused["error"]["message"]
    assert before["result"]["access_token"] != after["result"]["access_token"]
    assert is_alive(demo, before["result"]["access_token"])


def test_the_log_names_what_an_operator_changed_and_its_server(started: tuple[Path, dict[str, Any]]) -> None:
    home, demo = started
    payments, storefront = demo["services"]["payments"], demo["applications"]["storefront"]["client_id"]
    log, begun = home / "log", len((home / "log").read_text())
    commands = {
        f"service {payments}": ("service", "update", "payments", "--set", "access_ttl=1800"),
        f"application {storefront}": ("revoke", "application", "storefront"),
    }

    for what, words in commands.items():
        assert command(home, *words, MASHERY_OAUTH_DATA_DIR=str(data_dir(home))).returncode == 0
        wait_for(partial(changes, log, begun), what)

    assert {line["server"] for line in logged(log, 0) if line["event"] == "configuration"} == {"backend"}
    serving_ = {line["port"]: line["server"] for line in logged(log, 0) if line["event"] == "serving"}
    ports = {name: int(url.rpartition(":")[2]) for name, url in demo["urls"].items() if url.count("/") == 2}
    assert (serving_[ports["backend"]], serving_[ports["provider"]]) == ("backend", "provider")


def logged(log: Path, begun: int) -> list[dict[str, Any]]:
    """The whole lines of a log from a place on."""
    return [json.loads(line) for line in log.read_text()[begun:].split("\n")[:-1] if line.startswith("{")]


def changes(log: Path, begun: int) -> dict[str, int]:
    """What changed from a place of the log on, with the version since which it has."""
    lines = [line for line in logged(log, begun) if line["event"] == "configuration"]
    return {each: line["version"] for line in lines for each in line["changed"]}


def left_on(screen: int) -> bytes:
    """What was printed on a terminal that nobody has open any more."""
    with suppress(OSError):  # nothing at all
        return os.read(screen, 1_000_000)
    return b""


@pytest.mark.parametrize("level", ["", "info"])
def test_a_log_on_a_terminal_leaves_there_what_the_demo_printed(tmp_path: Path, level: str) -> None:
    """Hundreds of lines of the last command that was printed had carried off the others, and the password."""
    ours, its = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0):
        with (
            os.fdopen(its) as terminal,
            serving(tmp_path, "demo", "--port", "0", stderr=terminal, MASHERY_OAUTH_LOG_LEVEL=level) as demo,
        ):
            demo["applications"]["storefront"]["client_secret"] = "wrong"
            refused = create(demo, "payments", "storefront", "password")
        shown = left_on(ours)

    printed = (tmp_path / "log").read_text()
    assert "error" in refused
    assert (b'"event":"refused"' in shown) is (level == "info")
    assert ("Only warnings are logged here" in printed) is (level == "")
    assert f"user      {demo['user']['name']}, password {demo['user']['password']}\n" in printed


def test_goes_on_where_it_was_on_the_same_folder(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    arguments = ("demo", "--port", "0", "--data-dir", str(folder))
    with serving(tmp_path, *arguments, path=folder / "demo.json") as first:
        token = create(first, "payments", "storefront", "password")["result"]["access_token"]
        command(tmp_path, "flows", "forbid", "payments", "implicit", "--data-dir", str(folder))
    (folder / "demo.json").rename(folder / "aside.json")
    shutil.copy(folder / "aside.json", folder / "demo.json")

    with serving(tmp_path, *arguments, path=folder / "demo.json") as second:
        flows = command(tmp_path, "flows", "payments", "--json", "--data-dir", str(folder))

        assert without_urls(second) == without_urls(first)
        assert is_alive(second, token)
        assert {row["flow"] for row in json.loads(flows.stdout) if not row["on"]} == {"implicit"}


def test_says_in_one_line_that_the_port_is_taken(started: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    port = started[1]["urls"]["local_v2"].split(":")[2].split("/")[0]

    refused = command(tmp_path, "demo", "--port", port)

    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith(f"Error: port {port} on 127.0.0.1 cannot be had")
    assert refused.stderr.count("\n") == 1


def test_says_in_one_line_that_the_folder_is_in_use(started: tuple[Path, dict[str, Any]]) -> None:
    home, _ = started

    refused = command(home, "demo", "--port", "0")

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: The data folder {data_dir(home)} is in use by another")
