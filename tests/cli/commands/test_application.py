"""``mashery-oauth application``."""

from __future__ import annotations

from ..conftest import Run


def test_shows_an_applications_secrets_once(run: Run, site: str) -> None:
    run("service", "create", "payments", "--site", site)
    created = run("application", "create", "shop", "--site", site, "--service", "payments", "--json").json
    added = run("application", "add-secret", "shop", "--json").json

    shown = run("application", "show", "shop", "--json")
    assert shown.json["secrets"] == added["secrets"] == 2
    assert created["client_secret"] not in shown.out
    assert run("application", "drop-secret", "shop", "--json").json["secrets"] == 1


def test_replaces_and_empties_an_applications_lists(run: Run, site: str) -> None:
    uris = [option for number in (1, 2) for option in ("--redirect-uri", f"https://shop.example/{number}")]
    run("application", "create", "shop", "--site", site, *uris, "--flow", "password")

    renamed = run("application", "update", "shop", "--name", "store", "--json").json
    emptied = run("application", "update", "store", "--redirect-uri", "", "--every-flow", "--json").json

    assert renamed["redirect_uris"] == ["https://shop.example/1", "https://shop.example/2"]
    assert (emptied["redirect_uris"], emptied["flows"]) == ([], None)


def test_people_read_that_an_application_has_all_flows(run: Run, site: str) -> None:
    run("application", "create", "shop", "--site", site)

    lines = dict(line.split(maxsplit=1) for line in run("application", "show", "shop").out.splitlines())

    assert lines["flows"] == "all"
    assert run("application", "show", "shop", "--json").json["flows"] is None


def test_says_where_there_was_nothing_to_change(run: Run, site: str) -> None:
    run("application", "create", "shop", "--site", site)

    same, renamed = run("application", "update", "shop"), run("application", "update", "shop", "--name", "store")

    assert (same.code, same.err) == (0, "There was nothing to change.\n")
    assert (renamed.code, renamed.err) == (0, "")


def test_lists_services_by_name_to_people_and_by_key_to_programs(run: Run, site: str) -> None:
    keys = [run("service", "create", name, "--site", site, "--json").json["key"] for name in ("payments", "backups")]
    both = [option for name in ("payments", "backups") for option in ("--service", name)]
    run("application", "create", "shop", "--site", site, *both)

    head, row = run("application", "list").out.splitlines()
    (listed,) = run("application", "list", "--json").json

    assert row[head.index("services") :].split()[:2] == ["payments", "backups"]
    assert listed["services"] == keys
    assert all(key not in row for key in keys)
