"""What each call does when nothing else happens, and which answers it may give: one client, and users of one service.

Names that nobody was told begin with ``?``: what a call made whose answer was lost. They become known when a retry is
told the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .linearizability import Call

REFUSED = "refused"


class Code(NamedTuple):
    """A code; ``family`` is what it was redeemed for."""

    text: str
    user: str
    dead: bool = False
    family: int | None = None


class Family(NamedTuple):
    """A grant, named for the call that began it. ``answer`` is what the last use of its refresh token was told."""

    number: int
    home: str  # the user who gave it
    user: str  # the user who has it
    current: str
    moved: bool = False
    previous: str = ""
    answer: tuple[str, str] = ("", "")
    dead: bool = False  # with all of its tokens
    cut: bool = False  # without those that were given to another user


class Token(NamedTuple):
    """An access token."""

    text: str
    family: int
    user: str
    moved: bool = False
    dead: bool = False


@dataclass(frozen=True)
class State:
    """All that there is."""

    codes: frozenset[Code] = frozenset()
    families: frozenset[Family] = frozenset()
    tokens: frozenset[Token] = frozenset()

    def lives(self, token: Token) -> bool:
        """Whether a token works."""
        return not token.dead and not self.family(token.family).dead

    def family(self, number: int) -> Family:
        """The grant that a call began."""
        return next(family for family in self.families if family.number == number)

    def of_refresh(self, call: Call) -> Family:
        """The grant that a refresh token is of: the call names it, since the text does."""
        return self.family(call.arguments[1])

    def with_family(self, family: Family) -> State:
        """The same with a grant changed or added."""
        others = frozenset(other for other in self.families if other.number != family.number)
        return replace(self, families=others | {family})

    def each(self, change: Callable[[Token], Token]) -> State:
        """The same with every token changed."""
        return replace(self, tokens=frozenset(map(change, self.tokens)))


@dataclass(frozen=True)
class Specification:
    """What may follow in a service whose policy is so."""

    grace: bool = True
    single: bool = False
    whole: bool = True  # a token's revocation ends its grant
    rules: dict[str, Callable[[State, Call], Iterable[State]]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        making, ending = "consent redeem create refresh", "revoke revoke_refresh revoke_user follow"
        names = f"{making} fetch shown give {ending}".split()
        object.__setattr__(self, "rules", {name: getattr(self, f"_{name}") for name in names})

    def step(self, state: State, call: Call) -> Iterable[State]:
        """The states after a call that was answered so; none if it cannot be."""
        return self.rules[call.name](state, call)

    def _consent(self, state: State, call: Call) -> Iterator[State]:
        text = f"?C{call.number}" if call.pending else call.answer
        yield replace(state, codes=state.codes | {Code(text, call.arguments[0])})

    def _redeem(self, state: State, call: Call) -> Iterator[State]:
        code = next(code for code in state.codes if code.text == call.arguments[0])
        rest = state.codes - {code}
        if code.family is not None:
            if may(call, REFUSED):
                yield state.with_family(state.family(code.family)._replace(dead=True))
        elif code.dead:
            if may(call, REFUSED):
                yield state
        elif call.answer != REFUSED:
            yield self._begun(replace(state, codes=rest | {code._replace(family=call.number)}), call, code.user)

    def _create(self, state: State, call: Call) -> Iterator[State]:
        if call.answer != REFUSED:
            yield self._begun(state, call, call.arguments[0])

    def _begun(self, state: State, call: Call, user: str) -> State:
        access, refresh = texts(call)
        if self.single:
            state = cut_off(state, user)
        family = Family(call.number, user, user, refresh)
        return replace(state.with_family(family), tokens=state.tokens | {Token(access, family.number, user)})

    def _refresh(self, state: State, call: Call) -> Iterator[State]:
        family, presented = state.of_refresh(call), call.arguments[0]
        if family.dead or family.cut:
            if may(call, REFUSED):
                yield state
        elif presented == family.current:
            if call.answer != REFUSED:
                yield self._succeeded(state, family, texts(call))
        elif presented == family.previous and self.grace:
            yield from self._again(state, family, call)
        elif may(call, REFUSED):
            yield state.with_family(family._replace(dead=True))

    def _succeeded(self, state: State, family: Family, new: tuple[str, str]) -> State:
        if self.single and not family.moved:
            state = cut_off(state, family.home)
        access, refresh = new
        after = family._replace(previous=family.current, current=refresh, answer=new)
        token = Token(access, family.number, family.user, family.moved)
        return replace(state.with_family(after), tokens=state.tokens | {token})

    @staticmethod
    def _again(state: State, family: Family, call: Call) -> Iterator[State]:
        told, known = call.answer, family.answer
        if call.pending or told == known:
            yield state
        elif told != REFUSED and known[0].startswith("?"):
            after = family._replace(answer=told, current=told[1] if family.current == known[1] else family.current)
            yield state.with_family(after).each(
                lambda token: token._replace(text=told[0]) if token.text == known[0] else token
            )

    def _fetch(self, state: State, call: Call) -> Iterator[State]:
        if may(call, state.lives(named(state, call))):
            yield state

    def _shown(self, state: State, call: Call) -> Iterator[State]:
        """A user's list may name tokens that nobody was told of otherwise, but no others."""
        if call.pending:
            yield state
            return
        alive = [token.text for token in state.tokens if token.user == call.arguments[0] and state.lives(token)]
        known = {text for text in alive if not text.startswith("?")}
        others = call.answer - known
        as_many = known <= call.answer and len(others) == len(alive) - len(known)
        if as_many and not any(token.text in others for token in state.tokens):
            yield state

    def _give(self, state: State, call: Call) -> Iterator[State]:
        token, user = named(state, call), call.arguments[1]
        if not state.lives(token):
            if may(call, REFUSED):
                yield state
        elif call.answer != REFUSED:
            given = token._replace(user=user, moved=token.moved or user != token.user)
            after = state.each(lambda each: given if each == token else each)
            yield after.with_family(state.family(token.family)._replace(user=user, moved=given.moved))

    def _revoke(self, state: State, call: Call) -> Iterator[State]:
        token = named(state, call)
        if not may(call, True):
            return
        after = state.each(lambda each: each._replace(dead=True) if each == token else each)
        yield after.with_family(state.family(token.family)._replace(dead=True)) if self.whole else after

    @staticmethod
    def _revoke_refresh(state: State, call: Call) -> Iterator[State]:
        family = state.of_refresh(call)
        known = call.arguments[0] in (family.current, family.previous)
        if may(call, known):
            yield state.with_family(family._replace(dead=True)) if known else state

    @staticmethod
    def _revoke_user(state: State, call: Call) -> Iterator[State]:
        user = call.arguments[0]
        codes = frozenset(code._replace(dead=code.dead or code.user == user) for code in state.codes)
        yield replace(cut_off(state, user), codes=codes)

    @staticmethod
    def _follow(state: State, call: Call) -> Iterator[State]:
        """A user's revocation reaches what was given to that user, grant by grant."""
        user, number = call.arguments
        family = next((family for family in state.families if family.number == number), None)
        given = family is not None and (
            (family.moved and family.user == user)
            or any(t.moved and t.user == user and t.family == number and not t.dead for t in state.tokens)
        )
        yield state.with_family(family._replace(dead=True)) if family is not None and given else state


def may(call: Call, answer: object) -> bool:
    """Whether a call can have been answered so."""
    return call.pending or call.answer == answer


def texts(call: Call) -> tuple[str, str]:
    """The access and refresh token that a call made."""
    return (f"?A{call.number}", f"?R{call.number}") if call.pending else call.answer


def named(state: State, call: Call) -> Token:
    """The access token that a call is about."""
    return next(token for token in state.tokens if token.text == call.arguments[0])


def cut_off(state: State, user: str) -> State:
    """Ends what a user gave, but for what was given to another user since."""
    numbers = {family.number for family in state.families if family.home == user}
    families = frozenset(
        family._replace(cut=family.cut or (family.number in numbers and not family.moved)) for family in state.families
    )
    after = replace(state, families=families)
    return after.each(lambda token: token._replace(dead=token.dead or (token.family in numbers and not token.moved)))
