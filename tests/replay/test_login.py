"""A program that plays the owner."""

from __future__ import annotations

import sys

import pytest

from mashery_oauth.replay import Login, Visit
from mashery_oauth.replay.login import LoginFailed, run_command

VISIT = Visit("https://server.example/authorize", "anna", "password", "denies")


def command(code: str, patience: float = 60) -> Login:
    return Login(command=(sys.executable, "-c", code), patience=patience)


async def test_a_command_is_told_the_visit_and_says_where_it_ended() -> None:
    code = "import json, sys; v = json.load(sys.stdin); print(json.dumps({'location': '/'.join(map(str, v.values()))}))"

    answer = await run_command(command(code), VISIT)

    assert (answer.status, answer.location) == (302, "https://server.example/authorize/anna/password/denies")


async def test_a_command_may_end_at_a_page() -> None:
    code = """print('{"status": 400, "body": "broken"}')"""

    answer = await run_command(command(code), VISIT)

    assert (answer.status, answer.location, answer.body) == (400, "", b"broken")


@pytest.mark.parametrize(
    ("login", "told"),
    [
        (command("print('x')"), "not a JSON object"),
        (command("print('[]')"), "not a JSON object"),
        (command("""print('{"status": "400"}')"""), "of another type"),
        (command("import sys; sys.exit(3)"), "exit code 3"),
        (command("import time; time.sleep(60)", patience=0.1), "did not end within 0.1 s"),
        (Login(command=("/nonexistent/login",)), "cannot be run: No such file"),
    ],
)
async def test_says_how_a_command_failed(login: Login, told: str) -> None:
    with pytest.raises(LoginFailed, match=told):
        await run_command(login, VISIT)


def test_a_visit_does_not_show_the_password() -> None:
    assert "password'" not in repr(VISIT)
