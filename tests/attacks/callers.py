"""Callers who hang up at any moment, and who know each token by what it stands for: no answer passes for another."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import orjson

from mashery_oauth.models import Application
from tests.flows.calls import listed, names, password
from tests.world import PATHS, Answer

from .arena import Front, Members, new_user
from .crowd import Line, written

LONGEST = 600  # bytes; no answer here is longer


@dataclass(frozen=True, slots=True)
class Marked:
    """A token that can be told from every other one by what it stands for."""

    text: str
    client_id: str
    scope: str
    user: str

    def fits(self, result: Members) -> bool:
        """Whether an answer tells of this token."""
        return (result["client_id"], result["scope"], result["user_context"]) == (self.client_id, self.scope, self.user)


async def marked(front: Front, number: int) -> Marked:
    """One of many."""
    client, scope, user = client_of(front, number), f"scope-{number}", new_user()
    result = (await password(front, front.arena.service, client, user, scope=scope)).result
    return Marked(result["access_token"], client.client_id, scope, user)


def client_of(front: Front, number: int) -> Application:
    """One client or the other."""
    return (front.arena.client, front.arena.other)[number % 2]


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and what tells its answer from all others."""

    request: bytes
    id: str
    fits: Callable[[Members], bool]

    def is_answered_by(self, answer: Answer) -> bool:
        """Whether that is the answer to this question."""
        told = answer.json
        return told["id"] == self.id and "result" in told and self.fits(told["result"])


@dataclass
class Caller:
    """One of those who call, hang up, and call again."""

    front: Front
    tokens: list[Marked]
    line: Line
    answered: int = 0
    given_up: int = 0
    mistaken: list[str] = field(default_factory=list)

    def written(self, method: str, params: list[object] | Members, fits: Callable[[Members], bool]) -> Question:
        """A call with an id of its own."""
        name = f"{random.random()}"
        body = {"jsonrpc": "2.0", "method": f"oauth2.{method}", "params": params, "id": name}
        return Question(written(PATHS["local_v3"], self.front.basic(), orjson.dumps(body)), name, fits)

    def fetch(self) -> Question:
        """What one of the tokens stands for."""
        token = random.choice(self.tokens)
        return self.written("fetchAccessToken", [self.front.arena.service.key, token.text], token.fits)

    def create(self) -> Question:
        """A token for a user and a scope that nobody else has."""
        user, scope = new_user(), f"scope-{random.random()}"
        data = {"grant_type": "password", "scope": scope}
        params = names(self.front.arena.service, client_of(self.front, 0), token_data=data, user_context=user)
        return self.written(
            "createAccessToken", params, lambda made: (made["user_context"], made["scope"]) == (user, scope)
        )

    def question(self) -> Question:
        """One or the other."""
        return random.choices([self.fetch, self.create], weights=[4, 1])[0]()

    def check(self, question: Question, answer: Answer) -> None:
        """Notes an answer that belongs to another question."""
        self.answered += 1
        if not question.is_answered_by(answer):
            self.mistaken.append(f"{question.request!r}: {answer.body!r}")

    async def hear_out(self) -> None:
        """One question, one answer."""
        question = self.question()
        self.line.send(question.request)
        self.check(question, await self.line.answer())

    async def ask_on(self) -> None:
        """Several questions in one breath, their answers in order (RFC 9112 §9.3.2)."""
        asked = [self.question() for _ in range(4)]
        self.line.send(b"".join(question.request for question in asked))
        for question in asked:
            self.check(question, await self.line.answer())

    async def break_off(self) -> None:
        """Hangs up amid the request."""
        request = self.question().request
        self.line.send(request[: random.randrange(len(request))])
        await self.hang_up()

    async def not_listen(self) -> None:
        """Hangs up behind one request or several, before anything is answered."""
        self.line.send(b"".join(self.question().request for _ in range(random.randrange(1, 4))))
        await self.hang_up()

    async def half_listen(self) -> None:
        """Hangs up amid the answer, with more questions under way."""
        self.line.send(b"".join(self.question().request for _ in range(3)))
        await self.line.reader.read(random.randrange(1, LONGEST))
        await self.hang_up()

    async def hang_up(self) -> None:
        """Breaks the connection; the next one is another."""
        self.given_up += 1
        self.front.crowd.hang_up(self.line)
        self.line = await self.front.crowd.opened()

    async def go_on(self, steps: int) -> None:
        """So many times one of all that."""
        ways: list[Callable[[], Awaitable[None]]]
        ways = [self.hear_out, self.ask_on, self.break_off, self.not_listen, self.half_listen]
        for _ in range(steps):
            await random.choices(ways, weights=[4, 2, 1, 1, 1])[0]()
        for _ in range(3):
            await self.hear_out()


async def call_and_hang_up(front: Front, count: int, steps: int) -> list[Caller]:
    """Many callers at once, each with so many steps; their lines rest when they have done."""
    tokens = await front.at_once(marked(front, number) for number in range(count))
    callers = [Caller(front, tokens, await front.crowd.taken()) for _ in range(count)]
    await front.at_once(caller.go_on(steps) for caller in callers)
    front.crowd.resting.extend(caller.line for caller in callers)
    return callers


async def refresh_and_hang_up(front: Front, steps: int) -> int:
    """Refreshes a grant step by step, hanging up and asking again; how often it was not heard out.

    However often it asks, each refresh token has one successor, and the grant lives on. It goes on to the next refresh
    token only when no call with the one before can be under way: what comes two generations late is a stolen token.
    """
    service, client, user, given_up = front.arena.service, front.arena.client, new_user(), 0
    newest = (await password(front, service, client, user)).result
    seen = [newest["access_token"]]
    for step in range(steps):
        for _ in range(random.randrange(3)):
            await ask_in_vain(front, newest["refresh_token"], for_sure=step < steps - 1)
            given_up += 1
        newest = (await front.refresh(service, client, newest["refresh_token"])).result
        seen.append(newest["access_token"])
    assert await front.alive(service, seen) == set(seen)
    assert sorted(await listed(front, service, user)) == sorted(set(seen))
    assert len(set(seen)) == steps + 1
    return given_up


async def ask_in_vain(front: Front, refresh_token: str, *, for_sure: bool) -> None:
    """Refreshes and hangs up: amid the answer, or whatever has become of the call by then."""
    data = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    params = names(front.arena.service, front.arena.client, token_data=data)
    body = orjson.dumps({"jsonrpc": "2.0", "method": "oauth2.createAccessToken", "params": params, "id": 1})
    line = await front.crowd.taken()
    line.send(written(PATHS["local_v3"], front.basic(), body))
    if for_sure:
        await line.reader.readexactly(1)
    front.crowd.hang_up(line)
