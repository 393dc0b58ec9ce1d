"""The tables of the store: its keys, and its scripts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from importlib import resources
from types import FunctionType

from mashery_oauth import store
from mashery_oauth.models import Once
from mashery_oauth.store import keys
from mashery_oauth.store.texts import Place

from .tables import Gap, code
from .tables import table as list_table

TAG = "abcdefghijkl"
NAMED = "digest of the text"
# Function or constant of store/keys.py: what follows its letter, what it holds, when it ends.
KEYS = {
    "token": (
        NAMED,
        "client, service, scope, user, expiry, stamp, family; no text; a MAC key is sealed",
        "with the token's life",
    ),
    "code": (
        NAMED,
        "client, redirect URI, challenge, scope, user, stamp; once used, the digest of what it became",
        "with the code's life; a used code stays at least 10 minutes",
    ),
    "family": (
        "digest of tag and family",
        "client, scope, user, digests of the refresh token in force and of the one before",
        "at the idle end or at the absolute end, whichever comes first",
    ),
    "grace": (
        "digest of tag and family",
        "the last refresh's answer, sealed under the old refresh token's own text",
        "with ``refresh_grace``",
    ),
    "marks": (
        "rest of the tag",
        "a counter, and the marks of user, applications and families that were revoked; of families, few",
        "with the last thing stamped under it",
    ),
    "index": (
        "rest of the tag",
        "one short member per token, by expiry: application, stamp, family, a random id or digest, and version",
        "with its last token, plus ``inactive_retention``",
    ),
    "claim": (
        "digest of caller, service, method and idempotency key",
        "a keyed hash of the arguments that it came with",
        "after 24 hours",
    ),
    "answer": (
        "digest of the same and the claim",
        "the answer, sealed; scope and user beside it",
        "after 24 hours",
    ),
    "counter": (
        "digest of what is counted",
        "a number: calls of a caller that has a limit, or wrong secrets of a client",
        "with the window that it counts: a second, or that of ``MASHERY_OAUTH_GUESSES``",
    ),
    "records": (
        "kind of record",
        "configuration records by key; secrets as keyed hashes, signing secrets sealed",
        "never",
    ),
    "VERSION": ("", "number and nonce of the configuration in force", "never"),
    "LOG": ("", "which records the last changes touched", "never; 10,000 entries are kept"),
    "SALT": ("", "the salt of all tags, made once", "never"),
    "CHECK": ("", "nothing, sealed under the first key: who cannot open it has the wrong keys", "never"),
}
CONSTANTS = {
    "VERSION": "The configuration's version.",
    "LOG": "The configuration's log.",
    "SALT": "The store's salt.",
    "CHECK": "The check of the keys.",
}
_PART = re.compile(r"(KEYS|ARGV|Returns)\b")


def keys_table() -> Iterator[str]:
    """Every key that there is."""
    found = {name for name, value in vars(keys).items() if _is_key(value)} | set(CONSTANTS)
    if found != set(KEYS):
        raise Gap(f"keys without a description, or the reverse: {sorted(found ^ set(KEYS))}")
    rows = (
        (code(_pattern(name, rest)), _sentence(name), _line(holds), _line(ends))
        for name, (rest, holds, ends) in KEYS.items()
    )
    yield from list_table(("Key", "What it is", "What it holds", "When it ends"), rows)


def _is_key(value: object) -> bool:
    return isinstance(value, FunctionType) and value.__module__ == keys.__name__


def _pattern(name: str, rest: str) -> str:
    """A key with its parts named, from the key that the code makes."""
    made = getattr(keys, name)
    if isinstance(made, str):
        return made
    return _letter(made) + f"<{rest}>"


def _letter(make: Callable[..., str]) -> str:
    given = {"place": Place(TAG, "-"), "tag": TAG, "name": "-", "kind": "", "once": Once("-", "-")}
    made = make(*(given[name] for name in inspect.signature(make).parameters))
    braces, _, letter = made.partition("}")
    return ("{cfg}" if braces == "{cfg" else "{tag}") + letter[:1]


def _sentence(name: str) -> str:
    made = getattr(keys, name)
    return inspect.getdoc(made) or "" if callable(made) else CONSTANTS[name]


def _line(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def scripts_table() -> Iterator[str]:
    """Every script with what its header says."""
    folder = resources.files(store).joinpath("lua")
    rows = ((code(file.name), *_header(file.read_text())) for file in sorted(folder.iterdir(), key=str))
    yield from list_table(("Script", "What it does", "Keys", "Returns"), rows)


def _header(text: str) -> tuple[str, str, str]:
    """Sentence, keys and answer; the arguments are for those who read the script."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    said, *parts = _PART.split(" ".join(lines))
    named = dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
    return said.strip(), named["KEYS"].replace("  ", ", "), named["Returns"]
