"""The source as a whole: where things are, how long they are, and what must not be in it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mashery_oauth.flows import FLOWS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mashery_oauth"
SOURCES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 300, 45  # lines

# What is tested by a file that does not mirror it, because it is seen best from there.
TESTED_BY: dict[str, tuple[str, ...]] = {
    "cli/test_demo_files.py": ("cli/replayed.py",),
    "flows/test_authorization_code.py": ("store/codes.py",),
    "flows/test_refresh_token.py": ("store/families.py",),
    "memory/test_worker.py": ("bounded.py",),
    "methods/test_create_access_token.py": ("store/candidates.py", "store/issuing.py"),
    "methods/test_discover.py": ("rpc/discovery.py",),
    "methods/test_idempotency_key.py": ("store/answers.py",),
    "methods/test_fetch_access_token.py": ("store/tokens.py",),
    "methods/test_fetch_user_applications.py": ("store/users.py",),
    "operations/test_exporting.py": ("store/records.py",),
    "operations/test_receipts.py": ("store/census.py",),
    "provider/test_app.py": ("provider/parts.py",),
    "provider/test_configuration.py": ("provider/tables.py",),
    "rpc/test_dialects.py": ("dialects.py",),
    "rpc/test_error_response.py": ("calling.py", "rpc/telling.py"),
    "rpc/test_http.py": ("rpc/door.py",),
    "rpc/test_statuses.py": ("rpc/answering.py", "rpc/response.py"),
    "rpc/test_noting.py": ("audit.py",),
    "rpc/test_turned_away.py": ("store/counters.py", "store/throttle.py"),
    "store/test_links.py": ("store/channel.py",),
    "testing/test_backend.py": ("testing/controls.py", "testing/errors.py", "testing/registered.py"),
    "testing/test_calls.py": ("testing/recording.py",),
    "testing/test_process.py": ("testing/service.py",),
    "testing/test_serving.py": ("testing/wsgi.py",),
    "test_arguments.py": ("shapes.py",),
    "test_guessing.py": ("store/guesses.py",),
    "test_policy.py": ("subject.py",),
    "wire/test_profiles.py": ("profiles.py",),
}
NOTHING_TO_TEST = {
    "flow.py": "frozen values",
    "models.py": "frozen values",
}
ELSEWHERE = frozenset(source for sources in TESTED_BY.values() for source in sources)
# Words that are flows' names and something else besides, with what they are there.
NO_FLOWS_THERE = {
    ("cli/shown.py", "password"): "a caller's member that is not shown",
    ("client/credentials.py", "password"): "a caller's member in a message",
    ("cli/commands/replay.py", "password"): "the resource owner's password",
    ("dialects.py", "refresh_token"): "a member of an answer",
    ("entries.py", "password"): "a caller's member in a file",
    ("methods/create_access_token.py", "refresh_token"): "a member of the answer",
    ("operations/callers.py", "password"): "a caller's member in a message",
    ("replay/flaws.py", "password"): "the resource owner's password",
    ("replay/forms.py", "password"): "a kind of field in a form",
    ("replay/requirements.py", "password"): "the resource owner's password",
    ("replay/target.py", "password"): "the resource owner's password",
    ("replay/target_file.py", "password"): "the resource owner's password",
    ("replay/trying.py", "authorization_code"): "by which a user is asked, where the target has it",
    ("provider/configuration.py", "password"): "a member of the file",
    ("provider/login.py", "password"): "a field of a form",
    **{
        ("provider/renderings.py", name): "a grant type that the metadata tell of"
        for name in ("authorization_code", "client_credentials", "implicit", "password", "refresh_token")
    },
    ("provider/token.py", "implicit"): "a grant type that a token endpoint may not pass on",
    ("provider/token.py", "password"): "a grant whose user only the provider knows",
    ("provider/token.py", "refresh_token"): "a parameter, and a member of the answer",
    ("provider/users.py", "password"): "a member of the file of users",
    ("shapes.py", "refresh_token"): "an argument",
    ("store/connection.py", "password"): "a part of a URL",
    ("testing/controls.py", "refresh_token"): "a member of an answer",
    ("testing/process.py", "password"): "a caller's member",
    ("testing/registered.py", "password"): "a caller's member",
}


def tree_of(source: str) -> ast.Module:
    return ast.parse((PACKAGE / source).read_text())


def literals(tree: ast.Module) -> Iterator[str]:
    """Every string in the source that is no docstring."""
    said = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


def functions(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every function with its length."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def mirror(source: str) -> Path:
    path = Path(source)
    return ROOT / "tests" / path.parent / f"test_{path.name}"


def files_of_the_project() -> list[Path]:
    """What git keeps, or would keep: no build, no cache."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("source", [name for name in SOURCES if not name.endswith("__init__.py")])
def test_every_source_file_has_a_test_file(source: str) -> None:
    assert mirror(source).exists() or source in ELSEWHERE or source in NOTHING_TO_TEST


def test_no_exception_outlives_its_reason() -> None:
    assert set(SOURCES) >= ELSEWHERE | set(NOTHING_TO_TEST)
    assert [source for source in sorted(ELSEWHERE) if mirror(source).exists()] == []
    assert [name for name in TESTED_BY if not (ROOT / "tests" / name).exists()] == []


@pytest.mark.parametrize("source", SOURCES)
def test_no_flow_is_named_outside_its_own_file(source: str) -> None:
    found = {text for text in literals(tree_of(source)) if text in FLOWS and source != f"flows/{text}.py"}

    assert found == {text for other, text in NO_FLOWS_THERE if other == source}


@pytest.mark.parametrize("source", SOURCES)
def test_no_file_is_long(source: str) -> None:
    assert len((PACKAGE / source).read_text().splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("source", SOURCES)
def test_no_function_is_long(source: str) -> None:
    assert [name for name, length in functions(tree_of(source)) if length > LONGEST_FUNCTION] == []


def test_layers_and_siblings_keep_apart() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout


def test_no_path_of_a_machine_is_in_the_project() -> None:
    own = [re.escape(f"{folder}/") for folder in (ROOT.parent, Path.home()) if folder != Path("/")]
    path = re.compile("|".join([*own, r"(?<![\w.])/(?:home|Users)/\w"]))

    assert list(lines_with(path)) == []


def test_nothing_is_left_for_later() -> None:
    assert list(lines_with(re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b"))) == []


def lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in files_of_the_project():
        if path.suffix == ".png":
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            if pattern.search(line):
                yield f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
