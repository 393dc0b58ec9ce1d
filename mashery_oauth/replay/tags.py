"""The tags of a page and the text between them: read once, from front to back, so that no page takes long.

The parser of the standard library begins anew at each ``<`` of a page that is broken enough, and needs minutes for
what a hostile server sends. Here nothing is read twice: what is open at the end of a page takes the rest along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import islice

MOST_PIECES = 20_000  # of a page
MOST_ATTRIBUTES = 50  # of a tag that are looked at
# Attributes up to the end of a tag. In quotes behind an equals sign, and nowhere else, there may be the end's sign.
_INSIDE = r"""(?:[^=>]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+"""
_TAG = re.compile(rf"<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<inside>{_INSIDE})(?P<closed>>?)")
_TEXT = re.compile(r"(?:[^<]++|<(?![a-zA-Z/!?]))++")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)|<[!?/][^>]*+>?", re.DOTALL)
_ATTRIBUTE = re.compile(r"""([^\s/=][^\s/=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|(\S*+)))?+""")
# What is inside these is text, whatever it looks like.
_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style", "textarea", "title")}


@dataclass(frozen=True, slots=True)
class Tag:
    """The beginning or the end of an element; its name is in small letters."""

    name: str
    ends: bool
    inside: str = ""

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes by their names; of several with one name the first one counts."""
        found: dict[str, str] = {}
        for each in islice(_ATTRIBUTE.finditer(self.inside), MOST_ATTRIBUTES):
            found.setdefault(each[1].lower(), unescape(each[2] or each[3] or each[4] or ""))
        return found


def pieces(page: str) -> Iterator[Tag | str]:
    """The tags and texts of a page in their order; texts as they are written.

    :raises ValueError: there are more than anybody's page has.
    """
    at = count = 0
    while at < len(page):
        if (count := count + 1) > MOST_PIECES:
            raise ValueError("too many pieces")
        if text := _TEXT.match(page, at):
            yield text[0]
            at = text.end()
        elif tag := _TAG.match(page, at):
            if not tag["closed"]:
                return
            name, ends = tag["name"].lower(), bool(tag["end"])
            yield Tag(name, ends, tag["inside"])
            at = tag.end() if ends else _behind_raw(page, name, tag.end())
        elif comment := _COMMENT.match(page, at):
            at = comment.end()


def _behind_raw(page: str, name: str, at: int) -> int:
    """Where reading goes on behind the beginning of an element."""
    if name not in _RAW:
        return at
    end = _RAW[name].search(page, at)
    return end.start() if end else len(page)
