"""Letters of a server's answer that a report must not have as they came."""

from __future__ import annotations

import re

# What XML 1.0 and HTML have not, and what turns the text around that stands beside it.
_UNFIT = re.compile(
    r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_MARKED = re.compile(r"``(.+?)``")


def fit(text: str) -> str:
    """A document in which nothing is left that controls whoever shows it."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text)


def printable(text: str) -> str:
    """A text of one line, for a terminal: nothing in it can move the cursor."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def unmarked(text: str) -> str:
    """A statement as plain text has it: what is to be taken literally stands between quotation marks."""
    return _MARKED.sub(r"'\1'", text)
