"""A run that is not begun is told where one would have been: what is left of the last one would be believed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree.ElementTree import Element, parse

import pytest

from .commands.test_replay import run

TARGET = """
name = "Bank"
[urls]
token = "http://127.0.0.1:1/token"
[clients.main]
client_id = "id"
client_secret = "secret"
"""
YESTERDAY = "all of it passed yesterday"
WRONG = {
    "no TOML": ("[urls", ("barracuda",), "target.toml: "),
    "a typo": (f"skopes = []\n{TARGET}", ("barracuda",), "target.toml: skopes is not known here; there are targets, "),
    "a variable that is not set": (
        TARGET.replace('"secret"', '{ env = "NOT_SET_AT_ALL" }'),
        ("barracuda",),
        "client_secret is to be in the environment variable NOT_SET_AT_ALL, which is not set",
    ),
    "no certificates": (f'ca_file = "no.pem"\n{TARGET}', ("barracuda",), "ca_file: no.pem: No such file or directory"),
    "nobody there": (TARGET, ("barracuda",), "Bank: urls.token: no answer: nobody listens there; nothing was played"),
    "no such scenario": (TARGET, ("draft17",), "There is no scenario draft17"),
    "nothing named": (TARGET, (), "Name sets or scenarios, or say --all"),
}


def written(tmp_path: Path, text: str) -> tuple[Path, Path, Path]:
    """The file of a target, and two files of its last run."""
    files = tmp_path / "target.toml", tmp_path / "report.xml", tmp_path / "report.html"
    for file, content in zip(files, (text, YESTERDAY, YESTERDAY), strict=True):
        file.write_text(content)
    return files


@pytest.mark.parametrize("wrong", WRONG)
def test_what_keeps_a_run_from_being_begun_is_told_in_every_form(wrong: str, tmp_path: Path) -> None:
    """The files told of the run before, and --json printed nothing."""
    text, names, told = WRONG[wrong]
    target, xml, page = written(tmp_path, text)

    words = ("--target", str(target), "--json", "--junit", str(xml), "--html", str(page))
    outcome = run("run", *names, *words)

    (case,) = parse(xml).iter("testcase")
    assert outcome.code == 2
    assert told in outcome.err
    assert told in only(case).get("message", "")
    assert told in page.read_text()
    document = json.loads(outcome.out)
    assert told in document["error"]
    assert (document["outcome"], document["scenarios"]) == ("not run", [])


def only(case: Element) -> Element:
    """The error of a case that has nothing else."""
    (error,) = case
    assert error.tag == "error"
    return error


def test_a_target_file_that_is_not_there_has_still_a_name(tmp_path: Path) -> None:
    xml = tmp_path / "report.xml"

    outcome = run("run", "draft16", "--target", str(tmp_path / "staging.toml"), "--junit", str(xml))

    assert (outcome.code, outcome.out) == (2, "")
    assert parse(xml).getroot().get("name") == "staging"


def test_a_file_that_cannot_be_written_is_told_in_the_other_one(tmp_path: Path) -> None:
    target, xml, page = written(tmp_path, TARGET)
    page.unlink()
    page.mkdir()

    outcome = run("run", "barracuda", "--target", str(target), "--junit", str(xml), "--html", str(page))

    (case,) = parse(xml).iter("testcase")
    assert (outcome.code, outcome.err) == (2, f"Error: {page} cannot be written: Is a directory\n")
    assert only(case).get("message") == f"{page} cannot be written: Is a directory"


def test_nothing_secret_is_in_what_is_told(tmp_path: Path) -> None:
    secret = "s3cr3t-of-a-client"
    url = f"http://anna:{secret}@127.0.0.1:1/token"
    text = TARGET.replace('"secret"', f'"{secret}"').replace("http://127.0.0.1:1/token", url)
    target, xml, page = written(tmp_path, text)

    words = ("--target", str(target), "--json", "--junit", str(xml), "--html", str(page))
    outcome = run("run", "barracuda", *words)

    told = outcome.out + outcome.err + xml.read_text() + page.read_text()
    assert outcome.code == 2
    assert secret not in told
