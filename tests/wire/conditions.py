"""Every error condition as data: what is wrong, what the provider hears of it, and what its client may hear."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mashery_oauth.dialects import CLOUD, LOCAL_V2, Dialect
from tests.world import HTTPS, Answer

from .scene import DOORS, STATE, Door, Members, Scene

PROFILES = ("draft10", "draft16", "rfc6749", "oauth21")
DRAFTS, RFCS = ("draft10", "draft16"), ("rfc6749", "oauth21")
REALM = "Test Site"
RETRY_AFTER = "1"  # seconds

Errors = Mapping[str, str]  # profile -> OAuth error, "" for every other profile
Provoke = Callable[[Scene], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One way to provoke one row of the table."""

    row: str  # name in errors.ROWS
    message: str
    errors: Errors
    provoke: Provoke
    profiles: tuple[str, ...] = PROFILES
    doors: tuple[Door, ...] = DOORS
    policy: Members = field(default_factory=dict)
    client: Members = field(default_factory=dict)
    relayed: bool = True  # whether anything may be sent to the client
    status: int = 400  # of a body
    state: str | None = STATE  # in a redirection
    in_query: bool = False  # a redirection carries it in the query, whatever the door
    late: bool = False  # checked after whether the flow is on at all
    code: int = -2001

    @property
    def name(self) -> str:
        """What is wrong."""
        return self.provoke.__name__

    def error(self, profile: str) -> str:
        """The OAuth error in a profile."""
        return self.errors.get(profile, self.errors.get("", ""))

    def exists(self, profile: str, door: Door) -> bool:
        """Whether it can be met there: OAuth 2.1 has no implicit flow that could fail late."""
        never = self.late and door.flow == "implicit" and profile == "oauth21"
        return profile in self.profiles and door in self.doors and not never

    def names_client(self) -> bool:
        """Whether Local V2 has a code and a status of its own for it."""
        return self.row in ("unknown_client", "wrong_secret")


AUTHORIZATION: list[Condition] = []
TOKEN: list[Condition] = []
OTHER: list[Condition] = []


def _adds(
    table: list[Condition], row: str, message: str, error: str | Errors, more: Any
) -> Callable[[Provoke], Provoke]:
    def add(provoke: Provoke) -> Provoke:
        errors = {"": error} if isinstance(error, str) else error
        table.append(Condition(row, message, errors, provoke, **more))
        return provoke

    return add


def at_authorization(row: str, message: str, error: str | Errors, **more: Any) -> Callable[[Provoke], Provoke]:
    """Adds a condition of the authorization step."""
    return _adds(AUTHORIZATION, row, message, error, more)


def at_token(row: str, message: str, error: str | Errors, **more: Any) -> Callable[[Provoke], Provoke]:
    """Adds a condition of the token step."""
    return _adds(TOKEN, row, message, error, more)


def at_no_step(row: str, message: str, error: str | Errors, **more: Any) -> Callable[[Provoke], Provoke]:
    """Adds a condition of a method that is no step."""
    return _adds(OTHER, row, message, error, {"relayed": False, **more})


def redirected(condition: Condition, profile: str, door: Door) -> Members | None:
    """The error_response at the authorization step."""
    if not condition.relayed:
        return None
    response = {"error": condition.error(profile), "error_description": condition.message}
    if condition.state is not None:
        response["state"] = condition.state
    in_fragment = door.flow == "implicit" and profile != "draft10" and not condition.in_query
    uri = HTTPS + ("#" if in_fragment else "?") + urlencode(response)
    return {
        "response": response,
        "status": 303 if profile == "oauth21" else 302,
        "headers": {"Location": uri},
        "uri": {"redirect_uri": uri, "state": condition.state},
    }


def sent_on(condition: Condition, profile: str) -> Members | None:
    """The error_response at the token step."""
    if not condition.relayed:
        return None
    status = 400 if condition.status == 401 and profile == "draft10" else condition.status
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    if profile == "rfc6749":
        headers["Pragma"] = "no-cache"
    if status == 401:
        headers["WWW-Authenticate"] = f'Basic realm="{REALM}"'
    if status == 503:
        headers["Retry-After"] = RETRY_AFTER
    response = {"error": condition.error(profile), "error_description": condition.message}
    return {"response": response, "status": status, "headers": headers, "uri": None}


def answer(condition: Condition, dialect: Dialect, error: str | int, error_response: Members | None) -> Members:
    """The body of a whole answer in a dialect."""
    nested = {"error": error, "error_description": condition.message, "error_response": error_response}
    code = 4000 if dialect is LOCAL_V2 and condition.names_client() else condition.code
    if dialect is LOCAL_V2:
        told = {"message": condition.message, "data": _without_nulls(nested), "code": code}
    else:
        told = {"message": condition.message, "code": code, "error": nested}
    return {"jsonrpc": "2.0", "id": 1, "error": told}


def http_status(condition: Condition, dialect: Dialect) -> int:
    """The HTTP status of a whole answer in a dialect."""
    if condition.row == "unavailable":
        return 503
    if condition.row == "internal_error":
        return 500 if dialect is CLOUD else 200
    if dialect is LOCAL_V2 and condition.names_client():
        return 403
    return 400 if dialect is CLOUD else 200


def check(condition: Condition, dialect: Dialect, found: Answer, wanted: Members) -> None:
    """Body, HTTP status and headers of a whole answer; and in the error the order of members."""
    order = ["message", "data", "code"] if dialect is LOCAL_V2 else ["message", "code", "error"]
    assert found.json == wanted
    assert [name for name in order if name in wanted["error"]] == list(found.error)
    assert found.status == http_status(condition, dialect)
    assert found.headers["Cache-Control"] == "no-store"
    assert found.headers["Content-Type"].startswith("application/json")
    assert found.headers.get("Retry-After") == (RETRY_AFTER if found.status == 503 else None)


def _without_nulls(members: Members) -> Members:
    kept = {name: value for name, value in members.items() if value is not None}
    return {name: _without_nulls(value) if isinstance(value, dict) else value for name, value in kept.items()}
