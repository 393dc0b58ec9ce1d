"""Records what many clients ask for at the same time, and what each of them is told."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from mashery_oauth.models import Application, Service
from tests.flows.calls import names
from tests.world import Answer, World

from .linearizability import NEVER, Call
from .specification import REFUSED, Specification

CLIENTS, CALLS = 4, 3
IMPATIENCE = 0.006  # seconds after which, at the latest, a client that gives up does so
GIVE_UP = 0.15  # how likely a client gives up on a call

Text = tuple[str, int]  # a refresh token, and the call that began its grant


@dataclass
class Object:
    """What one history is about: two users of one client at one service, and every text that was told."""

    workers: list[World]
    service: Service
    client: Application
    specification: Specification
    users: tuple[str, str]
    giving: bool  # tokens are given from one user to the other, which lists show step by step
    chance: random.Random
    history: list[Call] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    access: list[str] = field(default_factory=list)
    refresh: list[Text] = field(default_factory=list)
    asked: int = 0

    async def attacked(self) -> None:
        """Some grants, then many calls at once, then a look at what is left."""
        for _ in range(2):
            await self.call(0, "consent", (self.users[0],))
        await self.call(0, "redeem", (self.codes[0],))
        await asyncio.gather(*(self._client(who) for who in range(1, CLIENTS + 1)))
        await self._left()
        self.history += self._followed()

    async def _client(self, who: int) -> None:
        for _ in range(CALLS):
            name, arguments = self._choice()
            impatience = self.chance.uniform(0, IMPATIENCE) if self.chance.random() < GIVE_UP else None
            await self.call(who, name, arguments, impatience)

    def _choice(self) -> tuple[str, tuple[Any, ...]]:
        chance, user = self.chance, self.chance.choice(self.users)
        token, known = chance.choice(self.access), chance.choice(self.refresh)
        choices: list[tuple[str, tuple[Any, ...], int]] = [
            ("consent", (user,), 1),
            ("redeem", (chance.choice(self.codes),), 3),
            ("create", (user,), 1),
            ("refresh", known, 3),
            ("refresh", self.refresh[-1], 4),
            ("fetch", (token,), 3),
            ("revoke", (token,), 1),
            ("revoke_refresh", known, 1),
            ("revoke_user", (user,), 3 if self.giving else 1),
            ("give", (token, user), 4 if self.giving else 0),
            ("shown", (user,), 0 if self.giving else 2),
        ]
        (name, arguments, _), *_ = chance.choices(choices, weights=[weight for *_, weight in choices])
        return name, arguments

    async def _left(self) -> None:
        for token in self.access:
            await self.call(0, "fetch", (token,))
        if self.giving:
            await self.call(0, "revoke_user", (self.users[1],))
        else:
            await self.call(0, "shown", (self.users[0],))
        for text in self.chance.sample(self.refresh, len(self.refresh)):
            await self.call(0, "refresh", text)
        for token in self.access:
            await self.call(0, "fetch", (token,))

    async def call(self, who: int, name: str, arguments: tuple[Any, ...], impatience: float | None = None) -> None:
        """One call of a client; its answer is lost if the client does not wait for it, or if it tells of none."""
        self.asked += 1
        asked = Call(name, arguments, time.monotonic(), who=who, number=self.asked)
        try:
            async with asyncio.timeout(impatience):
                answer = self._told(asked, await ASKED[name](self, *arguments))
        except TimeoutError:
            answer = None
        ended = NEVER if answer is None else time.monotonic()
        self.history.append(replace(asked, ended=ended, answer=answer))

    def _told(self, asked: Call, answer: Answer) -> Any:
        """What an answer tells; ``None`` for one that says to try again."""
        if answer.status == 503:
            return None
        if "error" in answer.json:
            assert answer.error["code"] == -2001, answer.body
            return False if asked.name == "fetch" else REFUSED
        return getattr(self, f"_after_{asked.name}", lambda _, result: result)(asked, answer.result)

    def _after_consent(self, _: Call, result: Any) -> str:
        self.codes.append(result["code"])
        return self.codes[-1]

    def _after_redeem(self, asked: Call, result: Any) -> tuple[str, str]:
        return self._noted(result, asked.number)

    _after_create = _after_redeem

    def _after_refresh(self, asked: Call, result: Any) -> tuple[str, str]:
        return self._noted(result, asked.arguments[1])

    def _noted(self, result: Any, family: int) -> tuple[str, str]:
        access, refresh = result["access_token"], result["refresh_token"]
        if access not in self.access:
            self.access.append(access)
            self.refresh.append((refresh, family))
        return access, refresh

    @staticmethod
    def _after_fetch(*_: Any) -> bool:
        return True

    _after_give = _after_fetch

    @staticmethod
    def _after_shown(_: Call, result: Any) -> frozenset[str]:
        return frozenset(token for application in result for token in application["access_tokens"])

    def _followed(self) -> list[Call]:
        """A revocation reaches what was given to its user grant by grant: each is a call of its own."""
        if not self.giving:
            return []
        revocations = [call for call in self.history if call.name == "revoke_user"]
        begun = [call.number for call in self.history if call.name in ("redeem", "create")]
        return [
            replace(call, name="follow", arguments=(*call.arguments, number))
            for call in revocations
            for number in begun
        ]

    @property
    def world(self) -> World:
        """One of the workers."""
        return self.chance.choice(self.workers)

    def named(self, **more: Any) -> dict[str, Any]:
        """The arguments that name service and client, and more."""
        return names(self.service, self.client, **more)

    def list_of(self, user: str) -> dict[str, Any]:
        """The arguments of fetchUserApplications."""
        return {"service_key": self.service.key, "user_context": user, "token_status": "active"}


async def _consent(at: Object, user: str) -> Answer:
    uri = {"redirect_uri": at.client.redirect_uris[0]}
    return await at.world.call("createAuthorizationCode", at.named(uri=uri, user_context=user, response_type="code"))


async def _redeem(at: Object, code: str) -> Answer:
    return await at.world.redeem(at.service, at.client, code)


async def _create(at: Object, user: str) -> Answer:
    return await at.world.token(at.service, at.client, {"grant_type": "password"}, user_context=user)


async def _refresh(at: Object, text: str, _: int) -> Answer:
    return await at.world.refresh(at.service, at.client, text)


async def _fetch(at: Object, token: str) -> Answer:
    return await at.world.fetch(at.service, token)


async def _revoke(at: Object, text: str, _: int = 0) -> Answer:
    return await at.world.call("revokeAccessToken", at.named(access_token=text))


async def _revoke_user(at: Object, user: str) -> Answer:
    return await at.world.call("revokeUserApplication", at.named(user_context=user))


async def _give(at: Object, token: str, user: str) -> Answer:
    return await at.world.call("updateAccessToken", at.named(access_token=token, user_context=user))


async def _shown(at: Object, user: str) -> Answer:
    return await at.world.call("fetchUserApplications", at.list_of(user))


ASKED: dict[str, Callable[..., Awaitable[Answer]]] = {
    "consent": _consent,
    "redeem": _redeem,
    "create": _create,
    "refresh": _refresh,
    "fetch": _fetch,
    "revoke": _revoke,
    "revoke_refresh": _revoke,
    "revoke_user": _revoke_user,
    "give": _give,
    "shown": _shown,
}
