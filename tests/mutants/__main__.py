"""Do the tests notice? Each rule of policy and flows and each line of Lua is made wrong, one at a time.

Works on a copy of the project. Python's mutants are cosmic-ray's, Lua's our own. Prints those that no test noticed;
``docs/mutants.rst`` has them with the reason for each.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .lua import mutants

ROOT = Path(__file__).parents[2]
COPIED = ("mashery_oauth", "tests", "docs", "setup.cfg", "setup.py", "pyproject.toml", "README.rst")
PYTHON = ("mashery_oauth/policy.py", "mashery_oauth/subject.py", "mashery_oauth/flow.py", "mashery_oauth/flows")
PATIENCE = 180  # seconds for the tests of one mutant: one that hangs is noticed too
ONE_NODE = ("-x", "-q", "-p", "no:cacheprovider", "-k", "not cluster")
TESTS_OF_POLICY = (
    "tests/test_policy.py",
    "tests/rpc/test_check_order.py",
    "tests/flows",
    "tests/wire/test_conditions.py",
    "tests/wire/test_profiles.py",
    "tests/promises",
)
TESTS_OF_LUA = (
    "tests/flows",
    "tests/methods",
    "tests/store/test_ttl.py",
    "tests/store/test_configuration.py",
    "tests/test_guessing.py",
    "tests/model",
    "tests/promises",
    "tests/operations/test_revocation.py",
)


def command(tests: tuple[str, ...]) -> list[str]:
    """The tests, as a command."""
    return [sys.executable, "-m", "pytest", *ONE_NODE, *(test for test in tests if (ROOT / test).exists())]


def environment(copy: Path) -> dict[str, str]:
    """The copy comes before what is installed."""
    return os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}


def lua(copy: Path) -> None:
    """Prints the mutants of Lua, and how those look that survive."""
    files = [copy / "mashery_oauth/store/marks.lua", *sorted((copy / "mashery_oauth/store/lua").glob("*.lua"))]
    wanted = [mutant for file in files for mutant in mutants(file)]
    for number, mutant in enumerate(wanted, start=1):
        whole = mutant.file.read_text()
        mutant.file.write_text(mutant.text())
        try:
            noticed = _fails(copy, command(TESTS_OF_LUA))
        finally:
            mutant.file.write_text(whole)
        print(
            f"{number}/{len(wanted)} {mutant.file.name}:{mutant.line}", "noticed" if noticed else "SURVIVED", flush=True
        )
        if not noticed:
            print(f"  - {mutant.before.strip()}\n  + {mutant.after.strip()}", flush=True)


def _fails(copy: Path, tests: list[str]) -> bool:
    try:
        done = subprocess.run(
            tests, cwd=copy, env=environment(copy), capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def python(copy: Path) -> Iterator[str]:
    """The mutants of Python that survive, as cosmic-ray shows them."""
    config, session = copy / "mutants.toml", copy / "mutants.sqlite"
    config.write_text(
        f"""[cosmic-ray]
module-path = {json.dumps(list(PYTHON))}
timeout = {PATIENCE}
excluded-modules = []
test-command = {json.dumps(" ".join(command(TESTS_OF_POLICY)))}

[cosmic-ray.distributor]
name = "local"
"""
    )
    tool = str(Path(sys.executable).with_name("cosmic-ray"))
    for words in (("init", config, session), ("exec", config, session)):
        subprocess.run([tool, *map(str, words)], cwd=copy, env=environment(copy), check=True)
    dumped = subprocess.run([tool, "dump", str(session)], cwd=copy, capture_output=True, text=True, check=True).stdout
    for line in dumped.splitlines():
        item, result = json.loads(line)
        if result is not None and result["test_outcome"] == "survived":
            for mutation in item["mutations"]:
                place = f"{mutation['module_path']}:{mutation['start_pos'][0]}"
                yield f"{place} {mutation['operator_name']}\n{result['diff']}"


def main() -> int:
    """Prints what survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("lua", "python"), nargs="*", default=["lua", "python"])
    chosen = parser.parse_args().what
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "project")
        copy.mkdir()
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
        for tests in (TESTS_OF_LUA, TESTS_OF_POLICY):
            if _fails(copy, command(tests)):
                print("The tests fail before anything was made wrong.", file=sys.stderr)
                return 1
        if "lua" in chosen:
            lua(copy)
        if "python" in chosen:
            for shown in python(copy):
                print(shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
