"""Each method called with both, the product and the model, and what comes of it compared."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from hypothesis.stateful import multiple

from tests.world import HTTPS

from .beside import Beside
from .things import Answer, Client, Code, Service, Token

VERIFIER = "verifier-" * 6
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


class Asking(Beside):
    """The methods, as the rules use them."""

    def consent_to(
        self, at: Service, who: Client, user: str | None, scope: str | None, *, challenged: bool
    ) -> Code | None:
        """createAuthorizationCode."""
        challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"} if challenged else {}
        found = self.both(
            lambda: self.model.authorize(at, who, user, scope, VERIFIER if challenged else None),
            "createAuthorizationCode",
            self.scene.names(at, who, user_context=user, scope=scope, response_type="code", **challenge),
        )
        if found is None:
            return None
        code, result = found
        code.text = result["code"]
        self.scene.texts.append(code.text)
        return code

    def redeem_as(
        self,
        code: Code,
        client: Client,
        secret: str | None,
        verifier: str | None,
        scope: str | None,
        *,
        same_uri: bool = True,
    ) -> Answer | None:
        """A redemption by somebody, rightly or not."""
        data = {"grant_type": "authorization_code", "code": code.text, "code_verifier": verifier, "scope": scope}
        uri = {"redirect_uri": HTTPS if same_uri else "https://another.example.com/"}
        return self.take(
            lambda: self.model.redeem(
                code.service, client, secret, code, verifier=verifier, scope=scope, same_uri=same_uri
            ),
            self.scene.names(code.service, client, secret, token_data=data) | {"uri": uri},
        )

    def issue_as(self, flow: str, service: int, client: int, user: str | None, scope: str | None) -> Any:
        """A token that needs no code."""
        at, who = self.services[service], self.clients[client]
        none = flow == "client_credentials" and at.profile == "draft10"
        data = {"grant_type": "none" if none else flow, "scope": scope}
        secret = None if flow == "implicit" else who.secret
        return made(
            self.take(
                lambda: self.model.issue(flow, at, who, secret, user=user, scope=scope),
                self.scene.names(at, who, secret, token_data=data, user_context=user),
            )
        )

    def grant_to(self, service: int, client: int, user: str, scope: str | None) -> Any:
        """A new token by a code."""
        at, who = self.services[service], self.clients[client]
        code = self.consent_to(at, who, user, scope, challenged=True)
        return multiple() if code is None else made(self.redeem_as(code, who, who.secret, VERIFIER, None))

    def living(self, token: Token, *, wanted: bool) -> Token:
        """The token, or one that lives if that is wanted and there is one."""
        others = [other for other in self.model.tokens if self.model.lives(other)]
        return others[-1] if wanted and others and not self.model.lives(token) else token

    def update(self, token: Token, client: Client, changes: dict[str, Any]) -> None:
        service = token.grant.service
        wire = {("user_context" if name == "user" else name): value for name, value in changes.items()}
        found = self.both(
            lambda: self.model.update(service, client, token, **changes),
            "updateAccessToken",
            self.scene.names(service, client, access_token=token.text, **wire),
        )
        if found is not None:
            token.slack = 1 + max(token.slack, self.scene.now - self.model.now)
            self.is_as_told(token, found[1])

    def revoke_at(self, service: Service, client: Client, token: Token) -> None:
        """A revocation of an access token by some client."""
        self.same(
            lambda: self.model.revoke(service, client, token),
            "revokeAccessToken",
            self.scene.names(service, client, access_token=token.text),
        )

    def revoke_user_at(self, service: Service, client: Client, user: str) -> None:
        """revokeUserApplication."""

        def expected() -> bool:
            self.model.identify(service, client, None)
            self.model.revoke_user(service, user, client)
            return True

        self.same(expected, "revokeUserApplication", self.scene.names(service, client, user_context=user))

    def fetch_one(self, service: Service, token: Token) -> None:
        """fetchAccessToken."""
        params = {"service_key": self.scene.services[service].key, "access_token": token.text}
        found = self.both(lambda: self.model.fetch(service, token), "fetchAccessToken", params)
        if found is not None:
            self.is_as_told(*found)

    def look(self, service: Service, client: Client, secret: str | None = None) -> None:
        """fetchApplication."""
        found = self.both(
            lambda: self.model.identify(service, client, secret, consent=True),
            "fetchApplication",
            self.scene.names(service, client, secret),
        )
        assert found is None or found[1]["id"] == self.scene.clients[client].id

    def same(self, expected: Any, method: str, params: dict[str, Any]) -> None:
        found = self.both(expected, method, params)
        assert found is None or found[0] == found[1], method


def made(answer: Answer | None) -> Any:
    """What goes into the bundle of tokens."""
    return multiple() if answer is None else answer.token
