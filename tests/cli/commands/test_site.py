"""``mashery-oauth site``."""

from __future__ import annotations

from ..conftest import Run


def test_creates_changes_and_deletes_a_site(run: Run, site: str) -> None:
    changed = run("site", "update", site, "--name", "Bench", "--inactive", "--json").json
    deleted = run("site", "delete", site, "--json").json

    assert changed == {"id": 100, "name": "Bench", "active": False}
    assert deleted == {"deleted": 100}
    assert run("site", "list", "--json").json == []
    assert run("site", "list").out == "none\n"
