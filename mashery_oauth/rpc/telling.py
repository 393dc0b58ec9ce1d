"""From a refusal to what the provider hears, and to what it can send on to its client as it is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ..dialects import Dialect
from ..errors import (
    AUTHORIZATION,
    KEY_REUSED,
    OTHER,
    TOKEN,
    UNKNOWN_CLIENT,
    UNKNOWN_TOKEN,
    UPDATE_FAILED,
    WRONG_SECRET,
    Refusal,
    Row,
    oauth_error,
    without_state,
)
from ..models import Relay
from ..profiles import PROFILES
from ..redirects import with_fragment, with_query
from .envelope import V2, Envelope, without_nulls

_CLIENT_ROWS = (UNKNOWN_CLIENT, WRONG_SECRET)
_TOKEN_ROWS = (UNKNOWN_TOKEN, UPDATE_FAILED)
_JSON = "application/json"


def told(refusal: Refusal, envelope: Envelope, dialect: Dialect) -> dict[str, Any]:
    """The error object of an answer."""
    nested_name = dialect.nested if envelope.version == V2 else dialect.nested_legacy
    nested = _nested(refusal, dialect)
    if refusal.fields:
        nested_name, nested = "data", [{"field": name, "message": text} for name, text in refusal.fields]
    values = {"message": refusal.message, "code": _code(refusal.row, dialect), "nested": nested}
    return {
        nested_name if name == "nested" else name: values[name]
        for name in dialect.error_members
        if values[name] is not None
    }


def http_status(row: Row, dialect: Dialect) -> int:
    """The HTTP status of a single answer with this error."""
    if row.http is not None:
        return row.http
    if row in _CLIENT_ROWS:
        return dialect.invalid_client_status
    if row is KEY_REUSED:
        return dialect.reused_key_status
    return dialect.internal_status if row.name == "internal_error" else dialect.error_status


def _code(row: Row, dialect: Dialect) -> int:
    return dialect.invalid_client_code if row in _CLIENT_ROWS else row.code


def _nested(refusal: Refusal, dialect: Dialect) -> Any:
    """The OAuth error; ``None`` where the row has none, or nobody knows yet for whom it would be."""
    row, relay = refusal.row, refusal.relay
    if relay is None or (relay.profile is None and not row.authorization):
        return None
    if relay.profile is None and row.http is not None:
        return None
    if row in _TOKEN_ROWS:
        return _object(dialect.unknown_token, refusal, None, dialect)
    error = oauth_error(row, relay)
    return _object(error, refusal, _response(refusal, error, relay), dialect) if error else None


def _object(error: str | int, refusal: Refusal, response: dict[str, Any] | None, dialect: Dialect) -> dict[str, Any]:
    nested = {"error": error, "error_description": refusal.message, "error_response": response}
    return nested if dialect.keeps_nulls else {k: without_nulls(v) for k, v in nested.items() if v is not None}


def _response(refusal: Refusal, error: str, relay: Relay) -> dict[str, Any] | None:
    """What can be sent to the client; ``None`` where nothing may be."""
    row = refusal.row
    if relay.step == OTHER or not row.relayed or relay.profile is None:
        return None
    if relay.step == TOKEN:
        return _body(refusal, error, relay)
    if relay.step != AUTHORIZATION or relay.redirection is None or not row.redirect:
        return None
    return _redirect(refusal, error, without_state(relay) if row.drop_state else relay)


def _body(refusal: Refusal, error: str, relay: Relay) -> dict[str, Any]:
    """RFC 6749 §5.2."""
    profile = PROFILES[relay.profile or ""]
    status = profile.invalid_client_status if refusal.row.status == 401 else refusal.row.status
    headers = {"Content-Type": _JSON, "Cache-Control": "no-store"}
    if profile.pragma:
        headers["Pragma"] = "no-cache"
    if status == 401:
        headers["WWW-Authenticate"] = f'Basic realm="{_quotable(relay.realm)}"'
    if status in (429, 503):
        headers["Retry-After"] = str(refusal.retry_after)
    response = {"error": error, "error_description": refusal.message}
    return {"response": response, "status": status, "headers": headers, "uri": None}


def _redirect(refusal: Refusal, error: str, relay: Relay) -> dict[str, Any] | None:
    """RFC 6749 §4.1.2.1 and §4.2.2.1."""
    if relay.redirection is None:
        return None
    response = {"error": error, "error_description": refusal.message}
    if relay.state is not None:
        response["state"] = relay.state
    add = with_fragment if relay.component == "fragment" else with_query
    location = add(relay.redirection.uri, urlencode(response))
    return {
        "response": response,
        "status": PROFILES[relay.profile or ""].redirect_status,
        "headers": {"Location": location},
        "uri": {"redirect_uri": location, "state": relay.state},
    }


def _quotable(text: str) -> str:
    """A site's name inside a quoted string of a header (RFC 9110 §5.6.4)."""
    printable = "".join(letter for letter in text if " " <= letter <= "~")
    return printable.replace("\\", "\\\\").replace('"', '\\"')
