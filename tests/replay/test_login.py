"""A program that plays the owner."""

from __future__ import annotations

import sys

import pytest

from mashery_oauth.replay import Login, Visit
from mashery_oauth.replay.login import LONGEST_OUTPUT, LoginFailed, run_command

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
        (command("print('[' * 200_000)"), "not a JSON object"),
        (command("print('9' * 10_000)"), "not a JSON object"),
        (command("""print('{"status": true}')"""), "of another type"),
        (command("""print('{"status": 1e400}')"""), "of another type"),
        (command("""print('{"status": 99}')"""), "a status that no answer has"),
        (command("""print('{"location": "http://["}')"""), "a location that is no address"),
        (command("""print('{"location": "nowhere"}')"""), "a location that is no address"),
        (command("print('x' * 3_000_000)"), f"printed more than {LONGEST_OUTPUT} octets"),
        (command("while True: print('x' * 100_000)"), f"printed more than {LONGEST_OUTPUT} octets"),
        (command("import os; os.close(0); import sys; sys.exit(4)"), "exit code 4"),
        (Login(command=("a\0b",)), "cannot be run: embedded null byte"),
        (command("import sys; sys.exit(3)"), "exit code 3"),
        (command("import time; time.sleep(60)", patience=0.1), "did not end within 0.1 s"),
        (Login(command=("/nonexistent/login",)), "cannot be run: No such file"),
    ],
)
async def test_says_how_a_command_failed(login: Login, told: str) -> None:
    with pytest.raises(LoginFailed, match=told) as caught:
        await run_command(login, VISIT)

    assert caught.value.blamed == "login.command"


async def test_halves_of_characters_that_a_command_prints_are_replaced() -> None:
    answer = await run_command(command(r"""print('{"body": "\\ud800"}')"""), VISIT)

    assert answer.body == b"?"


def test_a_visit_does_not_show_the_password() -> None:
    assert "password'" not in repr(VISIT)
