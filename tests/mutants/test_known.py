"""The list of mutants that survive is about the source as it is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from .known import Known, known
from .lua import mutants
from .source import changed

ROOT = Path(__file__).parents[2]
STORE = ROOT / "mashery_oauth/store"
SCRIPTS = {file.name: file for file in (*STORE.glob("*.lua"), *(STORE / "lua").glob("*.lua"))}


def test_every_write_of_a_script_is_left_out_once() -> None:
    made = {mutant.name for mutant in mutants(SCRIPTS["revoke_user.lua"])}

    write = "redis.call('SET', KEYS[1], marks_text(m), 'KEEPTTL')"

    assert ("revoke_user.lua", write, "") in made
    assert ("revoke_user.lua", write, write.replace(", 'KEEPTTL'", "")) in made


def test_a_mutant_is_one_line_of_its_file() -> None:
    file = SCRIPTS["revoke_user.lua"]
    before = file.read_text().split("\n")

    for mutant in mutants(file):
        after = mutant.text().split("\n")
        differing = [
            number for number, pair in enumerate(zip(before, after, strict=True), start=1) if len(set(pair)) > 1
        ]
        assert differing == [mutant.line]


def test_reads_a_difference_as_a_mutant(tmp_path: Path) -> None:
    file = tmp_path / "rule.py"
    file.write_text("def rule(a):\n    return a > 3\n")

    mutant = changed(file, "--- a\n+++ b\n@@ -1,2 +1,2 @@\n def rule(a):\n-    return a > 3\n+    return a < 3\n")

    assert (mutant.line, mutant.text()) == (2, "def rule(a):\n    return a < 3\n")


def test_refuses_a_difference_that_is_of_another_file(tmp_path: Path) -> None:
    file = tmp_path / "rule.py"
    file.write_text("def rule(a):\n    return a >= 3\n")

    with pytest.raises(ValueError, match="return a > 3"):
        changed(file, "--- a\n+++ b\n@@ -1,2 +1,2 @@\n def rule(a):\n-    return a > 3\n+    return a < 3\n")


@pytest.mark.parametrize("one", known(), ids=lambda one: f"{one.file} {one.after}")
def test_an_explained_mutant_can_still_be_made(one: Known) -> None:
    if one.file in SCRIPTS:
        assert one.name in {mutant.name for mutant in mutants(SCRIPTS[one.file])}
    else:
        (file,) = [path for path in (ROOT / "mashery_oauth").rglob(one.file) if "cli" not in path.parts]
        assert one.before in map(str.strip, file.read_text().split("\n"))
    assert one.why.endswith(".")


def test_no_mutant_is_explained_twice() -> None:
    assert [name for name, count in Counter(one.name for one in known()).items() if count > 1] == []
