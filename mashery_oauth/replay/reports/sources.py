"""Where a statement is to be read: the section of its text, or the entry of a published vulnerability."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..rules import Rule

_TEXTS = "https://datatracker.ietf.org/doc/html/"
# By how the names of their statements begin. OAuth 2.1 is a draft still: this revision has the sections that are named.
_DRAFTS = {
    "D10": ("Draft 10", "draft-ietf-oauth-v2-10"),
    "D16": ("Draft 16", "draft-ietf-oauth-v2-16"),
    "OAUTH21": ("OAuth 2.1", "draft-ietf-oauth-v2-1-16"),
}
_RFC = re.compile(r"RFC(\d+)")
_NUMBER = re.compile(r"§?(\d+(?:\.\d+)*)(?:, |$)")
_ENTRIES = {"CVE": "https://www.cve.org/CVERecord?id=", "GHSA": "https://github.com/advisories/"}


@dataclass(frozen=True, slots=True)
class Place:
    """One place to read at; without a URL, nothing is published there that will stay."""

    text: str
    url: str = ""


def places(rule: Rule) -> tuple[Place, ...]:
    """All of a statement; the first one names the text."""
    kind = rule.name.partition("-")[0]
    if kind in _ENTRIES:
        return (Place(f"{rule.section}, {rule.name}", _ENTRIES[kind] + rule.name),)
    if found := _text(kind):
        title, document = found
        numbers = _NUMBER.findall(rule.section)
        return tuple(
            Place(f"{'' if at else f'{title} '}§{number}", f"{_TEXTS}{document}#section-{number}")
            for at, number in enumerate(numbers)
        )
    return (Place(rule.section),)


def section_of(rule: Rule) -> str:
    """The section of a statement, with the text that it is of where only its number is given."""
    found = _text(rule.name.partition("-")[0])
    return f"{found[0]} §{rule.section}" if found and rule.section[0].isdigit() else rule.section


def _text(kind: str) -> tuple[str, str] | None:
    """Title and document of a text."""
    if rfc := _RFC.fullmatch(kind):
        return f"RFC {rfc[1]}", f"rfc{rfc[1]}"
    return _DRAFTS.get(kind)
