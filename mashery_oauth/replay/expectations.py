"""What an answer has to be like: a small table of checks, and what of an answer they look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .answers import PLACES, Answer
from .reading import Members
from .variables import Values, fill

Operand = str | int | float | bool | tuple[str, ...]
TYPES: Mapping[str, type | tuple[type, ...]] = {"string": str, "number": (int, float), "boolean": bool, "list": list}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of check: when it holds, and how it is said."""

    holds: Callable[[object, Operand], bool]
    said: str  # {} stands for the operand


def _is_of_type(found: object, name: Operand) -> bool:
    kinds = TYPES[str(name)]
    return isinstance(found, kinds) and (name == "boolean" or not isinstance(found, bool))


def _is_present(found: object, wanted: Operand) -> bool:
    """A value that came twice is a list, and counts as none."""
    return (isinstance(found, str | int | float) and found != "") is wanted


def _contains(found: object, part: Operand) -> bool:
    return isinstance(found, str) and str(part).lower() in found.lower()


KINDS: Mapping[str, Kind] = {
    "equals": Kind(lambda found, wanted: type(found) is type(wanted) and found == wanted, "{}"),
    "not": Kind(lambda found, unwanted: found is not None and found != unwanted, "not {}"),
    "one_of": Kind(lambda found, wanted: isinstance(wanted, tuple) and found in wanted, "one of {}"),
    "present": Kind(_is_present, "there"),
    "absent": Kind(lambda found, wanted: (found is None) is wanted, "absent"),
    "type": Kind(_is_of_type, "a {}"),
    "contains": Kind(_contains, "with {}"),
    "lacks": Kind(lambda found, part: not _contains(found, part), "without {}"),
    "matches": Kind(lambda found, pattern: bool(re.fullmatch(str(pattern), str(found))), "like {}"),
    "least_length": Kind(lambda found, length: isinstance(found, str) and len(found) >= int(str(length)), "{} long"),
}


OPPOSITE = {"present": "absent", "absent": "present"}


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check of the value at one place."""

    place: str  # as json.access_token
    kind: str
    operand: Operand

    def holds(self, answer: Answer, values: Values) -> bool:
        """Whether the answer is so."""
        return KINDS[self.kind].holds(answer.look(self.place), _filled(self.operand, values))

    def said(self, values: Values) -> str:
        """The check in words."""
        if isinstance(self.operand, bool) and self.kind in OPPOSITE:
            return f"{self.place} {KINDS[self.kind if self.operand else OPPOSITE[self.kind]].said}"
        operand = _filled(self.operand, values)
        shown = ", ".join(operand) if isinstance(operand, tuple) else operand
        return f"{self.place} {KINDS[self.kind].said.format(shown)}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What has to hold of one answer. An empty member is not looked at."""

    status: tuple[int, ...] = ()
    sent_away: bool | None = None  # whether the browser has to be sent to a client, or must not be
    to: str = ""  # the client's redirect URI that it is sent to, with what was in its own query
    checks: tuple[Check, ...] = ()
    any_of: tuple[Expectation, ...] = ()  # where the text leaves a choice

    def met(self, answer: Answer, values: Values) -> bool:
        """Whether the answer is so."""
        return not any(self.unmet(answer, values))

    def unmet(self, answer: Answer, values: Values) -> Iterator[str]:
        """What does not hold, each as it was expected."""
        if self.status and answer.status not in self.status:
            yield f"status {' or '.join(map(str, self.status))}"
        if self.sent_away is not None and bool(answer.location) is not self.sent_away:
            yield "sent back to the client" if self.sent_away else "not sent away"
        if self.to and not _leads_to(answer.location, fill(self.to, values)):
            yield f"sent to {fill(self.to, values)}"
        yield from (check.said(values) for check in self.checks if not check.holds(answer, values))
        if self.any_of and not any(each.met(answer, values) for each in self.any_of):
            yield " or ".join(f"({', '.join(each.unmet(answer, values))})" for each in self.any_of)


def _leads_to(location: str, uri: str) -> bool:
    """Whether it is that URI with something added (RFC 6749 §3.1.2: its own query stays)."""
    return location.startswith((f"{uri}&", f"{uri}#")) if "?" in uri else location.startswith((f"{uri}?", f"{uri}#"))


def _filled(operand: Operand, values: Values) -> Operand:
    match operand:
        case str():
            return fill(operand, values)
        case tuple():
            return tuple(fill(each, values) for each in operand)
        case _:
            return operand


def read_expectation(members: Members) -> Expectation:
    """An expectation from its members; the caller sees to those that are not known.

    :raises Malformed: a check is not in the table.
    """
    return Expectation(
        status=_statuses(members),
        sent_away=members.flag("sent_away", default=False) if "sent_away" in members else None,
        to=members.text("to", ""),
        checks=tuple(check for place in PLACES for check in _checks(members, place)),
        any_of=tuple(map(_alternative, members.tables("any_of"))),
    )


def _alternative(members: Members) -> Expectation:
    with members:
        return read_expectation(members)


def _statuses(members: Members) -> tuple[int, ...]:
    value = members.value("status")
    listed = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(each, int) for each in listed):
        raise members.wrong("status", "is not a status or a list of them")
    return tuple(listed)


def _checks(members: Members, place: str) -> Iterator[Check]:
    table = members.members(place)
    for name, wanted in members_of(table):
        path = f"{place}.{name}"
        match wanted:
            case dict():
                yield from (_check(table, path, kind, operand) for kind, operand in wanted.items())
            case list():
                yield _check(table, path, "one_of", wanted)
            case _:
                yield _check(table, path, "equals", wanted)


def members_of(table: Members) -> list[tuple[str, object]]:
    """All members of a table whose names are free."""
    return [(name, table.value(name)) for name in table.names]


def _check(table: Members, path: str, kind: str, operand: object) -> Check:
    if kind not in KINDS:
        raise table.wrong(path, f"has no check {kind}; there are {', '.join(KINDS)}")
    if kind == "type" and operand not in TYPES:
        raise table.wrong(path, f"has no type {operand}; there are {', '.join(TYPES)}")
    if isinstance(operand, list) and all(isinstance(each, str) for each in operand):
        return Check(path, kind, tuple(operand))
    if not isinstance(operand, str | int | float | bool):
        raise table.wrong(path, f"has {kind} with something that is neither text nor number")
    return Check(path, kind, operand)
