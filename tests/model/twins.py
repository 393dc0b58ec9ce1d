"""The product beside the plain model: the same calls go to both, and both are asked what lives."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from mashery_oauth import models
from tests.flows.calls import revoke, revoke_user, update
from tests.world import HTTPS, SECRET, World

from .model import Model
from .scene import policy_of
from .things import Answer, Client, Code, Grant, Refused, Service, Token

FLOWS = frozenset({"authorization_code", "implicit", "password", "client_credentials", "refresh_token"})
UNHEARD = (
    "of-none"  # a scope that no grant has: whoever asks for it learns whether the grant lives, and changes nothing
)


@dataclass(frozen=True, slots=True)
class Living:
    """What works at a moment."""

    tokens: frozenset[Token]
    grants: frozenset[Grant]  # that can be refreshed
    codes: frozenset[Code]


@dataclass
class Twins:
    """Services and clients in both, and what was done to them."""

    world: World
    model: Model = field(default_factory=Model)
    services: dict[Service, models.Service] = field(default_factory=dict)
    clients: dict[Client, models.Application] = field(default_factory=dict)

    async def add_service(self, **policy: Any) -> Service:
        made = Service(f"service {len(self.services)}", "draft16", set(policy.pop("flows", FLOWS)), **policy)
        self.services[made] = await self.world.add_service("draft16", **policy_of(made))
        return made

    async def add_client(self) -> Client:
        made = Client(f"client {len(self.clients)}", public=False, services=set(self.services), secret=SECRET)
        self.clients[made] = await self.world.add_application(*self.services.values())
        return made

    # What is made

    async def code(self, service: Service, client: Client, user: str | None) -> Code:
        made = self.model.authorize(service, client, user, None, None)
        made.text = await self.world.code(self.services[service], self.clients[client], user)
        return made

    async def redeem(self, code: Code) -> Token | None:
        """Its token; none where it is refused, as a code is that was used before."""
        try:
            made = self.model.redeem(code.service, code.client, SECRET, code, verifier=None, scope=None, same_uri=True)
        except Refused:
            made = None
        answer = await self.world.redeem(self.services[code.service], self.clients[code.client], code.text)
        assert ("result" in answer.json) is (made is not None), answer.body
        return None if made is None else noted(made, answer.result)

    async def issue(self, flow: str, service: Service, client: Client, user: str | None) -> Token:
        made = self.model.issue(flow, service, client, SECRET, user=user, scope=None)
        more: dict[str, Any] = {"uri": {"redirect_uri": HTTPS}, "user_context": user}
        answer = await self.world.token(self.services[service], self.clients[client], {"grant_type": flow}, **more)
        return noted(made, answer.result)

    async def refresh(self, grant: Grant, *, stolen: bool = False) -> Token | None:
        """By its newest refresh token, or by one so old that it ends the grant."""
        generation = 0 if stolen else len(grant.texts) - 1
        try:
            made = self.model.refresh(grant.service, grant.client, SECRET, grant, generation=generation, scope=None)
        except Refused:
            made = None
        answer = await self.world.refresh(*self._where(grant), grant.texts[generation])
        assert ("result" in answer.json) is (made is not None), answer.body
        return None if made is None else noted(made, answer.result)

    # What is changed and ended

    async def move(self, token: Token, user: str) -> None:
        """updateAccessToken; what is dead is refused by both."""
        try:
            self.model.update(token.grant.service, token.grant.client, token, user=user)
        except Refused:
            user = ""
        answer = await update(self.world, *self._where(token.grant), token.text, user_context=user or "nobody")
        assert ("result" in answer.json) is (user != ""), answer.body

    async def revoke(self, token: Token) -> None:
        self.model.revoke(token.grant.service, token.grant.client, token)
        assert (await revoke(self.world, *self._where(token.grant), token.text)).result is True

    async def revoke_user(self, service: Service, client: Client, user: str) -> None:
        self.model.revoke_user(service, user, client)
        assert (await revoke_user(self.world, self.services[service], self.clients[client], user)).result is True

    # What lives

    def foretold(self) -> Living:
        """What lives by the model."""
        model = self.model
        return Living(
            frozenset(token for token in model.tokens if model.lives(token)),
            frozenset(grant for grant in model.grants if model.can_refresh(grant)),
            frozenset(code for code in model.codes if self._is_good(code)),
        )

    def _is_good(self, code: Code) -> bool:
        return (
            code.grant is None
            and not code.dead
            and code.born >= max(self.model.site_cut, code.service.cut, code.client.cut)
        )

    async def check_living(self) -> Living:
        """What lives, of which both must say the same. Codes are only foretold: to try one is to use it."""
        foretold = self.foretold()
        tokens, grants = self.model.tokens, [grant for grant in self.model.grants if grant.texts]
        served = await asyncio.gather(*(self._is_served(token) for token in tokens))
        goes_on = await asyncio.gather(*(self._goes_on(grant) for grant in grants))
        assert {token for token, lives in zip(tokens, served, strict=True) if lives} == foretold.tokens
        assert {grant for grant, lives in zip(grants, goes_on, strict=True) if lives} == foretold.grants
        return foretold

    async def check_codes(self) -> None:
        """Redeems the unused codes: those that both say are good are, and no other."""
        for code in [code for code in self.model.codes if code.grant is None]:
            await self.redeem(code)

    async def _is_served(self, token: Token) -> bool:
        return await self.world.is_alive(self.services[token.grant.service], token.text)

    async def _goes_on(self, grant: Grant) -> bool:
        answer = await self.world.refresh(*self._where(grant), grant.texts[-1], scope=UNHEARD)
        assert answer.error["message"] in ("Invalid scope", "Invalid refresh token")
        return bool(answer.error["message"] == "Invalid scope")

    def forget(self) -> None:
        """Goes on without what there was; for when all of it has been looked at."""
        self.model.grants.clear()
        self.model.codes.clear()

    def _where(self, grant: Grant) -> tuple[models.Service, models.Application]:
        return self.services[grant.service], self.clients[grant.client]


def noted(made: Answer, result: dict[str, Any]) -> Token:
    """The model's token, with the texts that the product gave it and its grant."""
    made.token.text = result["access_token"]
    if "refresh_token" in result:
        made.token.grant.texts.append(result["refresh_token"])
    assert ("refresh_token" in result) is made.refreshable
    return made.token
