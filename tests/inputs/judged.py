"""What an answer may be, whatever was asked: its status, its members, and no word in an error that is not ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from marshmallow import Schema, fields

from mashery_oauth.dialects import CLOUD, LOCAL_V2, LOCAL_V3, Dialect
from mashery_oauth.errors import ROWS
from mashery_oauth.flows import FLOWS
from mashery_oauth.methods import METHODS
from tests.world import Answer

CODES = {-2001, 4000, -32600, -32601, -32602, -32700, 1002}  # none of ours: the store is well
ALWAYS = {200, 204, 413, 429}
STATUSES = {CLOUD.name: ALWAYS | {400}, LOCAL_V2.name: ALWAYS | {403}, LOCAL_V3.name: ALWAYS}
OAUTH_ERRORS = {
    *("invalid_request", "invalid_client", "invalid_grant", "invalid_scope", "access_denied"),
    *("unauthorized_client", "unsupported_grant_type", "unsupported_response_type", "redirect_uri_mismatch"),
}
PROBLEMS = (
    *("is required", "must be a string", "must be an object", "must be an integer", "must be a list"),
    *("must be a string or a list of strings", r"must be a string of at most \d+ characters"),
    *(r"is longer than \d+ characters", r"has more than \d+ entries", r"must be from 1 to \d+"),
    *(
        "is none of active, inactive, all",
        "is none of uri, type, profile, scopes, pkce",
        "differs from the one in client",
    ),
    "is none of profile, grant_types, response_types, scopes",
)


def _fields(schema: Schema) -> Iterable[str]:
    for name, field in schema.fields.items():
        yield name
        if isinstance(field, fields.Nested):
            yield from (f"{name}.{inner}" for inner in _fields(field.schema))
        elif not isinstance(field, fields.String):
            yield rf"{name}\[\d{{1,4}}\]"


def _any(patterns: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(set(patterns))) + ")"


_FIELD = _any(["params", *(name for method in METHODS.values() for name in _fields(method.arguments.schema))])
_PROBLEM = _any(PROBLEMS)
_WORDS = {r"\{flow\}": _any(FLOWS), r"\{field\}": _FIELD, r"\{problem\}": _PROBLEM}


def _pattern(message: str) -> str:
    pattern = re.escape(message)
    for blank, words in _WORDS.items():
        pattern = pattern.replace(blank, words)
    return pattern


_IS_FIELD = re.compile(_FIELD).fullmatch
_IS_PROBLEM = re.compile(_PROBLEM).fullmatch
_IS_MESSAGE = re.compile(_any(_pattern(row.message) for row in ROWS)).fullmatch
_IS_PRINTABLE = re.compile(r"[ -~]*").fullmatch


def check_answer(answer: Answer, dialect: Dialect) -> None:
    """:raises AssertionError: it is none that WIRE knows for a store that is well."""
    assert answer.status in STATUSES[dialect.name], answer
    assert answer.headers["Cache-Control"] == "no-store", answer
    if answer.status == 204:
        assert answer.body == b"", answer
        return
    assert answer.headers["Content-Type"].startswith("application/json"), answer
    document = orjson.loads(answer.body)
    if isinstance(document, list):
        assert document, answer
        assert answer.status == 200, answer
    for each in document if isinstance(document, list) else [document]:
        check_document(each)


def check_document(document: Any) -> None:
    """:raises AssertionError: it is no answer of JSON-RPC 1.0, 1.1 or 2.0, or its error has what is not ours."""
    names = set(document)
    if "jsonrpc" in names:
        assert document["jsonrpc"] == "2.0", document
        assert names in ({"jsonrpc", "result", "id"}, {"jsonrpc", "error", "id"}), document
    elif "version" in names:
        assert document["version"] == "1.1", document
        assert names in ({"version", "result", "id"}, {"version", "error", "id"}), document
    else:
        assert names == {"result", "error", "id"}, document
        assert document["error"] is None or document["result"] is None, document
    if document.get("error") is not None:
        check_error(document["error"])


def check_error(error: Mapping[str, Any]) -> None:
    """:raises AssertionError: its code is not known, or one of its words is not ours."""
    assert error["code"] in CODES, error
    assert _IS_MESSAGE(error["message"]), error
    nested = error.get("error", error.get("data"))
    assert set(error) - {"error", "data"} == {"message", "code"}, error
    if isinstance(nested, list):
        assert error["code"] == -32602, error
        assert all(_IS_FIELD(each["field"]) and _IS_PROBLEM(each["message"]) for each in nested), error
    elif nested is not None:
        check_nested(nested, error["message"])


def check_nested(nested: Mapping[str, Any], message: str) -> None:
    """:raises AssertionError: it is no OAuth error, or cannot be sent on as it is."""
    assert nested["error"] in OAUTH_ERRORS | {404}, nested
    assert nested["error_description"] == message, nested
    response = nested.get("error_response")
    if response is None:
        return
    assert set(response["response"]) <= {"error", "error_description", "state"}, nested
    assert (response["response"]["error"], response["response"]["error_description"]) == (nested["error"], message)
    assert response["status"] in {302, 303, 400, 401, 429}, nested
    assert all(_IS_PRINTABLE(value) for value in response["headers"].values()), nested
