"""A set: a text that servers follow, the statements of it that are played, and how a good client of it behaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from .reading import Malformed, Members, Readable, files_in, read_toml

MUST, SHOULD = "must", "should"
RAW, FORM = "raw", "form"


@dataclass(frozen=True, slots=True)
class Rule:
    """One statement of a text."""

    name: str
    section: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What holds for every scenario that is played by one text."""

    name: str
    title: str
    source: str
    rules: Mapping[str, Rule]
    flows: tuple[str, ...]  # what a server of this text is taken to have on, unless its description says otherwise
    values: Mapping[str, str] = field(default_factory=dict)  # what differs between the texts
    auth: str = "basic"  # how its clients authenticate, unless the target's description says otherwise
    basic_encoding: str = RAW  # of identifier and secret, before they become a Basic header
    id_beside_basic: bool = False  # whether client_id is in the body, too
    pkce: bool = False  # whether every client uses it

    def level(self, names: tuple[str, ...]) -> str:
        """The strictest level of some rules; empty where this text has none of them."""
        levels = {self.rules[name].level for name in names if name in self.rules}
        return MUST if MUST in levels else SHOULD if levels else ""


@cache
def rule_sets() -> Mapping[str, RuleSet]:
    """The sets of this package, by name."""
    return {found.name: found for found in map(read_rule_set, files_in("sets"))}


def read_rule_set(file: Readable) -> RuleSet:
    """A set from its file, which has its name.

    :raises Malformed: the file is not as it should be.
    """
    with read_toml(file) as members:
        rules = [_rule(each) for each in members.tables("rule")]
        found = RuleSet(
            name=file.name.removesuffix(".toml"),
            title=members.text("title"),
            source=members.text("source"),
            rules={rule.name: rule for rule in rules},
            flows=members.texts("flows"),
            values={name: str(value) for name, value in members.table("values").items()},
            auth=members.word("auth", ("basic", "body"), "basic"),
            basic_encoding=members.word("basic_encoding", (RAW, FORM), RAW),
            id_beside_basic=members.flag("id_beside_basic", default=False),
            pkce=members.flag("pkce", default=False),
        )
    if len(found.rules) < len(rules):
        raise Malformed(f"{file.name}: a rule is there twice")
    return found


def _rule(members: Members) -> Rule:
    with members:
        name, section = members.text("name"), members.text("section")
        return Rule(name, section, members.word("level", (MUST, SHOULD)), members.text("text"))
