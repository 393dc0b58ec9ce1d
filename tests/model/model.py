"""What the service promises: how what was made is changed, listed and ended.

There are no stamps, no marks and no indexes here: a revocation goes through everything that there is, one by one.
"""

from __future__ import annotations

from collections.abc import Iterator

from .making import Making
from .things import Client, Grant, Refused, Service, Token

NO_TOKEN = ("invalid_request", "Invalid Access Token")
NO_UPDATE = ("invalid_request", "Unable to update token")


class Model(Making):
    """The whole service."""

    # What changes

    def update(
        self,
        service: Service,
        client: Client,
        token: Token,
        *,
        scope: str | None = None,
        expires_in: int | None = None,
        user: str | None = None,
    ) -> Token:
        """updateAccessToken: scope and user are the grant's too, if it can still be refreshed."""
        self.identify(service, client, None)
        if not self.lives(token) or token.grant.service is not service or token.grant.client is not client:
            raise Refused(*NO_UPDATE)
        grant = token.grant
        if scope is not None:
            token.scope = grant.scope = scope
        if expires_in is not None:
            token.ends, token.endless = self.now + expires_in, False
            token.listed_until = token.ends + service.inactive_retention
        if user is not None:
            token.moved = token.moved or user != token.user
            token.user = grant.user = user
            grant.moved = token.moved
            token.users.append(user)
        return token

    # What ends

    def revoke(self, service: Service, client: Client, token: Token) -> bool:
        """revokeAccessToken; false for what has ended by itself or is another's."""
        self.identify(service, client, None)
        if token.ends <= self.now or token.grant.service is not service or token.grant.client is not client:
            return False
        if not token.revoked:
            token.listed_until = min(token.listed_until, self.now + service.inactive_retention)
            token.grant.ended = token.grant.ended or service.revocation == "grant"
        token.dead = token.revoked = True
        return True

    def revoke_refresh(self, service: Service, client: Client, grant: Grant, generation: int) -> bool:
        """revokeAccessToken with a refresh token in it: the newest, or the one before."""
        self.identify(service, client, None)
        if grant.ends <= self.now or grant.service is not service or grant.client is not client:
            return False
        if generation < len(grant.texts) - 2:
            return False
        grant.ended = True
        return True

    def revoke_user(self, service: Service, user: str, client: Client | None) -> None:
        """revokeUserApplication, or an operator's revocation of a user with all clients."""
        for code in self.codes:
            if code.service is service and code.user == user and client in (None, code.client):
                code.dead = True
        for grant in self.grants:
            if grant.service is service and client in (None, grant.client):
                self._revoke_from(grant, user)

    def _revoke_from(self, grant: Grant, user: str) -> None:
        given = [token for token in grant.tokens if token.moved and token.user == user and token.ends > self.now]
        if any(not token.revoked for token in given) or (grant.moved and grant.user == user and grant.ends > self.now):
            grant.ended = True
        if grant.home is not None and grant.home[0] == "user" and grant.home[2] == user:
            self._cut_off(grant)

    # What is told

    def fetch(self, service: Service, token: Token) -> Token:
        """fetchAccessToken."""
        if not service.active:
            raise Refused("invalid_request", "Unknown service key")
        if token.grant.service is not service or not self.lives(token):
            raise Refused(*NO_TOKEN)
        return token

    def active(self, service: Service, user: str) -> list[Token]:
        """The tokens that fetchUserApplications lists as active."""
        return [token for token in self._of(service) if token.user == user and self.lives(token)]

    def inactive(self, service: Service, user: str) -> tuple[list[Token], list[Token]]:
        """Those that it must list as inactive, and those that it may."""
        dead = [token for token in self._of(service) if user in token.users and not self.lives(token)]
        kept = [token for token in dead if not any(token.moved for token in token.grant.tokens)]
        return [token for token in kept if token.listed_until > self.now], dead

    def _of(self, service: Service) -> Iterator[Token]:
        return (token for token in self.tokens if token.grant.service is service)
