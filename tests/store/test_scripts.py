"""The Lua files, as texts: each says what it needs, each is used, none does what a script must not."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import mashery_oauth.store
from mashery_oauth.store.scripts import Script, load

FOLDER = Path(mashery_oauth.store.__file__).parent
FILES = sorted(FOLDER.glob("lua/*.lua"))
NAMES = [file.stem for file in FILES]
SHARED = sorted(FOLDER.glob("*.lua"))
LOADED = {
    script.name
    for module in iter_modules(mashery_oauth.store.__path__, "mashery_oauth.store.")
    for script in vars(import_module(module.name)).values()
    if isinstance(script, Script)
}


def header(text: str) -> str:
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return "\n".join(lines)


def code(text: str) -> str:
    return re.sub(r"--[^\n]*", "", text)


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_says_in_a_sentence_what_it_does_and_what_it_takes_and_gives(file: Path) -> None:
    lines = header(file.read_text()).splitlines()

    assert lines[0].endswith((".", ";"))
    assert [word for word in ("KEYS", "ARGV", "Returns") if not any(line.startswith(word) for line in lines)] == []


@pytest.mark.parametrize("file", FILES, ids=NAMES)
def test_names_every_key_that_it_uses(file: Path) -> None:
    text = file.read_text()
    named = next(line for line in header(text).splitlines() if line.startswith("KEYS"))
    used = {int(number) for number in re.findall(r"KEYS\[(\d+)\]", code(text))}

    numbers = {int(number) for number in re.findall(r"(?:^KEYS|  )\s?(\d+)", named)}

    assert used
    assert used <= numbers


def test_every_file_is_loaded_by_the_store() -> None:
    assert set(NAMES) == LOADED


@pytest.mark.parametrize("file", [*FILES, *SHARED], ids=lambda file: file.stem)
def test_no_script_looks_for_keys_or_draws_lots(file: Path) -> None:
    called = set(re.findall(r"redis\.p?call\(\s*['\"](\w+)", code(file.read_text())))

    assert called.isdisjoint({"KEYS", "SCAN", "RANDOMKEY", "FLUSHALL", "FLUSHDB", "EVAL", "SORT"})
    assert "math.random" not in file.read_text()


@pytest.mark.parametrize("file", [*FILES, *SHARED], ids=lambda file: file.stem)
def test_no_script_makes_a_key_out_of_data(file: Path) -> None:
    """What stands where a command takes its key is a declared one, or a function's ``key``."""
    places = re.findall(r"redis\.p?call\(\s*['\"](\w+)['\"]\s*,\s*([^,)]+)", code(file.read_text()))

    allowed = {"key"} if file in SHARED else set()
    assert [place for _, place in places if not re.fullmatch(r"KEYS\[[^\]]+\]", place) and place not in allowed] in (
        [],
        ["hash"] * 2,  # configure.lua picks one of its declared hashes by number
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_script_comes_with_what_all_of_them_share(name: str) -> None:
    script = load(name)

    assert script.body.startswith("-- Goes before every script")
    assert len(script.sha) == 40
