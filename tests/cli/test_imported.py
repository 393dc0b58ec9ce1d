"""What people and programs read of an import."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from .conftest import Run

SITE = '[[sites]]\nid = 5\nname = "Bank"\n'
SERVICE = '[[services]]\nkey = "{key}"\nsite = 5\nname = "{name}"\n{more}\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A site and 29 services."""
    path = tmp_path / "services.toml"
    path.write_text(SITE + "".join(service(at) for at in range(29)))
    return path


def service(at: int, more: str = "") -> str:
    return SERVICE.format(key=f"key-{at}", name=f"api-{at}", more=more)


def test_what_is_the_same_is_counted_for_people_and_listed_for_programs(run: Run, file: Path) -> None:
    run("service", "import", str(file))

    again = run("service", "import", str(file))
    rows = run("service", "import", str(file), "--json").json

    assert (again.code, again.out, again.err) == (0, "30 entries are the same as before\n", "")
    assert [row["outcome"] for row in rows] == ["same"] * 30
    assert list(rows[0]) == ["kind", "key", "outcome", "problem"]


def test_what_changes_has_its_name_beside_its_key(run: Run, file: Path) -> None:
    run("service", "import", str(file))
    file.write_text(file.read_text().replace("api-7", "other") + service(30))

    lines = run("service", "import", str(file)).out.splitlines()

    assert [line.split() for line in lines] == [
        ["kind", "key", "name", "outcome"],
        ["services", "key-7", "other", "update"],
        ["services", "key-30", "api-30", "create"],
        ["29", "entries", "are", "the", "same", "as", "before"],
    ]


def test_a_problem_stands_once_under_the_table_and_does_not_widen_it(run: Run, file: Path) -> None:
    """One long problem had made every row 480 columns wide, and was there for each entry that had it."""
    run("service", "import", str(file))
    wrong = "policy.acces_ttl = 900"
    file.write_text(file.read_text() + service(30, wrong) + service(31, wrong) + service(32, "policy.code_ttl = 1"))

    refused = run("service", "import", str(file))
    rows = run("service", "import", str(file), "--json")

    lines = refused.out.splitlines()
    assert max(map(cell_len, lines[:4])) < 50
    assert refused.out.count("there is no such member") == 1
    assert rows.out.count("there is no such member") == 2
    assert lines[5] == "services key-30 (api-30), services key-31 (api-31):"
    assert lines[6].startswith("  acces_ttl: there is no such member")
    assert lines[8:10] == ["services key-32 (api-32):", "  code_ttl: must be 10 to 3600"]
    assert (refused.code, refused.err) == (1, "Error: 3 of 33 entries refused, nothing was written\n")


def test_an_empty_file_has_no_entries(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.toml").touch()

    assert run("service", "import", str(tmp_path / "empty.toml")).out == "none\n"
