"""A deliberately simple OAuth server, all in memory, that can be broken on purpose in one place at a time."""

from __future__ import annotations

import secrets
import time
from html import escape
from urllib.parse import urlencode

from aiohttp import web
from multidict import MultiDict

from mashery_oauth.replay.target import Client

from .granting import Form, Grant, Granting, Refused
from .manners import ISSUER, OTHER_ISSUER, PASSWORD, REDIRECT_URI, SCOPES, USER

SIGN_IN = (
    '<form action="/login" method="post"><input type="hidden" name="next" value="{}">'
    '<input name="who"><input type="password" name="secret"><button>Sign in</button></form>'
)
CONSENT = (
    '<form method="post"><button name="answer" value="no">Deny</button>'
    '<button name="answer" value="yes">Allow</button></form>'
)
FRAMES = {"X-Frame-Options": "DENY"}


class Server(Granting):
    """The endpoints."""

    sessions: set[str]

    def app(self) -> web.Application:
        """What serves it."""
        self.sessions = set()
        app = web.Application()
        app.router.add_route("*", "/authorize", self.authorize)
        app.router.add_post("/login", self.login)
        app.router.add_route("*", "/token", self.token)
        app.router.add_post("/revoke", self.revoke_token)
        app.router.add_post("/introspect", self.introspect)
        app.router.add_route("*", "/resource", self.resource)
        return app

    # The owner's part

    async def authorize(self, request: web.Request) -> web.Response:
        """Checks the request, asks the owner to sign in and to decide, and sends the browser back."""
        asked = MultiDict(request.query)
        client = self.known.get(asked.get("client_id", ""))
        if client is None and self.broken("unknown_client_redirected"):
            return sent(asked.get("redirect_uri", REDIRECT_URI), {"error": "unauthorized_client"}, fragment=False)
        if client is not None and len(client.redirect_uris) == 1 and not self.broken("redirect_uri_insisted_on"):
            asked.setdefault("redirect_uri", client.redirect_uris[0])
        if client is None or not self.is_registered(client, asked.get("redirect_uri", "")):
            return web.Response(status=400, text="<p>This link is broken.</p>", content_type="text/html")
        if error := self.flaw(asked):
            return self.back(asked, {"error": error})
        if request.cookies.get("session") not in self.sessions and not self.broken("anybody_signed_in"):
            return page(SIGN_IN.format(escape(str(request.rel_url))))
        if request.method != "POST" and not self.broken("anybody_signed_in"):
            return page(CONSENT)
        decision = (await request.post()).get("answer", "yes")
        return self.back(asked, self.decided(asked, client) if decision == "yes" else {"error": "access_denied"})

    async def login(self, request: web.Request) -> web.Response:
        form = await request.post()
        if (form["who"], form["secret"]) != (USER, PASSWORD):
            return page(SIGN_IN.format(""))
        response = web.Response(status=303, headers={"Location": str(form["next"])})
        self.sessions.add(session := secrets.token_urlsafe())
        response.set_cookie("session", session, httponly=True, samesite="Lax")
        return response

    def is_registered(self, client: Client, uri: str) -> bool:
        if self.broken("redirect_uri_by_prefix"):
            return uri.startswith(client.redirect_uris[0])
        return uri in client.redirect_uris

    def flaw(self, asked: Form) -> str:
        if len(asked) > len(set(asked)) and not self.broken("repeats_accepted"):
            return "invalid_request"
        if asked.get("response_type") not in (("code", "token") if self.manners.implicit else ("code",)):
            return "unsupported_response_type" if asked.get("response_type") else "invalid_request"
        if self.manners.challenge_required and not self.broken("challenge_optional") and "code_challenge" not in asked:
            return "invalid_request"
        if self.manners.challenge_required and not self.broken("plain_accepted") and is_plain(asked):
            return "invalid_request"
        return "" if set(asked.get("scope", "").split()) <= set(SCOPES) else "invalid_scope"

    def decided(self, asked: Form, client: Client) -> dict[str, str]:
        grant = Grant(client.client_id, asked.get("scope") or SCOPES[0], redirect_uri=asked["redirect_uri"])
        if asked["response_type"] == "token":
            self.access[token := secrets.token_urlsafe(24)] = grant
            return {"access_token": token, "token_type": "bearer", "expires_in": "3600"}
        grant.ends = time.monotonic() + self.lifetime
        grant.challenge = asked.get("code_challenge", "")
        self.codes[code := secrets.token_urlsafe(24)] = grant
        return {"code": code}

    def back(self, asked: Form, answer: dict[str, str]) -> web.Response:
        denied = "error" in answer
        state = asked.get("state", "")
        if self.broken("state_trimmed"):
            state = state[:16]
        if state and not (denied and self.broken("denial_without_state")):
            answer["state"] = state
        if self.manners.issuer and not (
            self.broken("issuer_not_told") or (denied and self.broken("error_without_issuer"))
        ):
            answer["iss"] = OTHER_ISSUER if denied and self.broken("another_issuer_in_errors") else ISSUER
        in_query = self.broken("implicit_error_in_query") or not self.manners.error_in_fragment
        fragment = asked.get("response_type") == "token" and not (
            denied and in_query and not self.broken("error_in_fragment")
        )
        uri = asked["redirect_uri"]
        return sent(uri.partition("?")[0] if self.broken("code_in_query_lost") else uri, answer, fragment=fragment)

    # The clients' part

    async def token(self, request: web.Request) -> web.Response:
        """The token endpoint."""
        try:
            client, form = await self.authenticated(request)
            grant, refresh = await self.granted(client, form)
        except Refused as refused:
            return self.refusal(refused, challenge="Authorization" in request.headers)
        headers = {} if self.broken("cacheable") else {"Cache-Control": "no-store"}
        headers |= {"Pragma": "no-cache"} if self.manners.pragma else {}
        return web.json_response(self.new_tokens(grant, refresh=refresh), headers=headers)

    def refusal(self, refused: Refused, *, challenge: bool) -> web.Response:
        status = refused.status
        if status == 401 and not challenge:
            status = self.manners.wrong_body_status
        headers = {"Cache-Control": "no-store"}
        if status == 401 and not self.broken("no_challenge"):
            headers["WWW-Authenticate"] = 'Basic realm="test"'
        members = {"error": refused.error, "error_description": f"It is {refused.error}"}
        return web.json_response(members, status=status, headers=headers)

    async def authenticated(self, request: web.Request) -> tuple[Client, Form]:
        """The client of a request, and its form."""
        if request.method != "POST" and not self.broken("get_accepted"):
            raise Refused("invalid_request", 405)
        form = await request.post() if request.method == "POST" else request.query
        pairs = MultiDict((name, str(value)) for name, value in form.items() if value)
        if len(pairs) > len(set(pairs)) and not self.broken("repeats_accepted"):
            raise Refused("invalid_request")
        return self.client_of(request.headers.get("Authorization", ""), pairs), pairs

    async def revoke_token(self, request: web.Request) -> web.Response:
        """RFC 7009."""
        try:
            client, form = await self.authenticated(request)
        except Refused as refused:
            return self.refusal(refused, challenge="Authorization" in request.headers)
        self.revoke(client, form.get("token", ""))
        return web.Response()

    async def introspect(self, request: web.Request) -> web.Response:
        """RFC 7662."""
        try:
            _, form = await self.authenticated(request)
        except Refused as refused:
            if not self.broken("introspection_open"):
                return self.refusal(refused, challenge="Authorization" in request.headers)
            form = MultiDict((name, str(value)) for name, value in (await request.post()).items())
        return web.json_response({"active": self.is_alive(form.get("token", "")) or self.broken("dead_is_active")})

    async def resource(self, request: web.Request) -> web.Response:
        """What tokens are for."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        other = request.query.get(self.manners.token_parameter, "")
        if token and other:
            return web.Response(status=400)
        if self.is_alive(token or other) or self.broken("resource_open"):
            return web.json_response({"message": "hello"})
        error = ', error="invalid_token"' if scheme or other else ""
        return web.Response(status=401, headers={"WWW-Authenticate": f'{self.manners.scheme} realm="test"{error}'})


def is_plain(asked: Form) -> bool:
    """Whether there is a challenge that is the verifier itself (RFC 7636 §4.3: so it is where no method is named)."""
    return "code_challenge" in asked and asked.get("code_challenge_method", "plain") == "plain"


def page(form: str) -> web.Response:
    """A page with a form."""
    return web.Response(text=f"<!doctype html><title>Sign in</title>{form}", content_type="text/html", headers=FRAMES)


def sent(uri: str, answer: dict[str, str], *, fragment: bool) -> web.Response:
    """The browser, sent to a client."""
    mark = "#" if fragment else "&" if "?" in uri else "?"
    return web.Response(status=303, headers={"Location": f"{uri}{mark}{urlencode(answer)}"})
