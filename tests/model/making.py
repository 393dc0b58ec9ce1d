"""How codes, tokens and refresh tokens come to be, said once more and as plainly as can be.

``now`` is the model's own clock; whoever drives it sets it before each call. A call that is to be refused raises
``Refused``. How things end is told in ``model.py``.
"""

from __future__ import annotations

from .everything import Everything
from .things import FOREVER, Answer, Client, Code, Grant, Home, Refused, Service, Token

NO_CODE = ("invalid_grant", "Invalid authorization code")
NO_REFRESH = ("invalid_grant", "Invalid refresh token")
USED_CODE_LIFE = 600


def words(scope: str | None) -> set[str]:
    """The words of a scope."""
    return set((scope or "").split())


class Making(Everything):
    """The rules by which more is made."""

    # Codes

    def authorize(
        self, service: Service, client: Client, user: str | None, scope: str | None, verifier: str | None
    ) -> Code:
        """createAuthorizationCode."""
        self.admit_consent("authorization_code", service, client)
        needed = service.profile == "oauth21" or (service.profile == "rfc6749" and client.public)
        if needed and verifier is None:
            raise Refused("invalid_request", "Code challenge is required")
        home = self._home(service, client, user)
        code = Code(service, client, user, scope, verifier, home, self.moment, self.now + service.code_ttl)
        self.codes.append(code)
        return code

    def redeem(
        self,
        service: Service,
        client: Client,
        secret: str | None,
        code: Code,
        *,
        verifier: str | None,
        scope: str | None,
        same_uri: bool,
    ) -> Answer:
        """createAccessToken for a code."""
        self.admit("authorization_code", service, client, secret)
        if code.ends <= self.now or code.service is not service or code.client is not client:
            raise Refused(*NO_CODE)
        if not same_uri:
            raise Refused("invalid_grant", "Redirect URI mismatch")
        if verifier != code.verifier:
            raise Refused("invalid_grant", "Invalid code verifier")
        if code.grant is not None:
            code.grant.ended = True
            raise Refused(*NO_CODE)
        if code.dead or code.born < max(self.site_cut, service.cut, client.cut):
            raise Refused(*NO_CODE)
        narrowed = service.profile == "draft10" and scope is not None
        if narrowed and not words(scope) <= words(code.scope):
            raise Refused("invalid_scope", "Invalid scope")
        self._check_cap(service, client, code.home)
        grant = self._grant(
            "authorization_code",
            service,
            client,
            user=code.user,
            scope=scope if narrowed else code.scope,
            code=code,
        )
        code.grant, code.ends = grant, max(code.ends, self.now + USED_CODE_LIFE)
        return self._first(grant)

    # Tokens

    def issue(
        self, flow: str, service: Service, client: Client, secret: str | None, *, user: str | None, scope: str | None
    ) -> Answer:
        """createAccessToken for password, client_credentials and implicit."""
        if flow == "implicit":
            self.admit_consent(flow, service, client)
        else:
            self.admit(flow, service, client, secret)
        home = self._home(service, client, user)
        try:
            self._check_cap(service, client, home)
        except Refused as refused:
            raise Refused("access_denied" if flow == "implicit" else refused.error, refused.message) from None
        return self._first(self._grant(flow, service, client, user=user, scope=scope, code=None))

    def _home(self, service: Service, client: Client, user: str | None) -> Home | None:
        if user is not None:
            return ("user", service, user)
        counted = not service.allow_multiple_tokens or service.token_cap is not None
        return ("client", service, client) if counted else None

    def _check_cap(self, service: Service, client: Client, home: Home | None) -> None:
        if service.token_cap is None or not service.allow_multiple_tokens or home is None:
            return
        issued = [token for token in self.tokens if not token.moved]  # what was given by an update is not counted
        mine = [token for token in issued if token.grant.home == home and token.grant.client is client]
        if sum(self.lives(token) for token in mine) >= service.token_cap:
            raise Refused("invalid_request", "Token limit reached")

    def _grant(
        self,
        flow: str,
        service: Service,
        client: Client,
        *,
        user: str | None,
        scope: str | None,
        code: Code | None = None,
    ) -> Grant:
        home = self._home(service, client, user) if code is None else code.home
        if not service.allow_multiple_tokens and home is not None:
            self._replace(home, client)
        born = self.moment if code is None else code.born
        grant = Grant(service, client, flow, user, scope, home, born)
        self.grants.append(grant)
        return grant

    def _replace(self, home: Home, client: Client) -> None:
        """A client may have one token of a user: the ones before end."""
        for grant in self.grants:
            if grant.home == home and grant.client is client:
                self._cut_off(grant)

    def _cut_off(self, grant: Grant) -> None:
        """Ends what has not been given to another user."""
        grant.cut_off = grant.cut_off or not grant.moved
        for token in grant.tokens:
            token.dead = token.dead or not token.moved

    def _first(self, grant: Grant) -> Answer:
        service = grant.service
        flows = {"authorization_code", "password"} | ({"client_credentials"} if service.profile == "draft16" else set())
        refreshable = "refresh_token" in service.flows and grant.flow in flows
        if refreshable:
            idle, absolute = service.refresh_idle_ttl or FOREVER, service.refresh_absolute_ttl
            grant.ends = self.now + min(idle, absolute or FOREVER)
            grant.absolute = None if absolute is None else self.now + absolute
        return self._token(grant, grant.scope, refreshable=refreshable)

    def _token(self, grant: Grant, scope: str | None, *, refreshable: bool, generation: int = 0) -> Answer:
        ttl, retention = grant.service.access_ttl, grant.service.inactive_retention
        ends = self.now + (FOREVER if ttl is None else ttl)
        token = Token(grant, grant.user, scope, ends, ttl is None, grant.moved, users=[grant.user])
        token.listed_until = ends + retention
        grant.tokens.append(token)
        return Answer(token, scope, grant.user, ttl, refreshable, generation)

    def refresh(
        self,
        service: Service,
        client: Client,
        secret: str | None,
        grant: Grant,
        *,
        generation: int,
        scope: str | None,
    ) -> Answer:
        """createAccessToken for one generation of a grant's refresh token."""
        self.admit("refresh_token", service, client, secret)
        if grant.service is not service or grant.client is not client or not self.can_refresh(grant):
            raise Refused(*NO_REFRESH)
        newest = len(grant.texts) - 1
        if generation == newest - 1 and self.now < grant.grace_ends and grant.answer:
            return grant.answer
        if generation != newest:
            grant.ended = True
            raise Refused(*NO_REFRESH)
        if scope is not None and not words(scope) <= words(grant.scope):
            raise Refused("invalid_scope", "Invalid scope")
        return self._successor(grant, newest, scope or grant.scope)

    def _successor(self, grant: Grant, newest: int, scope: str | None) -> Answer:
        service = grant.service
        if not service.allow_multiple_tokens and not grant.moved:
            if grant.home is not None:
                self._replace(grant.home, grant.client)
            self._cut_off(grant)
            grant.cut_off = False
        grant.ends = min(self.now + (service.refresh_idle_ttl or FOREVER), grant.absolute or float("inf"))
        rotates = service.refresh_rotation or grant.client.public
        answer = self._token(grant, scope, refreshable=True, generation=newest + rotates)
        if rotates:
            grant.answer, grant.grace_ends = answer, self.now + service.refresh_grace
        return answer
