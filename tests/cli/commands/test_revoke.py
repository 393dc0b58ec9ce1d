"""``mashery-oauth revoke``: what is ended, and the receipt."""

from __future__ import annotations

from typing import Any

import pytest

from ..conftest import Run

COUNTS = {"access_tokens": 0, "refresh_tokens": 0, "codes": 0}


@pytest.fixture
def service(run: Run, site: str) -> str:
    return str(run("service", "create", "payments", "--site", site, "--json").json["key"])


@pytest.fixture
def client_id(run: Run, site: str, service: str) -> str:
    made = run("application", "create", "shop", "--site", site, "--service", service, "--json")
    return str(made.json["client_id"])


def receipt(found: Any) -> dict[str, Any]:
    """A receipt without its time, which must be there just where something was done."""
    since = found.pop("dead_everywhere_since")
    assert (since is None) is found["dry_run"]
    return dict(found)


@pytest.mark.parametrize("dry_run", [False, True], ids=["done", "dry"])
def test_prints_a_receipt_at_every_level(run: Run, site: str, service: str, client_id: str, *, dry_run: bool) -> None:
    levels = {"user": "alice", "application": client_id, "service": service, "site": site}
    flags = ["--dry-run"] if dry_run else []

    for level, whom in levels.items():
        found = run("revoke", level, whom, "--json", *flags).json

        assert receipt(found) == {
            "level": level,
            "revoked": whom,
            "services": [service],
            **COUNTS,
            "dry_run": dry_run,
        }


def test_reaches_a_user_where_it_is_told_to(run: Run, site: str, service: str, client_id: str) -> None:
    by_name = run("revoke", "user", "alice", "--service", "payments", "--application", "shop", "--json").json
    by_site = run("revoke", "user", "alice", "--site", "Bank", "--json").json

    assert (by_name["level"], by_name["services"]) == ("user and application", [service])
    assert (by_site["level"], by_site["services"]) == ("user", [service])


def test_shows_the_receipt_to_people_too(run: Run, site: str, service: str) -> None:
    found = run("revoke", "service", "payments")

    lines = dict(line.split(maxsplit=1) for line in found.out.splitlines())
    assert (lines["level"], lines["revoked"], lines["access_tokens"], lines["dry_run"]) == (
        "service",
        service,
        "0",
        "no",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("application", "nothing"), "application: there is none with the client_id or name 'nothing'"),
        (("service", "nothing"), "service: there is none with the key or name 'nothing'"),
        (("site", "nothing"), "site: there is none with the number or name 'nothing'"),
        (("user", "alice", "--service", "nothing"), "service: there is none with the key or name 'nothing'"),
        (("user", ""), "user: must have 1 to 255 characters"),
        (("user", "a" * 256), "user: must have 1 to 255 characters"),
        (("user", "\udcff"), "user: is no text"),
        (
            ("user", "alice", "--service", "x", "--site", "1"),
            "site: goes without services: they say themselves where they are",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_says_what_is_not_there(run: Run, site: str, arguments: tuple[str, ...], message: str) -> None:
    refused = run("revoke", *arguments)

    assert (refused.code, refused.out, refused.err) == (1, "", f"Error: {message}\n")


def test_asks_which_site_is_meant_where_there_are_several(run: Run, site: str) -> None:
    run("site", "create", "Other")

    refused = run("revoke", "user", "alice")

    assert (refused.code, refused.out) == (1, "")
    told = "there are several; a user of one is not the user of another, so say which with --site"
    assert refused.err == f"Error: site: {told}\n"


def test_a_dry_run_has_a_target_for_people_and_revokes_nothing(run: Run, site: str, service: str) -> None:
    dry, done = run("revoke", "user", "alice", "--dry-run"), run("revoke", "user", "alice")

    lines = [dict(line.split(maxsplit=1) for line in each.out.splitlines()) for each in (dry, done)]
    assert [(each.get("target"), each.get("revoked")) for each in lines] == [("alice", None), (None, "alice")]


def test_a_service_that_is_named_twice_is_counted_once(run: Run, service: str) -> None:
    found = run("revoke", "user", "alice", "--service", "payments", "--service", service, "--json").json

    assert found["services"] == [service]


def test_a_site_without_services_is_no_dry_run(run: Run, site: str) -> None:
    assert run("revoke", "user", "alice", "--site", site, "--json").json["dry_run"] is False


def test_waits_for_replicas_as_the_service_does(run: Run, service: str) -> None:
    """Found by an attack: commands acknowledged what no replica had."""
    for level, whom in {"service": service, "user": "alice"}.items():
        refused = run("revoke", level, whom, MASHERY_OAUTH_MIN_REPLICAS="1", MASHERY_OAUTH_STORE_TIMEOUT="2")

        assert (refused.code, refused.out) == (1, "")
        assert refused.err == "Error: the store does not answer: too few replicas have the write\n"
