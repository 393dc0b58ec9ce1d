"""What cannot be taken back is asked for: who is asked, what is shown, and who is not asked."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from .processes import COMMAND, PATIENCE, call, command, environment, serving

USERS = iter(range(1000))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Of somebody whose demo runs."""
    home = tmp_path_factory.mktemp("home")
    with serving(home, "demo", "--port", "0", "--provider-port", "0"):
        yield home


@pytest.fixture
def demo(home: Path) -> dict[str, Any]:
    """What its file says."""
    found: dict[str, Any] = orjson.loads((data_dir(home) / "demo.json").read_bytes())
    return found


@pytest.fixture
def user(demo: dict[str, Any]) -> str:
    """A user with two access tokens, each with its refresh token, and a code."""
    name = f"user-{next(USERS)}"
    for _ in range(2):
        issue(demo, name)
    uri = {"redirect_uri": demo["applications"]["storefront"]["redirect_uris"][0]}
    asked = {"response_type": "code", "uri": uri, "user_context": name}
    assert "result" in call(demo, "createAuthorizationCode", arguments(demo) | asked)
    return name


def data_dir(home: Path) -> Path:
    return home / "state" / "mashery_oauth" / "demo"


def arguments(demo: dict[str, Any]) -> dict[str, Any]:
    registered = demo["applications"]["storefront"]
    client = {name: registered[name] for name in ("client_id", "client_secret")}
    return {"service_key": demo["services"]["payments"], "client": client}


def issue(demo: dict[str, Any], user: str) -> str:
    """An access token of a user."""
    made = call(
        demo, "createAccessToken", arguments(demo) | {"token_data": {"grant_type": "password"}, "user_context": user}
    )
    return str(made["result"]["access_token"])


def at_terminal(home: Path, *words: str, answer: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command at whose terminal somebody types."""
    ours, its = pty.openpty()
    with os.fdopen(ours, "wb", buffering=0) as keyboard:
        with os.fdopen(its) as terminal:
            process = subprocess.Popen(
                [*COMMAND, *words, "--data-dir", str(data_dir(home))],
                env=environment(home),
                stdin=terminal,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        keyboard.write(answer.encode())
        out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def alive(demo: dict[str, Any], user: str) -> int:
    """How many access tokens of a user work."""
    about = {"service_key": demo["services"]["payments"], "user_context": user, "token_status": "active"}
    listed = call(demo, "fetchUserApplications", about)
    return sum(len(each["access_tokens"]) for each in listed["result"])


def test_shows_at_a_terminal_what_would_die_and_does_it_when_told(home: Path, user: str, demo: dict[str, Any]) -> None:
    code, out, err = at_terminal(home, "revoke", "user", user, "--service", "payments", "--json", answer="y\n")

    assert code == 0
    where = f"of user {user} at service payments ({demo['services']['payments']})"
    assert err.startswith(f"This ends 2 access tokens, 2 refresh tokens, 1 code {where}, and cannot be taken back.")
    assert orjson.loads(out)["access_tokens"] == 2
    assert alive(demo, user) == 0


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04"], ids=["no", "Enter", "end of file"])
def test_does_nothing_when_it_is_not_told(home: Path, user: str, demo: dict[str, Any], answer: str) -> None:
    code, out, err = at_terminal(home, "revoke", "user", user, answer=answer)

    assert (code, out) == (1, "")
    assert err.endswith("Aborted!\n")
    assert alive(demo, user) == 2


def test_asks_at_every_level(home: Path, user: str, demo: dict[str, Any]) -> None:
    storefront, payments = demo["applications"]["storefront"]["client_id"], demo["services"]["payments"]
    site = f"in site Demo ({demo['site_id']})"
    words = {
        ("user", user): f"of user {user} {site}",
        ("user", user, "--application", "storefront"): f"of user {user} with application storefront ({storefront})",
        ("application", "storefront"): f"of application storefront ({storefront})",
        ("service", payments): f"at service payments ({payments})",
        ("site", "Demo"): site,
    }
    for command_, told in words.items():
        code, out, err = at_terminal(home, "revoke", *command_, answer="n\n")

        assert (code, out) == (1, "")
        assert told in err
        assert "cannot be taken back. Go on? [y/N]" in err
    assert alive(demo, user) == 2


def test_a_name_that_is_asked_about_cannot_move_the_cursor(home: Path) -> None:
    _, _, err = at_terminal(home, "revoke", "user", "eve\x1b[2J", answer="n\n")

    assert r"of user eve\x1b[2J in site" in err


@pytest.mark.parametrize("flag", ["--yes", "-y"])
def test_does_not_ask_whoever_says_yes_before(home: Path, user: str, demo: dict[str, Any], flag: str) -> None:
    code, out, err = at_terminal(home, "revoke", "user", user, "--json", flag, answer="")

    assert (code, err) == (0, "")
    assert orjson.loads(out)["access_tokens"] == 2
    assert alive(demo, user) == 0


def test_does_not_ask_where_nothing_is_done(home: Path, user: str, demo: dict[str, Any]) -> None:
    code, _, err = at_terminal(home, "revoke", "user", user, "--dry-run", answer="")

    assert (code, err) == (0, "")
    assert alive(demo, user) == 2


def test_does_not_ask_a_script(home: Path, user: str, demo: dict[str, Any]) -> None:
    done = command(home, "revoke", "user", user, "--data-dir", str(data_dir(home)))

    assert (done.returncode, done.stderr) == (0, "")
    assert "access_tokens          2" in done.stdout
    assert alive(demo, user) == 0


def test_does_not_ask_where_there_is_no_standard_input(home: Path, user: str, demo: dict[str, Any]) -> None:
    words = [*COMMAND, "revoke", "user", user, "--data-dir", str(data_dir(home))]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *words],
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert alive(demo, user) == 0


def test_says_of_a_user_who_has_nothing_that_there_was_nothing(home: Path) -> None:
    told = command(home, "revoke", "user", "nobody", "--data-dir", str(data_dir(home)))
    as_json = command(home, "revoke", "user", "nobody", "--json", "--data-dir", str(data_dir(home)))

    assert (told.returncode, told.stderr) == (0, "There was nothing to end.\n")
    assert (as_json.returncode, as_json.stderr) == (0, "")


def test_says_of_a_token_that_is_revoked_again_that_it_was_dead(home: Path, demo: dict[str, Any]) -> None:
    token, where = issue(demo, "anna"), ("--data-dir", str(data_dir(home)))

    first, second = (command(home, "tokens", "revoke", token, *where) for _ in range(2))
    as_json = command(home, "tokens", "revoke", token, "--json", *where)

    assert (first.returncode, first.stderr) == (0, "")
    assert (second.returncode, second.stderr) == (0, "It was dead already.\n")
    assert (as_json.returncode, as_json.stderr) == (0, "")
    assert orjson.loads(as_json.stdout)["access_tokens"] == 0
