"""A scenario: what is sent, in order, and what each text says must come back. Read from TOML, strictly.

A file of ``scenarios/`` has ``title``, ``[[given]]`` (steps that several scenarios begin with) and ``[[scenario]]``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from .answers import PLACES
from .expectations import Expectation, read_expectation
from .reading import Malformed, Members, Readable, files_in, read_toml
from .requirements import REQUIREMENTS
from .rules import SHOULD, Rule, RuleSet, rule_sets
from .target import MAIN, Target
from .variables import Pairs

AUTHORIZE, RESOURCE, WAIT, ADDRESSES = "authorize", "resource", "wait", "addresses"
SENT_BY_CLIENTS = ("token", "revoke", "introspect")
SENDS = (AUTHORIZE, *SENT_BY_CLIENTS, RESOURCE, WAIT, ADDRESSES)  # the last two send nothing
OWN = "own"  # how the client of this target and text authenticates
AUTHS = (OWN, "basic", "bare_basic", "body", "both", "id", "none")
OWNERS = ("approves", "denies", "absent")


@dataclass(frozen=True, slots=True)
class Claim:
    """What some rules say about the answers to one step."""

    rules: tuple[str, ...]
    level: str  # where it is less than its rules have; empty: as they have it
    expectation: Expectation
    least: int  # how many of the answers have to be so
    most: int
    distinct: str = ""  # where a value stands of which there may be no more than ``most``, as json.refresh_token


@dataclass(frozen=True, slots=True)
class Step:
    """One request, or the same one several times at once."""

    title: str
    send: str
    client: str  # the role of the client that sends it
    claims: tuple[Claim, ...]
    auth: str = OWN
    secret: str | None = None  # in the place of the client's own
    owner: str = "approves"  # what the resource owner does when asked
    method: str = ""  # empty: as the endpoint wants it
    query: Pairs = ()
    params: Pairs = ()  # of the form; of an authorization request, the query
    json: bool = False  # the form's members as JSON
    headers: Pairs = ()
    pkce: bool = True  # whether a client that uses PKCE does so here
    at_once: int = 1
    seconds: str = ""  # to wait
    save: Pairs = ()  # name, and place in the answer


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story of one client, or of several that are confused."""

    name: str
    title: str
    topic: str
    sets: tuple[str, ...]
    requires: tuple[str, ...]
    flows: tuple[str, ...]
    client: str
    steps: tuple[Step, ...]

    def rules(self, rule_set: RuleSet) -> tuple[Rule, ...]:
        """Those of a text that it checks, in the order in which it does."""
        names = dict.fromkeys(name for step in self.steps for claim in step.claims for name in claim.rules)
        return tuple(rule_set.rules[name] for name in names if name in rule_set.rules)

    def lacking(self, rule_set: RuleSet, target: Target) -> tuple[str, ...]:
        """What the target lacks of what it needs, in words."""
        on = target.flows or rule_set.flows
        things = [REQUIREMENTS[name].said for name in self.requires if not REQUIREMENTS[name].given(target)]
        return (*things, *(f"the flow {flow}" for flow in self.flows if flow not in on))


Rows = tuple[Mapping[str, object], ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """What the steps of a file may begin with."""

    topic: str
    given: Mapping[str, Rows]


@cache
def scenarios() -> tuple[Scenario, ...]:
    """All scenarios of this package."""
    return read_scenarios(files_in("scenarios"))


def read_scenarios(files: Iterable[Readable]) -> tuple[Scenario, ...]:
    """The scenarios of some files; what one gives, all may begin with.

    :raises Malformed: a file is not as it should be.
    """
    given: dict[str, Rows] = {}
    found: list[Scenario] = []
    opened = [read_toml(file) for file in files]
    for members in opened:
        for each in members.tables("given"):
            _read_given(each, given)
    for members in opened:
        with members:
            source = _Source(members.text("title"), given)
            found += [_scenario(each, source) for each in members.tables("scenario")]
    _check_names(found)
    return tuple(found)


def _check_names(found: list[Scenario]) -> None:
    names = [scenario.name for scenario in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise Malformed(f"scenarios: {min(twice)} is there twice")


def _read_given(members: Members, given: dict[str, Rows]) -> None:
    with members:
        given[members.text("name")] = members.rows("step")


def _scenario(members: Members, source: _Source) -> Scenario:
    with members:
        client = members.text("as", MAIN)
        begins = [row for name in members.texts("given") for row in _given(members, source, name)]
        tables = (*(Members(row, f"{members.where}: given") for row in begins), *members.tables("step"))
        return Scenario(
            name=members.text("name"),
            title=members.text("title"),
            topic=source.topic,
            sets=_known(members, "sets", rule_sets()),
            requires=_known(members, "requires", REQUIREMENTS),
            flows=members.texts("flows"),
            client=client,
            steps=tuple(step for table in tables for step in _steps(table, client)),
        )


def _given(members: Members, source: _Source, name: str) -> Rows:
    if name not in source.given:
        raise members.wrong("given", f"names {name}, which no file gives")
    return source.given[name]


def _known(members: Members, name: str, known: Mapping[str, object]) -> tuple[str, ...]:
    words = members.texts(name)
    for word in words:
        if word not in known:
            raise members.wrong(name, f"has {word}; there are {', '.join(known)}")
    return words


def _steps(members: Members, client: str) -> list[Step]:
    """A step, or one for each of the values under ``each``, which its texts name as ``${each}``."""
    with members:
        values = members.texts("each") or ("",)
        table = {name: members.value(name) for name in members.names}
    return [_step(Members(_with_each(table, value), members.where), client) for value in values]


def _with_each(table: Mapping[str, object], value: str) -> dict[str, object]:
    if not value:
        return dict(table)
    return {name: _replaced(member, value) for name, member in table.items()}


def _replaced(member: object, value: str) -> object:
    match member:
        case str():
            return member.replace("${each}", value)
        case dict():
            return {name: _replaced(inner, value) for name, inner in member.items()}
        case list():
            return [_replaced(inner, value) for inner in member]
        case _:
            return member


def _step(members: Members, client: str) -> Step:
    with members:
        at_once = members.count("at_once", 1)
        return Step(
            title=members.text("title"),
            send=members.word("send", SENDS),
            client=members.text("as", client),
            claims=tuple(_claim(each, at_once) for each in members.tables("expect")),
            auth=members.word("auth", AUTHS, OWN),
            secret=members.text("secret") if "secret" in members else None,
            owner=members.word("owner", OWNERS, OWNERS[0]),
            method=members.text("method", ""),
            query=_pairs(members, "query"),
            params=_pairs(members, "params"),
            json=members.flag("json", default=False),
            headers=_pairs(members, "headers"),
            pkce=members.flag("pkce", default=True),
            at_once=at_once,
            seconds=members.text("seconds", ""),
            save=_saves(members),
        )


def _claim(members: Members, at_once: int) -> Claim:
    with members:
        distinct = members.text("distinct", "")
        _check_place(members, "distinct", distinct)
        return Claim(
            rules=members.texts("rules"),
            level=members.word("level", ("", SHOULD), ""),
            least=members.count("least", 0 if distinct or "most" in members else at_once),
            most=members.count("most", at_once),
            distinct=distinct,
            expectation=read_expectation(members),
        )


def _pairs(members: Members, name: str) -> Pairs:
    """A table of texts, or of lists of texts for a name that is to come several times."""
    pairs: list[tuple[str, str]] = []
    for key, value in members.table(name).items():
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, str):
                raise members.wrong(f"{name}.{key}", "is not a string or a list of them")
            pairs.append((key, each))
    return tuple(pairs)


def _saves(members: Members) -> Pairs:
    pairs = _pairs(members, "save")
    for name, place in pairs:
        _check_place(members, f"save.{name}", place)
    return pairs


def _check_place(members: Members, name: str, place: str) -> None:
    if place and place.partition(".")[0] not in PLACES:
        raise members.wrong(name, f"is no place; places begin with {', '.join(PLACES)}")
