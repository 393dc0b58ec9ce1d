"""``mashery-oauth service``: members of a policy as words, and the file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mashery_oauth.flows import FLOWS
from mashery_oauth.presets import PRESETS

from ..conftest import Run


def test_sets_members_of_a_policy_by_words(run: Run, site: str) -> None:
    words = {
        "access_ttl": "off",
        "scopes": "read write",
        "default_scopes": "read",
        "force_https": "no",
        "token_cap": "5",
        "flows": ",".join(FLOWS),
    }
    options = [option for name, word in words.items() for option in ("--set", f"{name}={word}")]

    policy = run("service", "create", "payments", "--site", site, *options, "--json").json["policy"]

    assert {name: policy[name] for name in words} == {
        "access_ttl": None,
        "scopes": ["read", "write"],
        "default_scopes": ["read"],
        "force_https": False,
        "token_cap": 5,
        "flows": sorted(FLOWS),
    }


@pytest.mark.parametrize("preset", PRESETS)
def test_says_beside_the_answer_that_any_scope_may_be_asked_for(run: Run, site: str, preset: str) -> None:
    """A service that was made without scopes gave its clients whatever they asked for, and nobody had been told."""
    create = ("service", "create", "payments", "--site", site, "--preset", preset, "--key", "key-of-payments")
    limit = ("service", "update", "key-of-payments", "--set", "scopes=A B")

    made = run(*create)
    limited = run(*limit)

    assert (made.code, limited.code, limited.err) == (0, 0, "")
    assert made.err.startswith("Clients may ask for any scope;")
    assert f"mashery-oauth {' '.join(limit[:-1])} scopes='A B'" in made.err
    assert "Clients" not in made.out


def test_a_program_is_told_of_the_scopes_by_the_policy_alone(run: Run, site: str) -> None:
    made = run("service", "create", "payments", "--site", site, "--json")

    assert (made.code, made.err) == (0, "")
    assert json.loads(made.out)["policy"]["scopes"] is None


def test_says_nothing_beside_a_service_whose_scopes_are_limited(run: Run, site: str) -> None:
    made = run("service", "create", "payments", "--site", site, "--set", "scopes=read write")

    assert (made.code, made.err) == (0, "")


def test_sets_aliases_and_separators_by_words(run: Run, site: str) -> None:
    options = ["--preset", "draft10", "--set", "grant_aliases=partners=read", "--set", "scope_separators= +"]

    policy = run("service", "create", "old", "--site", site, *options, "--json").json["policy"]

    assert (policy["grant_aliases"], policy["scope_separators"]) == ({"partners": "read"}, " +")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("access_ttl=soon", 'access_ttl: must be a whole number or "off"'),
        ("acces_ttl=1", "acces_ttl: there is no such member"),
        ("code_ttl=1", "code_ttl: must be 10 to 3600"),
        ("force_https=perhaps", "force_https: must be true or false"),
        ("grant_aliases=partners", "grant_aliases: must be a table of texts"),
    ],
)
def test_says_which_member_of_a_policy_is_wrong(run: Run, site: str, word: str, sentence: str) -> None:
    refused = run("service", "create", "payments", "--site", site, "--set", word)

    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"Error: {sentence}")
    assert refused.err.count("\n") == 1


def test_people_read_what_is_not_limited_in_a_word_and_a_space_in_quotes(run: Run, site: str) -> None:
    run("service", "create", "payments", "--site", site, "--set", "token_cap=off")

    shown = run("service", "show", "payments").out
    policy = run("service", "show", "payments", "--json").json["policy"]

    lines = dict(line.split(maxsplit=1) for line in shown.splitlines())
    told = [lines[f"policy.{name}"] for name in ("scopes", "token_cap", "scope_separators", "default_scopes")]
    assert told == ["any", "off", "' '", "-"]
    assert (policy["scopes"], policy["token_cap"], policy["scope_separators"]) == (None, None, " ")


@pytest.mark.parametrize("options", [(), ("--name", "payments"), ("--set", "access_ttl=3600")], ids=" ".join)
def test_says_where_there_was_nothing_to_change(run: Run, site: str, options: tuple[str, ...]) -> None:
    run("service", "create", "payments", "--site", site)

    same = run("service", "update", "payments", *options)
    as_json = run("service", "update", "payments", *options, "--json")
    changed = run("service", "update", "payments", "--set", "access_ttl=900")

    assert (same.code, same.err) == (0, "There was nothing to change.\n")
    assert (as_json.code, as_json.err) == (0, "")
    assert (changed.code, changed.err) == (0, "")


def test_wants_a_member_and_a_value(run: Run, site: str) -> None:
    refused = run("service", "create", "payments", "--site", site, "--set", "access_ttl")

    assert refused.code == 2
    assert "'access_ttl' is not MEMBER=VALUE" in refused.err


def test_exports_what_an_import_takes_back(run: Run, site: str, tmp_path: Path) -> None:
    file = tmp_path / "services.toml"
    run("service", "create", "payments", "--site", site)

    written = run("service", "export", "--output", str(file))
    printed = run("service", "export")
    imported = run("service", "import", str(file), "--json").json

    assert written.code == 0
    assert file.read_text() == printed.out
    assert file.stat().st_mode & 0o777 == 0o600
    assert [verdict["outcome"] for verdict in imported] == ["same", "same"]
    assert run("service", "export", "--json").json["services"][0]["name"] == "payments"


def test_imports_nothing_where_one_entry_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "services.toml"
    file.write_text('[[sites]]\nid = 5\nname = "Bank"\n[[services]]\nkey = "k"\nsite = 6\nname = "payments"\n')

    dry = run("service", "import", str(file), "--dry-run")
    wet = run("service", "import", str(file), "--json")

    assert (dry.code, wet.code) == (1, 1)
    assert "there is no site 6" in dry.out
    assert wet.err == "Error: 1 of 2 entries refused, nothing was written\n"
    assert run("site", "list", "--json").json == []
