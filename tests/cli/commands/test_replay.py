"""``mashery-oauth replay`` as it is typed."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree.ElementTree import parse

import click
import pytest
from click.testing import CliRunner

from mashery_oauth.cli import main
from mashery_oauth.replay import scenarios

from ...replay.manners import PASSWORD, REDIRECT_URI, USER
from ...replay.server import Server
from ..conftest import Outcome
from .conftest import Serve


def run(*arguments: str, **environment: str) -> Outcome:
    """Runs the command in this process; it needs no store."""
    result = CliRunner().invoke(main, ("replay", *arguments), env=environment)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Outcome(result.exit_code, result.stdout, result.stderr)


def target_file(folder: Path, server: Server, url: str, profile: str) -> str:
    main, second = server.clients["main"], server.clients["second"]
    file = folder / "target.toml"
    file.write_text(f"""
name = "Test bank"
profiles = ["{profile}"]
scopes = ["read", "write"]

[urls]
token = "{url}/token"
authorize = "{url}/authorize"

[clients.main]
client_id = "{main.client_id}"
client_secret = "{main.client_secret}"
redirect_uris = ["{REDIRECT_URI}"]

[clients.second]
client_id = "{second.client_id}"
client_secret = "{second.client_secret}"

[user]
name = "{USER}"
password = {{ env = "PASSWORD_OF_A_TEST" }}
""")
    return str(file)


def test_lists_scenarios_with_what_they_need() -> None:
    rows = run("list", "draft16", "--json").json

    assert {row["set"] for row in rows} == {"draft16"}
    (row,) = [row for row in rows if row["scenario"] == "code_of_another_client"]
    assert row["needs"].split(", ")[-2:] == ["a second client with a secret", "the flow authorization_code"]


# Found by somebody who read it in a terminal: the list was 315 columns wide.
def test_the_list_fits_a_page_and_names_every_scenario_once() -> None:
    lines = run("list").out.splitlines()

    named = [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "]
    assert max(map(len, lines)) <= 100
    assert sorted(named) == sorted(scenario.name for scenario in scenarios())
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_sound_server_is_one_line_in_ci(serve: Serve, tmp_path: Path) -> None:
    file = target_file(tmp_path, *serve("draft16"), "draft16")

    told = run("run", "--all", "--target", file, "--json", PASSWORD_OF_A_TEST=PASSWORD).json

    assert told["target"] == "Test bank"
    counts = told["counts"]["checks"]
    assert (told["failed"], counts["failed"], counts["not run"]) == (False, 0, 0)
    assert set(told["statements"]) == {"draft16"}
    assert {name for each in told["left_out"] for name in each["lacking"]} == {
        "the flow implicit",
        "the flow password",
        "the lifetime of its codes",
        "the URL of a resource",
        "a redirect URI with a query of its own",
        "an authorization URL that is not on this machine",
        "a token URL that is not on this machine",
    }


def test_a_must_that_fails_ends_with_1_and_every_form_tells_it(serve: Serve, tmp_path: Path) -> None:
    server, url = serve("draft16", "code_good_twice")
    file = target_file(tmp_path, server, url, "draft16")
    page, xml = tmp_path / "report.html", tmp_path / "report.xml"

    outcome = run(
        *("run", "draft16", "--target", file, "--html", str(page), "--junit", str(xml)), PASSWORD_OF_A_TEST=PASSWORD
    )

    assert outcome.code == 1
    assert "failed draft16 code_used_twice: The second use is refused (MUST D16-33)" in outcome.out
    assert "<title>Failed: Test bank</title>" in page.read_text()
    assert [case.get("classname") for case in parse(xml).iter("testcase") if case.find("failure") is not None]
    told = outcome.out + outcome.err + page.read_text() + xml.read_text()
    secrets = [PASSWORD, *(client.client_secret for client in server.clients.values())]
    secrets += [*server.access, *server.refresh, *server.codes]
    assert [secret for secret in secrets if secret in told] == []


def test_a_should_that_fails_ends_with_1_only_for_who_is_strict(serve: Serve, tmp_path: Path) -> None:
    file = target_file(tmp_path, *serve("draft16", "reuse_spares_the_grant"), "draft16")
    words = ("run", "code_used_twice_ends_the_grant", "--target", file)

    codes = [run(*words, *more, PASSWORD_OF_A_TEST=PASSWORD).code for more in ((), ("--strict",))]

    assert codes == [0, 1]


def test_a_target_can_be_told_by_options(serve: Serve) -> None:
    server, url = serve("draft10")
    client = server.clients["main"]

    outcome = run(
        *("run", "draft10", "--json", "--token-url", f"{url}/token", "--authorize-url", f"{url}/authorize"),
        *("--client-id", client.client_id, "--redirect-uri", REDIRECT_URI, "--user", USER, "--scope", "read write"),
        *("--flow", "implicit", "--flow", "authorization_code"),
        MASHERY_OAUTH_REPLAY_CLIENT_SECRET=client.client_secret,
        MASHERY_OAUTH_REPLAY_PASSWORD=PASSWORD,
    )

    told = outcome.json
    assert told["failed"] is False
    assert {"implicit", "code", "scope_at_exchange"} <= {each["name"] for each in told["scenarios"]}
    assert {"password", "refresh", "code_of_another_client"} <= {each["name"] for each in told["left_out"]}


def test_a_run_in_which_nothing_was_played_has_not_passed(tmp_path: Path) -> None:
    outcome = run("run", "implicit", "--token-url", "http://127.0.0.1:1/token", "--client-id", "id")

    assert outcome.code == 1
    assert "nothing could be played" in outcome.err


class Slowing(BaseHTTPRequestHandler):
    """Wants fewer requests, whatever comes."""

    def do_POST(self) -> None:
        self.send_response(429)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_a_run_in_which_the_server_only_slowed_one_down_has_not_passed() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Slowing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()

        outcome = run(
            *("run", "grant_types", "--json", "--client-id", "id"),
            *("--token-url", f"http://127.0.0.1:{server.server_port}/token"),
            MASHERY_OAUTH_REPLAY_CLIENT_SECRET="secret",
        )
        server.shutdown()
        thread.join(10)

    told = json.loads(outcome.out)
    counts = told["counts"]["checks"]
    assert (outcome.code, told["failed"], told["outcome"]) == (1, False, "not run")
    assert (counts["passed"], counts["failed"]) == (0, 0)
    assert counts["not run"] > 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run",), "Name sets or scenarios, or say --all."),
        (("run", "--all", "draft16"), "Name sets or scenarios, or say --all."),
        (("run", "draft17", "--token-url", "http://x", "--client-id", "x"), "There is no scenario draft17"),
        (("run", "draft16"), "A target needs --token-url and --client-id"),
        (("run", "draft16", "--target", "nowhere.toml"), "nowhere.toml: No such file or directory"),
        (("list", "draft17"), "There is no scenario draft17"),
    ],
)
def test_says_what_is_wrong_in_one_line(words: tuple[str, ...], told: str) -> None:
    outcome = run(*words)

    assert outcome.code > 0
    assert told in outcome.err


@pytest.mark.parametrize("option", ["--html", "--junit"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_played(
    option: str, serve: Serve, tmp_path: Path
) -> None:
    server, url = serve("draft16")
    target, file = target_file(tmp_path, server, url, "draft16"), tmp_path / "nowhere" / "report"

    outcome = run("run", "draft16", "--target", target, option, str(file), PASSWORD_OF_A_TEST=PASSWORD)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"Error: {file} cannot be written: No such file or directory\n"
    assert (server.access, server.codes) == ({}, {})


def test_what_was_played_is_told_even_if_the_file_cannot_be_written_any_more(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = serve("barracuda")

    def full(*_: object) -> None:
        raise click.ClickException("report.html cannot be written: No space left on device")

    monkeypatch.setattr("mashery_oauth.cli.reports.write_private", full)
    outcome = run(
        *("run", "barracuda", "--token-url", f"{url}/token", "--client-id", server.clients["main"].client_id),
        *("--html", str(tmp_path / "report.html")),
        MASHERY_OAUTH_REPLAY_CLIENT_SECRET=server.clients["main"].client_secret,
    )

    assert outcome.code == 1
    assert "authorization server keeps" in outcome.out
    assert "No space left on device" in outcome.err


def test_every_statement_is_shown_only_to_who_asks_for_it(serve: Serve, tmp_path: Path) -> None:
    file = target_file(tmp_path, *serve("draft16", "code_good_twice"), "draft16")
    words = ("run", "draft16", "--target", file)

    brief, verbose = (run(*words, *more, PASSWORD_OF_A_TEST=PASSWORD).out for more in ((), ("-v",)))

    assert ("D16-33" in brief, "D16-33" in verbose) == (True, True)
    assert ("D16-10," in brief, "D16-10," in verbose) == (False, True)
    assert brief.splitlines()[-4:-1] == verbose.splitlines()[-4:-1]
    assert "left out 1 scenario for lack of the flow password" in brief
    assert "left out draft16 password: needs the flow password" in verbose


def test_certificates_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    client = '[clients.main]\nclient_id = "x"\nclient_secret = "y"\n'
    file.write_text(f'ca_file = "no.pem"\n[urls]\ntoken = "https://x"\n{client}')

    outcome = run("run", "barracuda", "--target", str(file))

    assert (outcome.code, outcome.err) == (2, "Error: ca_file: no.pem: No such file or directory\n")


# Found by somebody who read it in a CI system: nothing was heard of the run for more than a minute.
def test_who_waits_is_told_for_how_long(serve: Serve, tmp_path: Path) -> None:
    file = Path(target_file(tmp_path, *serve("draft16"), "draft16"))
    file.write_text(f"code_lifetime = 1\n{file.read_text()}")
    names = ("code_expired", "code"), ("code",)

    waiting, playing = (run("run", *each, "--target", str(file), PASSWORD_OF_A_TEST=PASSWORD) for each in names)

    assert (waiting.err, playing.err) == ("Playing waits 1 s for codes to end.\n", "")


def test_the_report_is_for_its_owner_alone(serve: Serve, tmp_path: Path) -> None:
    server, url = serve("barracuda")
    client, page = server.clients["main"], tmp_path / "report.html"

    run(
        *("run", "barracuda", "--token-url", f"{url}/token", "--client-id", client.client_id, "--html", str(page)),
        MASHERY_OAUTH_REPLAY_CLIENT_SECRET=client.client_secret,
    )

    assert page.stat().st_mode & 0o077 == 0
    assert client.client_secret not in page.read_text()
