"""The product and the model side by side: the same call to both, and everything that both can tell compared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, invariant

from mashery_oauth.operations import tokens as operator
from tests.effort import tally

from .model import Model
from .scene import Scene, Stage, first_secret
from .things import Answer, Client, Grant, Refused, Service, Token

T = TypeVar("T")

FLOWS = ("authorization_code", "implicit", "password", "client_credentials", "refresh_token")
PROFILES = ("draft10", "draft16", "rfc6749", "oauth21")
READING = ("fetchAccessToken", "fetchUserApplications", "fetchApplication")
CHANGING = ("Invalid authorization code", "Invalid refresh token")  # a replay ends its grant
MARGIN = 20  # seconds in which nothing may end while a step is under way


class Beside(RuleBasedStateMachine):
    """What every sequence needs, whatever is called in it."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.model, self.scene = Model(), Scene(self.stage)
        self.services: list[Service] = []
        self.clients: list[Client] = []
        self.changed = False  # since everything was last compared

    def open(self, main: str, other: str, retention: int, policy: dict[str, Any]) -> None:
        """Two services and three clients; all flows are on that their profiles have."""
        for name, profile in (("main", main), ("other", other)):
            service = Service(name, profile, self.flows_of(profile), inactive_retention=retention)
            vars(service).update(policy)
            self.services.append(service)
            self.scene.add_service(service)
        for name, public in (("shop", False), ("bank", False), ("phone", True)):
            client = Client(name, public, set(self.services), first_secret(public=public))
            self.clients.append(client)
            self.scene.add_client(client)

    @staticmethod
    def flows_of(profile: str) -> set[str]:
        """The flows that a profile has."""
        return set(FLOWS) - ({"implicit", "password"} if profile == "oauth21" else set())

    def begin(self) -> None:
        """Sets the model's clock, at a time around which nothing ends."""
        self.model.now = self.scene.now
        while self.model.ends_soon(MARGIN):
            self.scene.let_pass(MARGIN + 3)
            self.model.now = self.scene.now

    def both(self, expected: Callable[[], T], method: str, params: dict[str, Any]) -> tuple[T, Any] | None:
        """One call to both; what the model made and what the product answered, or ``None`` if both refused alike."""
        self.begin()
        tally("calls that a model foretold")
        answer = self.scene.call(method, params)
        note(f"{method} {params}\n -> {answer.body.decode()}")
        try:
            made = expected()
        except Refused as error:
            refused = error
        else:
            self.changed = self.changed or method not in READING
            return made, answer.result
        assert (answer.oauth["error"], answer.error["message"]) == (refused.error, refused.message)
        self.changed = self.changed or refused.message in CHANGING
        return None

    def take(self, expected: Callable[[], Answer], params: dict[str, Any]) -> Answer | None:
        """createAccessToken with both: the answer, its texts noted, if both gave one."""
        found = self.both(expected, "createAccessToken", params)
        if found is None:
            return None
        answer, result = found
        token, texts = answer.token, answer.token.grant.texts
        assert result["access_token"] == (token.text or result["access_token"])
        assert (result["scope"], result["user_context"]) == (answer.scope, answer.user)
        assert (result["token_type"], result.get("expires_in")) == ("bearer", answer.expires_in)
        assert ("refresh_token" in result) == answer.refreshable
        token.text, token.slack = result["access_token"], 1 + self.scene.now - self.model.now
        if answer.refreshable:
            if answer.generation == len(texts):
                texts.append(result["refresh_token"])
            assert texts[answer.generation] == result["refresh_token"]
            self.scene.texts.append(result["refresh_token"])
        self.scene.texts.append(token.text)
        return answer

    def is_as_told(self, token: Token, told: dict[str, Any]) -> None:
        """What fetchAccessToken and updateAccessToken say of a token."""
        grant = token.grant
        assert told["client_id"] == self.scene.clients[grant.client].client_id
        assert (told["token_type"], told["grant_type"], told["extended"]) == ("bearer", grant.flow, None)
        assert (told["scope"], told["user_context"]) == (token.scope, token.user)
        assert (told["expires"] is None) == token.endless
        if told["expires"] is not None:
            ends = datetime.fromisoformat(told["expires"]).timestamp() + self.scene.offset
            assert abs(ends - token.ends) <= token.slack

    @invariant()
    def all_is_as_foretold(self) -> None:
        """Compares whatever can be asked without changing it, if anything may have changed."""
        if self.changed:
            self.begin()
            self.compare_tokens_and_lists()
            self.compare_refresh_tokens()
            self.changed = False

    def compare_tokens_and_lists(self) -> None:
        """Which tokens live, and what each user's lists show."""
        pairs = {(token.grant.service, user) for token in self.model.tokens for user in token.users if user}
        asked = [(*pair, status) for pair in sorted(pairs, key=str) for status in ("active", "inactive")]
        answers = self.scene.batch(
            [("fetchAccessToken", self._all(service)) for service in self.services]
            + [("fetchUserApplications", self._list(*each)) for each in asked]
        )
        for service, answer in zip(self.services, answers, strict=False):
            self._check_fetched(service, answer)
        for (service, user, status), answer in zip(asked, answers[len(self.services) :], strict=True):
            self._check_listed(service, user, status, answer)

    def _all(self, service: Service) -> dict[str, Any]:
        texts = [token.text for token in self.model.tokens]
        return {"service_key": self.scene.services[service].key, "access_token": texts}

    def _list(self, service: Service, user: str, status: str) -> dict[str, Any]:
        return {"service_key": self.scene.services[service].key, "user_context": user, "token_status": status}

    def _check_fetched(self, service: Service, answer: dict[str, Any]) -> None:
        if not service.active:
            assert answer["error"]["message"] == "Unknown service key"
            return
        told = {each["access_token"]: each for each in answer["result"]}
        living = {
            token.text: token
            for token in self.model.tokens
            if token.grant.service is service and self.model.lives(token)
        }
        assert set(told) == set(living), "fetchAccessToken"
        for text, token in living.items():
            self.is_as_told(token, told[text])

    def _check_listed(self, service: Service, user: str, status: str, answer: dict[str, Any]) -> None:
        if not service.active:
            assert answer["error"]["message"] == "Unknown service key"
            return
        shown = {(each["client_id"], name) for each in answer["result"] for name in each["access_tokens"]}
        if status == "active":
            wanted = self._names(self.model.active(service, user), shown)
            assert shown == wanted, f"active tokens of {user}"
            return
        must, may = self.model.inactive(service, user)
        assert self._names(must, shown) <= shown, f"inactive tokens of {user}"
        assert shown <= self._names(may, shown), f"inactive tokens of {user}"

    def _names(self, tokens: list[Token], shown: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Tokens as lists name them: by text, or by handle where the list shows that."""
        named = set()
        for token in tokens:
            place = self.scene.world.store.texts.locate(token.text)
            assert place is not None
            client_id = self.scene.clients[token.grant.client].client_id
            handle = (client_id, self.scene.world.store.texts.handle(place))
            named.add(handle if handle in shown else (client_id, token.text))
        return named

    def compare_refresh_tokens(self) -> None:
        """Which refresh tokens work, as operators are told: nothing is used up by asking."""
        grants = [grant for grant in self.model.grants if grant.texts and grant.ends > self.model.now]
        shown = self.stage.run(self._shown(grants))
        for grant, alive in zip(grants, shown, strict=True):
            assert alive == self.model.can_refresh(grant), f"refresh token of {grant}"

    async def _shown(self, grants: list[Grant]) -> list[bool]:
        found = await asyncio.gather(*(operator.show(self.scene.world.store, grant.texts[-1]) for grant in grants))
        return [state.alive for state in found]

    def teardown(self) -> None:
        """Every grant's newest refresh token is tried in earnest."""
        tally("sequences that a model foretold")
        for grant in self.model.grants:
            if grant.texts:
                self.refresh_as_is(grant)
        self.changed = True
        self.all_is_as_foretold()

    def refresh_as_is(self, grant: Grant) -> Answer | None:
        """A refresh by whom the grant belongs to."""
        return self.refresh_as(grant.client, grant, len(grant.texts) - 1, None)

    def refresh_as(self, client: Client, grant: Grant, generation: int, scope: str | None) -> Answer | None:
        """A refresh by somebody, with some generation of a grant's refresh token."""
        service, secret = grant.service, client.secret
        data = {"grant_type": "refresh_token", "refresh_token": grant.texts[generation], "scope": scope}
        return self.take(
            lambda: self.model.refresh(service, client, secret, grant, generation=generation, scope=scope),
            self.scene.names(service, client, secret, token_data=data),
        )
