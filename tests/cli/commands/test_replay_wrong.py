"""``mashery-oauth replay`` with what makes no sense, or is of another server: one sentence says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from ...replay.manners import PASSWORD, USER
from .conftest import Serve
from .test_replay import run, target_file


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("[urls]\ntoken", "[urls]\nrevoke", "urls: token is missing"),
        ('scopes = ["read", "write"]', "timeout = nan", "timeout is not a number from 0 to 1_000_000_000"),
        ('scopes = ["read", "write"]', f"scopes = {'[' * 100_000}", "tables and lists are in one another too deep"),
        ('scopes = ["read", "write"]', 'ca_file = "."', "ca_file: .: Is a directory"),
    ],
)
def test_a_file_that_makes_no_sense_is_told_in_a_sentence(
    serve: Serve, tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    file = Path(target_file(tmp_path, *serve("draft16"), "draft16"))
    file.write_text(file.read_text().replace(right, wrong))

    outcome = run("run", "draft16", "--target", str(file), PASSWORD_OF_A_TEST=PASSWORD)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
    assert told in outcome.err


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("/token", "urls.token: probably not the token endpoint, a token request is answered with status 404"),
        ("main-client", "clients.main: its client_id or client_secret is probably wrong, it is told invalid_client"),
        (USER, "user: the page to sign in came again: user or password was not accepted"),
        ("write", "scopes: the clients may probably not have write-not: invalid_scope is told"),
    ],
)
def test_a_wrong_target_is_one_sentence(serve: Serve, tmp_path: Path, wrong: str, told: str) -> None:
    """Dozens of statements were told to have failed, all of them for the one wrong line."""
    file = Path(target_file(tmp_path, *serve("draft16"), "draft16"))
    file.write_text(file.read_text().replace(f'{wrong}"', f'{wrong}-not"'))

    outcome = run("run", "--all", "--target", str(file), PASSWORD_OF_A_TEST=PASSWORD)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"Error: Test bank: {told}; nothing was played\n"


def test_where_only_addresses_are_judged_nothing_is_sent() -> None:
    names = ("tls_at_token", "tls_at_authorization")
    words = ("--token-url", "https://server.invalid/token", "--client-id", "id", "--redirect-uri", "https://x.invalid/")

    outcomes = [
        run("run", *names, *words, "--authorize-url", f"{scheme}://server.invalid/") for scheme in ("https", "http")
    ]

    assert [outcome.code for outcome in outcomes] == [0, 1]
    assert "received: schemes of the addresses: token=https authorize=http" in outcomes[1].out


NONSENSE = {
    "--token-url": [
        "http://[",
        "server.example",
        "ftp://x/",
        "http://x:99999/",
        "http://a b/",
        "http://x/\0",
        "http://x/#y",
    ],
    "--authorize-url": ["http://[", "/authorize", "http://x/\x1b", "http://\udcff/"],
    "--client-id": ["a\0b", "\udcff"],
    "--client-secret": ["a\nb"],
    "--redirect-uri": ["/cb", "http://[", "https://x/ y"],
    "--user": ["a\x7fb"],
    "--password": ["\udcff"],
    "--cookie": ["no pair", "a=b\r\nX: y"],
    "--scope": ["re\0ad"],
    "--flow": ["co\0de"],
}


@pytest.mark.parametrize(("option", "value"), [(name, value) for name, values in NONSENSE.items() for value in values])
def test_an_option_that_makes_no_sense_is_told_in_a_sentence(option: str, value: str) -> None:
    """Most of these were tracebacks."""
    sound = {"--token-url": "http://127.0.0.1:1/token", "--client-id": "id"} | {option: value}

    outcome = run("run", "draft16", *(word for pair in sound.items() for word in pair))

    assert outcome.code == 2
    assert outcome.err.splitlines()[-1].startswith(f"Error: {option} ")
    assert all(line.isprintable() for line in outcome.err.splitlines())
