"""Logs: one line of JSON for each event, whatever is in it, whoever wrote it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

START = """
import logging, structlog
from mashery_oauth import logs
logs.configure({level!r}, server={server!r})
log = structlog.get_logger()
"""


def lines(code: str, level: str = "info", server: str = "") -> list[dict[str, Any]]:
    """What a process that configured its logs says on standard error; nothing on standard output."""
    command = [sys.executable, "-c", START.format(level=level, server=server) + code]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.split("\n") if line]


def test_an_event_is_a_line_with_level_and_time() -> None:
    (line,) = lines("log.info('serving', port=8083)")

    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "serving", "port": 8083, "level": "info"}


def test_time_level_server_and_event_come_first_whoever_speaks() -> None:
    code = "log.info('refused', error='e', service='s'); logging.getLogger('library').warning('loud')"

    found = lines(code, server="provider")

    assert [list(line) for line in found] == [
        ["timestamp", "level", "server", "event", "error", "service"],
        ["timestamp", "level", "server", "event", "logger"],
    ]
    assert {line["server"] for line in found} == {"provider"}


@pytest.mark.parametrize("text", ["two\nlines", "\r\n{}", 'a "quote"', "\x1b[31mred", "\u2028", "é"])
def test_no_text_can_end_its_line(text: str) -> None:
    (line,) = lines(f"log.warning({text!r}, value={text!r})")

    assert (line["event"], line["value"]) == (text, text)


@pytest.mark.parametrize("value", ["b'bytes'", "object", "{1, 2}", "float('nan')", "2**70", "{1: 2}", "'\\ud800'"])
def test_a_value_that_json_does_not_know_is_shown_somehow(value: str) -> None:
    (line,) = lines(f"log.info('odd', value={value})")

    assert line["event"] == "odd"
    assert "value" in line


def test_an_exception_is_in_its_line_by_kind_and_place_alone() -> None:
    (line,) = lines("""
def work(secret):
    raise ValueError('wrong: ' + secret)
try:
    work('hidden' + '-in-a-variable')
except ValueError:
    log.exception('failed')
""")

    assert line["exception"] == "ValueError"
    assert [place.partition(" ")[2] for place in line["at"]] == ["<module>", "work"]
    assert "hidden-in-a-variable" not in json.dumps(line)


def test_libraries_are_heard_from_warnings_on() -> None:
    said = lines("log = logging.getLogger('library'); log.info('chatter'); log.warning('two\\nlines %s', 1)")

    assert [(line["event"], line["logger"], line["level"]) for line in said] == [("two\nlines 1", "library", "warning")]


# Found by a run against a service whose log nobody read any more: each line that it said broke a call.
@pytest.mark.parametrize("where", ["a closed pipe", "a full disk", "nowhere"])
def test_a_log_that_cannot_be_written_breaks_nothing(where: str) -> None:
    said = "log.error('said'); logging.getLogger('library').error('said'); print('done')"
    redirected = {"a closed pipe": "2> >(:); wait $!", "a full disk": "2>/dev/full", "nowhere": "2>&-"}[where]
    begin, _, wait = redirected.partition("; ")
    script = f'exec {begin}; {wait or ":"}; exec {sys.executable} -c "$0"'

    done = subprocess.run(
        ["bash", "-c", script, START.format(level="info", server="") + said],
        check=False,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (0, "done\n")


def test_what_is_below_the_level_is_not_said() -> None:
    said = lines("log.info('info'); log.warning('warning'); logging.getLogger('l').error('error')", level="warning")

    assert [line["event"] for line in said] == ["warning", "error"]
