"""The Lua scripts, one operation each, found by the file's name."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Script:
    """A script's text and the SHA-1 under which a node that has seen it knows it."""

    name: str
    body: str
    sha: str
    kept: bool = True  # whether what it writes must survive what befalls the node that wrote it


def load(name: str, *shared: str, kept: bool = True) -> Script:
    """The script in ``lua/NAME.lua``, behind what all of them share, and behind what it shares with some."""
    here = resources.files(__package__)
    body = "".join(here.joinpath(f"{each}.lua").read_text() for each in ("marks", *shared, f"lua/{name}"))
    return Script(name, body, hashlib.sha1(body.encode(), usedforsecurity=False).hexdigest(), kept)
