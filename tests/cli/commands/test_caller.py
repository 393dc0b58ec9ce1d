"""``mashery-oauth caller``."""

from __future__ import annotations

from ..conftest import Run


def test_shows_a_new_callers_secrets_once(run: Run, site: str) -> None:
    created = run("caller", "create", "bank", "--site", site, "--user", "bank", "--json").json

    shown = run("caller", "show", "bank", "--json")
    listed = run("caller", "list", "--json")
    assert shown.json["secrets"] == shown.json["passwords"] == 1
    for secret in (created["secret"], created["password"]):
        assert secret not in shown.out + listed.out


def test_rotates_a_callers_secrets(run: Run, site: str) -> None:
    created = run("caller", "create", "bank", "--site", site, "--user", "bank", "--json").json

    rotated = run("caller", "rotate", "bank", "--password", "--json").json

    assert rotated["password"] != created["password"]
    assert "secret" not in rotated
    assert run("caller", "rotate", "bank").code == 2
