"""Do the tests notice? Each rule of policy and flows and each line of Lua is made wrong, one at a time.

Works on a copy of the project. Python's mutants are cosmic-ray's, Lua's our own. Prints each with what became of it;
one that no test notices and that ``known.toml`` does not explain makes the exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .known import known
from .lua import mutants
from .source import Mutant, changed

ROOT = Path(__file__).parents[2]
COPIED = ("mashery_oauth", "tests", "docs", "setup.cfg", "setup.py", "pyproject.toml", "README.rst")
PYTHON = ("mashery_oauth/policy.py", "mashery_oauth/subject.py", "mashery_oauth/flow.py", "mashery_oauth/flows")
# There is no "|" but in annotations, which nobody evaluates; what has lost its decorator is used otherwise at once.
LEFT_OUT = ["core/ReplaceBinaryOperator_BitOr_.*", "core/RemoveDecorator"]
PATIENCE = 900  # seconds for the tests of one mutant
NOTICED, TOO_LONG, EXPLAINED, SURVIVED = "noticed", "noticed (took too long)", "explained", "SURVIVED"
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
MOST_FIRST = 20  # tests that are tried before the others
ONE_NODE = ("-x", "-q", "-p", "no:cacheprovider", "-k", "not cluster")
TESTS_OF_POLICY = (
    "tests/test_policy.py",
    "tests/rpc/test_check_order.py",
    "tests/wire/test_conditions.py",
    "tests/wire/test_profiles.py",
    "tests/methods/test_fetch_application.py",
    "tests/flows",
    "tests/promises",
)
TESTS_OF_LUA = (
    "tests/flows",
    "tests/methods",
    "tests/store/test_lifetimes.py",
    "tests/store/test_ttl.py",
    "tests/store/test_configuration.py",
    "tests/store/test_compaction.py",
    "tests/store/test_compaction_keeps.py",
    "tests/store/test_compaction_again.py",
    "tests/store/test_compaction_ends.py",
    "tests/store/test_ended_grants.py",
    "tests/rpc/test_noting.py",
    "tests/test_guessing.py",
    "tests/model",
    "tests/promises",
    "tests/operations/test_revocation.py",
    "tests/operations/test_receipts.py",
    "tests/faults/test_late.py",
    "tests/faults/test_lost_answers.py",
)

NEAREST = {  # what is tried first
    "end_grants.lua": ["tests/store/test_compaction_ends.py", "tests/store/test_compaction_keeps.py"],
    "end_pointer.lua": ["tests/store/test_lifetimes.py"],
    "end_token.lua": ["tests/store/test_lifetimes.py"],
    "ending.lua": ["tests/store/test_lifetimes.py"],
    "revoke_user.lua": [
        "tests/rpc/test_noting.py",
        "tests/operations/test_revocation.py",
        "tests/operations/test_receipts.py",
    ],
    "rotate_refresh.lua": ["tests/flows/test_refresh_token.py", "tests/store/test_ended_grants.py"],
    "revoke_grant.lua": ["tests/store/test_ended_grants.py"],
    "revoke_token.lua": ["tests/store/test_ended_grants.py"],
    "redeem_code.lua": ["tests/flows/test_authorization_code.py"],
}


def command(tests: tuple[str, ...]) -> list[str]:
    """The tests, as a command."""
    return [sys.executable, "-m", "pytest", *ONE_NODE, *tests]


def environment(copy: Path) -> dict[str, str]:
    """The copy comes before what is installed."""
    return os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}


def lua(copy: Path) -> Iterator[Mutant]:
    """Mutants of the scripts."""
    store = copy / "mashery_oauth/store"
    for file in (*sorted(store.glob("*.lua")), *sorted((store / "lua").glob("*.lua"))):
        yield from mutants(file)


def python(copy: Path) -> Iterator[Mutant]:
    """Mutants of policy, subject and flows: found by cosmic-ray, which shows each as a difference of two lines."""
    config, session = copy / "mutants.toml", copy / "mutants.sqlite"
    config.write_text(
        f"""[cosmic-ray]
module-path = {json.dumps(list(PYTHON))}
timeout = {PATIENCE}
excluded-modules = []
test-command = "true"
[cosmic-ray.distributor]
name = "local"
[cosmic-ray.filters.operators-filter]
exclude-operators = {json.dumps(LEFT_OUT)}
"""
    )
    for words in (
        ("cosmic-ray", "init", config, session),
        ("cr-filter-operators", session, config),
        ("cosmic-ray", "exec", config, session),
    ):
        tool = Path(sys.executable).with_name(words[0])
        subprocess.run(list(map(str, (tool, *words[1:]))), cwd=copy, env=environment(copy), check=True)
    tool = Path(sys.executable).with_name("cosmic-ray")
    dumped = subprocess.run([tool, "dump", session], cwd=copy, capture_output=True, text=True, check=True).stdout
    for line in dumped.splitlines():
        item, result = json.loads(line)
        if result is None or result["worker_outcome"] == "skipped":
            continue
        if "-@dataclass" not in result["diff"]:  # nobody changes a value, frozen or not
            yield changed(copy / item["mutations"][0]["module_path"], result["diff"])


class Judge:
    """Runs the tests on one mutant after the other, beginning with those that noticed others of the same file."""

    def __init__(self, copy: Path, tests: tuple[str, ...]) -> None:
        self._copy, self._tests = copy, tests
        self._noticing = {name: list(tests) for name, tests in NEAREST.items()}

    def outcome(self, mutant: Mutant) -> str:
        """What the tests say of a mutant."""
        whole, first = mutant.file.read_text(), self._noticing.setdefault(mutant.file.name, [])
        mutant.file.write_text(mutant.text())
        try:
            if not (first and self._fails(tuple(first), first)) and not self._fails(self._tests, first):
                return EXPLAINED if mutant.name in {one.name for one in known()} else SURVIVED
        except subprocess.TimeoutExpired:
            return TOO_LONG
        finally:
            mutant.file.write_text(whole)
        return NOTICED

    def _fails(self, tests: tuple[str, ...], first: list[str]) -> bool:
        """Whether a test fails; the one that does is the first to be tried next time."""
        done = subprocess.run(
            command(tests),
            cwd=self._copy,
            env=environment(self._copy),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        for name in FAILED.findall(done.stdout):
            first[:] = [name, *(other for other in first if other != name)][:MOST_FIRST]
        return done.returncode != 0


def judge(copy: Path, wanted: list[Mutant], tests: tuple[str, ...]) -> Counter[str]:
    """Tries one after the other, and says what became of each."""
    found: Counter[str] = Counter()
    judging = Judge(copy, tests)
    for number, mutant in enumerate(wanted, start=1):
        said = judging.outcome(mutant)
        found[said] += 1
        print(f"{number}/{len(wanted)} {mutant.file.name}:{mutant.line} {said}", flush=True)
        if said in (EXPLAINED, SURVIVED):
            print(f"  - {mutant.before.strip()}\n  + {mutant.after.strip()}", flush=True)
    return found


def main() -> int:
    """Makes mutants and judges them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("lua", "python"), nargs="*", default=["lua", "python"])
    parser.add_argument("--only", action="append", metavar="FILE", help="only the mutants of files with this name")
    chosen = parser.parse_args()
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "project")
        copy.mkdir()
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
        for what, make, tests in (("lua", lua, TESTS_OF_LUA), ("python", python, TESTS_OF_POLICY)):
            if what in chosen.what:
                subprocess.run(command(tests), cwd=copy, env=environment(copy), check=True)
                wanted = [one for one in make(copy) if not chosen.only or one.file.name in chosen.only]
                found += judge(copy, wanted, tests)
    print(", ".join(f"{number} {said}" for said, number in found.items()))
    return 1 if found[SURVIVED] else 0


if __name__ == "__main__":
    sys.exit(main())
