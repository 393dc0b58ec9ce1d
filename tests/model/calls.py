"""Every call that there is. Arguments are drawn from what earlier calls made, so that a sequence shrinks well."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import Bundle, initialize, multiple, rule
from hypothesis.strategies import booleans, lists, sampled_from, tuples

from .asking import Asking, made
from .beside import PROFILES
from .policies import POLICY
from .scene import USERS
from .things import Code, Token

mostly_first = sampled_from((0, 0, 0, 1))
any_client = sampled_from((0, 0, 0, 1, 2))
mostly = sampled_from((True, True, True, True, True, False))
users = sampled_from((*USERS[:2], *USERS))
maybe_users = sampled_from((*USERS[:2], *USERS, None))
some_seconds = sampled_from((None, None, 100, 7000))
scopes = sampled_from((None, "read", "read write"))
generations = sampled_from((0, 0, 0, 0, 1, 1, 2))


class Calls(Asking):
    """All eight methods."""

    codes, grants, tokens = Bundle("codes"), Bundle("grants"), Bundle("tokens")

    @initialize(
        target=tokens,
        profiles=tuples(sampled_from(PROFILES), sampled_from(PROFILES)),
        retention=sampled_from((0, 86_400)),
        policy=lists(sampled_from(POLICY), max_size=4).map(dict),
        client=sampled_from((0, 0, 2)),
        opening=sampled_from(("given", "given", "refreshed", "two", "plain")),
    )
    def start(
        self, *, profiles: tuple[str, str], retention: int, policy: dict[str, Any], client: int, opening: str
    ) -> Any:
        """Two services, three clients, and a grant by a code with something done to it already."""
        self.open(*profiles, retention, policy)
        token, more = self.grant_to(0, client, "ann", "read write"), None
        if not isinstance(token, Token):
            return token
        if opening == "given":
            self.update(token, token.grant.client, {"user": "bob"})
        elif opening == "refreshed" and token.grant.texts:
            more = made(self.refresh_as_is(token.grant))
        elif opening == "two":
            more = self.grant_to(0, client, "ann", "read")
        return multiple(*(each for each in (token, more) if isinstance(each, Token)))

    @rule(target=codes, service=mostly_first, client=any_client, user=maybe_users, scope=scopes, challenged=booleans())
    def consent(self, service: int, client: int, user: str | None, scope: str | None, *, challenged: bool) -> Any:
        code = self.consent_to(self.services[service], self.clients[client], user, scope, challenged=challenged)
        return code or multiple()

    @rule(
        targets=(tokens,),
        code=codes,
        own_client=mostly,
        right_secret=mostly,
        right_verifier=mostly,
        same_uri=mostly,
        scope=scopes,
    )
    def redeem(
        self,
        code: Code,
        scope: str | None,
        *,
        own_client: bool,
        right_secret: bool,
        right_verifier: bool,
        same_uri: bool,
    ) -> Any:
        client = code.client if own_client else self.clients[0]
        secret = client.secret if right_secret else "a wrong one"
        verifier = code.verifier if right_verifier else "another-" * 6
        return made(self.redeem_as(code, client, secret, verifier, scope, same_uri=same_uri))

    @rule(
        target=tokens,
        flow=sampled_from(("password", "password", "client_credentials", "implicit")),
        service=mostly_first,
        client=any_client,
        user=maybe_users,
        scope=scopes,
    )
    def issue(self, flow: str, service: int, client: int, user: str | None, scope: str | None) -> Any:
        return self.issue_as(flow, service, client, user, scope)

    @rule(target=tokens, service=mostly_first, client=sampled_from((0, 0, 1)), user=users, scope=scopes)
    def grant(self, service: int, client: int, user: str, scope: str | None) -> Any:
        """A code and its redemption, as they should be."""
        return self.grant_to(service, client, user, scope)

    @rule(target=tokens, token=tokens)
    def go_on(self, token: Token) -> Any:
        """A refresh as it should be."""
        grant = self.living(token, wanted=True).grant
        return made(self.refresh_as_is(grant)) if grant.texts else multiple()

    @rule(target=tokens, token=tokens)
    def retry(self, token: Token) -> Any:
        """A refresh, and the same once more, as by a client that did not hear the answer."""
        grant = self.living(token, wanted=True).grant
        if not grant.texts:
            return multiple()
        generation = len(grant.texts) - 1
        answer = self.refresh_as(grant.client, grant, generation, None)
        self.refresh_as(grant.client, grant, generation, None)
        return made(answer)

    @rule(token=tokens)
    def redeem_again(self, token: Token) -> None:
        """A replay: the code of a grant once more, by its own client."""
        for code in self.model.codes:
            if code.grant is token.grant:
                self.redeem_as(code, code.client, code.client.secret, code.verifier, None)

    @rule(token=tokens, living=mostly, before=booleans(), go_on=booleans())
    def revoke_a_user_of_it(self, token: Token, *, living: bool, before: bool, go_on: bool) -> None:
        """Revokes who has a token or had it first; what was given away stays with who has it now."""
        token = self.living(token, wanted=living)
        user = token.users[0] if before else token.user
        if user is not None:
            self.revoke_user_at(token.grant.service, token.grant.client, user)
        if go_on and token.grant.texts:
            self.refresh_as_is(token.grant)

    @rule(target=tokens, client=sampled_from((0, 0, 0, 1)), user=users, scope=scopes)
    def sign_in(self, client: int, user: str, scope: str | None) -> Any:
        """A token by the password flow, or, where the profile has none, one for the client itself."""
        flow = "client_credentials" if self.services[0].profile == "oauth21" else "password"
        return self.issue_as(flow, 0, client, user, scope)

    @rule(target=tokens, token=tokens, living=mostly, ago=generations, own_client=mostly, scope=scopes)
    def refresh(self, token: Token, ago: int, scope: str | None, *, living: bool, own_client: bool) -> Any:
        grant = self.living(token, wanted=living).grant
        generation = len(grant.texts) - 1 - ago
        if generation < 0:
            return multiple()
        client = grant.client if own_client else self.clients[1]
        data = {"grant_type": "refresh_token", "refresh_token": grant.texts[generation], "scope": scope}
        return made(
            self.take(
                lambda: self.model.refresh(
                    grant.service, client, client.secret, grant, generation=generation, scope=scope
                ),
                self.scene.names(grant.service, client, client.secret, token_data=data),
            )
        )

    @rule(token=tokens, living=mostly, own_client=mostly, scope=scopes, expires_in=some_seconds)
    def change(
        self, token: Token, scope: str | None, expires_in: int | None, *, living: bool, own_client: bool
    ) -> None:
        token = self.living(token, wanted=living)
        client = token.grant.client if own_client else self.clients[1]
        self.update(token, client, {"scope": scope, "expires_in": expires_in})

    @rule(token=tokens, living=mostly, user=users, expires_in=some_seconds)
    def give(self, token: Token, user: str, expires_in: int | None, *, living: bool) -> None:
        token = self.living(token, wanted=living)
        self.update(token, token.grant.client, {"user": user, "expires_in": expires_in})

    @rule(token=tokens, own_client=mostly)
    def revoke(self, token: Token, *, own_client: bool) -> None:
        self.revoke_at(token.grant.service, token.grant.client if own_client else self.clients[1], token)

    @rule(token=tokens, ago=generations)
    def revoke_grant(self, token: Token, ago: int) -> None:
        grant = token.grant
        generation = len(grant.texts) - 1 - ago
        if generation >= 0:
            self.same(
                lambda: self.model.revoke_refresh(grant.service, grant.client, grant, generation),
                "revokeAccessToken",
                self.scene.names(grant.service, grant.client, access_token=grant.texts[generation]),
            )

    @rule(service=mostly_first, client=any_client, user=users)
    def revoke_user(self, service: int, client: int, user: str) -> None:
        self.revoke_user_at(self.services[service], self.clients[client], user)

    @rule(token=tokens, service=mostly_first, client=any_client)
    def ask(self, token: Token, service: int, client: int) -> None:
        """Fetches a token where it is good or not, and looks a client up."""
        self.fetch_one(self.services[service], token)
        self.look(self.services[service], self.clients[client])
