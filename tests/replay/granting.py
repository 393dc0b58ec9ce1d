"""What the server of these tests grants: codes, tokens, and what each is worth, all in memory."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass

from aiohttp import BasicAuth
from multidict import MultiDict, MultiDictProxy

from mashery_oauth.replay.target import Client
from mashery_oauth.replay.variables import challenge_of

from .manners import LONG, MANNERS, OTHER_REDIRECT_URI, PASSWORD, REDIRECT_URIS, SCOPES, USER

Form = MultiDict[str] | MultiDictProxy[str]


@dataclass
class Grant:
    """What an owner, or a client for itself, has allowed."""

    client_id: str
    scope: str
    alive: bool = True
    redirect_uri: str = ""
    challenge: str = ""
    used: bool = False
    ends: float = 0.0


class Refused(Exception):
    """A token request that fails."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.status = error, status


class Granting:
    """Three clients, one user, and all that was granted."""

    def __init__(self, text: str, *faults: str, lifetime: float = LONG, one_uri: bool = False) -> None:
        self.lifetime = lifetime
        self.manners, self.faults = MANNERS[text], frozenset(faults)
        self.clients = {
            "main": Client("main-client", secrets.token_urlsafe(24), REDIRECT_URIS[: 1 if one_uri else 2]),
            "second": Client("second-client", secrets.token_urlsafe(24), (OTHER_REDIRECT_URI,)),
            "public": Client("public-client", "", ("https://public.example.com/cb",)),
        }
        if not self.manners.public_clients:
            del self.clients["public"]
        self.known = {each.client_id: each for each in self.clients.values()}
        self.codes: dict[str, Grant] = {}
        self.access: dict[str, Grant] = {}
        self.refresh: dict[str, Grant] = {}
        self.used_refresh: dict[str, Grant] = {}

    def broken(self, fault: str) -> bool:
        """Whether it is broken in this place."""
        return fault in self.faults

    def client_of(self, header: str, form: Form) -> Client:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if header:
            basic = BasicAuth.decode(header)
            if secret or (self.manners.id_beside_basic and not client_id and "token" not in form):
                raise Refused("invalid_request")
            if client_id and client_id != basic.login and not self.broken("two_clients"):
                raise Refused("invalid_client", 401)
            client_id, secret = basic.login, basic.password
        client = self.known.get(client_id)
        if client is None:
            raise Refused("invalid_client" if client_id else "invalid_request", 401 if client_id else 400)
        if secret != client.client_secret and not (self.broken("identifier_is_enough") and not secret):
            raise Refused("invalid_client", 401)
        return client

    async def granted(self, client: Client, form: Form) -> tuple[Grant, bool]:
        """What is granted by a token request, and whether a refresh token goes with it."""
        match form.get("grant_type", ""):
            case "authorization_code":
                return await self.exchanged(client, form), True
            case "refresh_token":
                return self.refreshed(client, form), True
            case "password" if self.manners.implicit:
                right = (form.get("username"), form.get("password")) == (USER, PASSWORD)
                if not right and not (self.broken("password_unchecked") and form.get("password")):
                    raise Refused("invalid_grant")
                return Grant(client.client_id, self.scope(form)), True
            case self.manners.grant_without_user:
                if not client.client_secret:
                    raise Refused("unauthorized_client")
                return Grant(client.client_id, self.scope(form)), self.broken("refresh_without_user")
            case "":
                raise Refused("invalid_request")
        raise Refused("unsupported_grant_type")

    def scope(self, form: Form) -> str:
        asked = form.get("scope", "")
        if self.manners.plus_in_scope and not self.broken("no_plus"):
            asked = asked.replace("+", " ")
        if not set(asked.split()) <= set(SCOPES):
            raise Refused("invalid_scope")
        return asked or SCOPES[0]

    async def exchanged(self, client: Client, form: Form) -> Grant:
        """The grant of a code."""
        grant = self.codes.get(form.get("code", ""))
        if "code" not in form or (self.manners.redirect_at_token and "redirect_uri" not in form):
            raise Refused("invalid_request")
        if grant is None or (grant.client_id != client.client_id and not self.broken("code_for_anybody")):
            raise Refused("invalid_grant")
        if time.monotonic() > grant.ends and not self.broken("code_never_expires"):
            raise Refused("invalid_grant")
        given = form.get("redirect_uri", grant.redirect_uri)
        if given != grant.redirect_uri and not self.broken("any_redirect_uri_at_token"):
            raise Refused("invalid_grant")
        if self.manners.scope_at_exchange and not set(form.get("scope", "").split()) <= set(grant.scope.split()):
            raise Refused("invalid_scope")
        self.check_verifier(grant, form.get("code_verifier", ""))
        if grant.used and not self.broken("code_good_twice"):
            grant.alive = self.broken("reuse_spares_the_grant")
            raise Refused("invalid_grant")
        if self.broken("code_raced"):
            await asyncio.sleep(0.02)  # what is looked at and what is written lie apart
        grant.used = True
        return grant

    def check_verifier(self, grant: Grant, verifier: str) -> None:
        if self.broken("verifier_may_be_left_out") and not verifier:
            return
        wrong = challenge_of(verifier) != grant.challenge if grant.challenge else bool(verifier)
        if wrong and not (self.broken("verifier_unchecked") and verifier):
            raise Refused("invalid_grant")

    def refreshed(self, client: Client, form: Form) -> Grant:
        """The grant of a refresh token, which is used up by that."""
        if "refresh_token" not in form:
            raise Refused("invalid_request")
        text = form["refresh_token"]
        grant = self.refresh.get(text)
        if (spent := self.used_refresh.get(text)) is not None and not self.broken("family_survives"):
            spent.alive = False
        if grant is None or not grant.alive:
            raise Refused("invalid_grant")
        if grant.client_id != client.client_id and not self.broken("refresh_for_anybody"):
            raise Refused("invalid_grant")
        if not set(form.get("scope", "").split()) <= set(grant.scope.split()) and not self.broken("scope_widened"):
            raise Refused("invalid_scope")
        if not self.broken("refresh_forks"):
            self.used_refresh[text] = self.refresh.pop(text)
        return grant

    def new_tokens(self, grant: Grant, *, refresh: bool) -> dict[str, object]:
        """The members of a token response."""
        self.access[token := secrets.token_urlsafe(24)] = grant
        usual, other = ("3600", 3600) if self.manners.lifetime_as_text else (3600, "3600")
        lifetime = other if self.broken("lifetime_of_other_type") else usual
        members: dict[str, object] = {"access_token": token, "expires_in": lifetime}
        if self.manners.token_type:
            members["token_type"] = "bearer"
        if refresh:
            self.refresh[another := secrets.token_urlsafe(24)] = grant
            members["refresh_token"] = another
        return members

    def revoke(self, client: Client, token: str) -> None:
        """Ends the grant of a token, if the client has it."""
        grant = self.access.get(token) or self.refresh.get(token)
        if grant is None or self.broken("revocation_forgotten"):
            return
        if grant.client_id == client.client_id or self.broken("revoked_by_anybody"):
            grant.alive = False

    def is_alive(self, token: str) -> bool:
        """Whether an access token is good."""
        return (grant := self.access.get(token)) is not None and grant.alive
