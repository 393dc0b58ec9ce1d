"""A small authorization server on WSGI: the backend does its OAuth work, the login and the pages are its own."""

from __future__ import annotations

import base64
import hmac
import html
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mashery_oauth.client import (
    BackendError,
    Client,
    ClientCredentials,
    ErrorResponse,
    Local,
    OAuthError,
    Redirect,
    TokenData,
    Unavailable,
    refusals,
)

USERS = {"alice": "wonderland"}
NOT_STORED = {"Cache-Control": "no-store"}
SIGN_IN = """<!DOCTYPE html><title>Sign in</title><p>{name} asks for access.</p><form method="post">{hidden}
<input name="user"><input name="password" type="password"><button>Sign in</button></form>"""
CONSENT = """<!DOCTYPE html><title>Allow?</title><p>Dear {name}, may it?</p><form method="post">{hidden}
<button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button></form>"""
Form = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Wrong(Exception):
    """A request that need not reach the backend."""

    def __init__(self, description: str, error: str = "invalid_request", status: int = 400) -> None:
        super().__init__(description)
        body = json.dumps({"error": error, "error_description": description})
        challenge = {"WWW-Authenticate": 'Basic realm="provider"'} if status == 401 else {}
        self.answer = Answer(status, body, {"Content-Type": "application/json", **NOT_STORED, **challenge})


class Provider:
    """The WSGI application."""

    def __init__(self, url: str, credentials: Local, service_key: str) -> None:
        self.service_key, self._key = service_key, secrets.token_bytes(32)
        self._backend = Client(url, credentials, retries=0)
        self._routes = {
            ("GET", "/authorize"): self._ask,
            ("POST", "/authorize"): self._authorize,
            ("POST", "/token"): self._token,
            ("GET", "/resource"): self._resource,
        }

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        route = self._routes.get((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        try:
            answer = route(environ) if route else Answer(404)
        except Wrong as wrong:
            answer = wrong.answer
        except BackendError as error:
            answer = relayed(error)
        phrase = HTTPStatus(answer.status).phrase
        headers = {"Content-Type": "text/plain; charset=utf-8", **answer.headers}
        start_response(f"{answer.status} {phrase}", list(headers.items()))
        return [answer.body.encode()]

    def _ask(self, environ: dict[str, Any]) -> Answer:
        """What the client wants is checked before anybody is asked to sign in."""
        query = read(environ["QUERY_STRING"])
        application = self._backend.fetch_application(
            self.service_key,
            client=ClientCredentials(query.get("client_id")),
            uri=redirect(query),
            response_type=query.get("response_type"),
            scope=query.get("scope"),
        )
        if "response_type" not in query:
            return sent_back(query, "invalid_request")
        return page(SIGN_IN, application.name, query)

    def _authorize(self, environ: dict[str, Any]) -> Answer:
        form = read(body_of(environ))
        user = form.get("user", "")
        if "answer" not in form:
            password = form.pop("password", "")
            if not hmac.compare_digest(USERS.get(user, ""), password) or user not in USERS:
                return Answer(403, "Wrong user or password.")
            return page(CONSENT, user, {**form, "proof": self._proof(user)})
        if not hmac.compare_digest(form.get("proof", ""), self._proof(user)):
            return Answer(403, "Please sign in.")
        if form["answer"] != "allow":
            return sent_back(form, "access_denied")
        made = self._backend.create_authorization_code(
            self.service_key,
            client=ClientCredentials(form.get("client_id")),
            uri=redirect(form),
            user_context=user,
            scope=form.get("scope"),
            response_type=form.get("response_type"),
            code_challenge=form.get("code_challenge"),
            code_challenge_method=form.get("code_challenge_method"),
        )
        return Answer(302, headers={"Location": str(made.uri.redirect_uri), **NOT_STORED})

    def _proof(self, user: str) -> str:
        """That somebody has just signed in as this user."""
        return hmac.new(self._key, user.encode(), "sha256").hexdigest()

    def _token(self, environ: dict[str, Any]) -> Answer:
        form = read(body_of(environ))
        names = ("grant_type", "scope", "code", "refresh_token", "code_verifier")
        made = self._backend.create_access_token(
            self.service_key,
            client=client_of(environ, form),
            token_data=TokenData(**{name: form[name] for name in names if name in form}),
            uri=redirect(form),
        )
        members = ("access_token", "token_type", "expires_in", "refresh_token", "scope")
        told = {name: getattr(made, name) for name in members if getattr(made, name) is not None}
        return Answer(200, json.dumps(told), {"Content-Type": "application/json", **NOT_STORED})

    def _resource(self, environ: dict[str, Any]) -> Answer:
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return Answer(401, headers={"WWW-Authenticate": 'Bearer realm="provider"'})
        try:
            info = self._backend.fetch_access_token(self.service_key, token)
        except refusals.UnknownToken:
            return Answer(401, headers={"WWW-Authenticate": 'Bearer realm="provider", error="invalid_token"'})
        return Answer(200, f"Hello {info.user_context}")


def page(template: str, name: str, form: Form) -> Answer:
    """A page whose form brings all of this back."""
    fields = "".join(
        f'<input type="hidden" name="{html.escape(each)}" value="{html.escape(form[each])}">' for each in form
    )
    text = template.format(name=html.escape(name), hidden=fields)
    return Answer(200, text, {"Content-Type": "text/html; charset=utf-8", "X-Frame-Options": "DENY", **NOT_STORED})


def sent_back(form: Form, error: str) -> Answer:
    """Back to the client, whose redirect URI the backend has looked at before."""
    told = {"error": error, **({"state": form["state"]} if "state" in form else {})}
    return Answer(302, headers={"Location": f"{form.get('redirect_uri')}?{urlencode(told)}"})


def read(text: str) -> Form:
    """Parameters; what has no value counts as not sent, and none may come twice."""
    pairs = [(name, value) for name, value in parse_qsl(text, keep_blank_values=True) if value]
    if len(dict(pairs)) < len(pairs):
        raise Wrong("A parameter is repeated")
    return dict(pairs)


def body_of(environ: dict[str, Any]) -> str:
    """The form that was sent."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        raise Wrong("The body is not a form")
    return str(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode(errors="replace"))


def redirect(form: Form) -> Redirect:
    """Where the client wants its user to go."""
    return Redirect(form.get("redirect_uri"), form.get("state"))


def client_of(environ: dict[str, Any], form: Form) -> ClientCredentials:
    """The client, by HTTP Basic or in the body, and not by both (draft 16 §3)."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() != "basic":
        return ClientCredentials(form.get("client_id"), form.get("client_secret"))
    try:
        identifier, _, secret = base64.b64decode(token, validate=True).decode().partition(":")
    except ValueError:
        raise Wrong("Malformed credentials", "invalid_client", 401) from None
    if "client_secret" in form:
        raise Wrong("The client authenticates in two ways")
    if form.get("client_id") != identifier:
        raise Wrong("client_id is not the client that authenticates")
    return ClientCredentials(identifier, secret)


def relayed(error: BackendError) -> Answer:
    """What the backend gives for the client, as it is; where it gives nothing, a page of our own."""
    response: ErrorResponse | None = error.response
    if response is None:
        status = 503 if isinstance(error, Unavailable) else 400 if isinstance(error, OAuthError) else 500
        return Answer(status, "We cannot help this application now.", dict(NOT_STORED))
    body = "" if response.redirect_uri else json.dumps(response.body)
    return Answer(response.status, body, dict(response.headers))
