"""The tables of promises, and which tests hold them: read from the files, without running any of them.

A table is a TOML file of this folder: ``title``, ``source``, and a ``[[promise]]`` for each statement, with its
``name``, ``section`` and ``text``. A promise is held by a test that carries its name in ``@pytest.mark.keeps``, or
it says why it is not ours to hold: ``provider`` or ``not_here``. ``decided`` says where we read the source in a way
of our own; a test holds that, too.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
TESTS = FOLDER.parent
MARKER = "keeps"
_NECESSARY = {"name", "section", "text"}
_REASONS = {"provider", "not_here"}
_MEMBERS = _NECESSARY | _REASONS | {"decided"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Malformed(Exception):
    """A table or a marker is not written as it should be; says which and how."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One statement of a source. An empty reason is none."""

    name: str
    section: str
    text: str
    provider: str = ""  # why it is for the provider, the client or the resource server
    not_here: str = ""  # why it cannot occur here
    decided: str = ""  # what we do instead, and why

    @property
    def reason(self) -> str:
        """Why no test of ours holds it; empty where one must."""
        return self.provider or self.not_here


@dataclass(frozen=True, slots=True)
class Table:
    """The statements of one source, in its order."""

    title: str
    source: str
    promises: tuple[Promise, ...]


@dataclass(frozen=True, slots=True)
class Keeper:
    """A test that holds a promise."""

    path: str  # from the root of the project
    test: str  # the function's name

    @property
    def sentence(self) -> str:
        """The name as words."""
        return self.test.removeprefix("test_").replace("_", " ")


def read_table(text: str) -> Table:
    """A table from its TOML.

    :raises Malformed: something is missing, empty, unknown, or contradicts itself.
    """
    document = tomllib.loads(text)
    if set(document) != {"title", "source", "promise"}:
        raise Malformed(f"a table has title, source and promises, and not {sorted(document)}")
    return Table(document["title"], document["source"], tuple(map(_promise, document["promise"])))


def _promise(entry: Mapping[str, str]) -> Promise:
    if not _NECESSARY <= set(entry) <= _MEMBERS:
        raise Malformed(f"the members of {entry.get('name', entry)} are {sorted(entry)}")
    if empty := [name for name, value in entry.items() if not value.strip()]:
        raise Malformed(f"{empty} of {entry['name']} is empty")
    reasons = _REASONS & set(entry)
    if len(reasons) > 1 or (reasons and "decided" in entry):
        raise Malformed(f"{entry['name']} gives more than one reason")
    return Promise(**entry)


@cache
def tables() -> dict[str, Table]:
    """Every table there is, by the name of its file."""
    return {path.stem: read_table(path.read_text()) for path in sorted(FOLDER.glob("*.toml"))}


@cache
def keepers() -> dict[str, tuple[Keeper, ...]]:
    """The tests that hold each promise that is named in a marker."""
    found: dict[str, list[Keeper]] = {}
    for path in sorted(TESTS.rglob("*.py")):
        where = path.relative_to(TESTS.parent).as_posix()
        for test, names in kept_in(path.read_text(), where).items():
            for name in names:
                found.setdefault(name, []).append(Keeper(where, test))
    return {name: tuple(tests) for name, tests in found.items()}


def kept_in(source: str, where: str = "") -> dict[str, list[str]]:
    """The tests of a file that hold something, and the promises that each holds.

    A marker counts where it decorates a test, stands in a test's parameters (also in a list or function of the same
    file that the decorator names), or is the file's ``pytestmark``.

    :raises Malformed: a marker belongs to no test, or its promises are not plain strings.
    """
    if MARKER not in source:
        return {}
    tree = ast.parse(source)
    scope = _Scope({name: node for node in tree.body for name in _bound(node)})
    everywhere = [call for node in tree.body if "pytestmark" in _bound(node) for call in scope.markers(node)]
    markers = {test.name: everywhere + scope.markers(*test.decorator_list) for test in _tests(tree)}
    used = {id(call.func) for calls in markers.values() for call in calls}
    for node in ast.walk(tree):
        if _is_marker(node) and id(node) not in used:
            raise Malformed(f"{where}:{getattr(node, 'lineno', 0)}: the marker belongs to no test")
    kept = {test: [name for call in calls for name in _names(call, where)] for test, calls in markers.items()}
    return {test: list(dict.fromkeys(names)) for test, names in kept.items() if names}


def _tests(tree: ast.Module) -> Iterator[Function]:
    for node in tree.body:
        if isinstance(node, Function) and node.name.startswith("test_"):
            yield node


def _bound(node: ast.stmt) -> list[str]:
    """The names that a statement of a module gives something to."""
    if isinstance(node, Function):
        return [node.name]
    if isinstance(node, ast.AnnAssign):
        return [node.target.id] if isinstance(node.target, ast.Name) else []
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    return []


@dataclass(frozen=True, slots=True)
class _Scope:
    """The names of a module, with what stands behind each."""

    nodes: Mapping[str, ast.AST]

    def markers(self, *roots: ast.AST) -> list[ast.Call]:
        """Every marker in these nodes, and in what they name."""
        seen, found, waiting = set[str](), list[ast.Call](), list(roots)
        while waiting:
            for node in ast.walk(waiting.pop(0)):
                if isinstance(node, ast.Call) and _is_marker(node.func):
                    found.append(node)
                elif isinstance(node, ast.Name) and node.id in self.nodes and node.id not in seen:
                    seen.add(node.id)
                    waiting.append(self.nodes[node.id])
        return found


def _is_marker(node: ast.AST) -> bool:
    """Whether a node is ``pytest.mark.keeps``, or ``mark.keeps`` for short."""
    return (
        isinstance(node, ast.Attribute) and node.attr == MARKER and ast.unparse(node.value) in ("pytest.mark", "mark")
    )


def _names(call: ast.Call, where: str) -> list[str]:
    """The promises that a marker names."""
    found = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    names = [name for name in found if isinstance(name, str)]
    if not names or len(names) < len(call.args) or call.keywords:
        raise Malformed(f"{where}:{call.lineno}: a marker names its promises by plain strings")
    return names
