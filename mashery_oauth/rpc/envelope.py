"""JSON-RPC 1.0, 1.1 and 2.0: what a request looks like, and the envelope that its answer goes into."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from ..dialects import Dialect
from ..errors import INVALID_REQUEST, PARSE_ERROR, Refusal

DEEPEST = 16
_LARGEST_ID = 2**63
V1, V11, V2 = "1.0", "1.1", "2.0"


class Envelope(NamedTuple):
    """Which version a request speaks and what its answer is to be addressed with."""

    version: str
    id: Any = None
    notification: bool = False


UNADDRESSED = Envelope(V2)


def parse(body: bytes) -> Any:
    """The JSON in a body.

    :raises Refusal: ``parse_error``: it is none, not UTF-8, or nested too deep.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refusal(PARSE_ERROR) from None
    if body.count(b"{") + body.count(b"[") > DEEPEST and _depth(document) > DEEPEST:
        raise Refusal(PARSE_ERROR)
    return document


def _depth(document: Any) -> int:
    """How deep a document is nested, level by level so that no document can exhaust the stack."""
    level, depth = [document], 0
    while level:
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
        if not any(isinstance(value, dict | list) for value in level):
            return depth
        level, depth = inner, depth + 1
        if depth > DEEPEST:
            return depth
    return depth


def open_request(document: Any, *, batch: bool = False) -> tuple[Envelope, dict[str, Any]]:
    """A request's envelope, and the request as jsonrpcserver takes it.

    :raises Malformed: it is not a request; carries the envelope to answer with.
    """
    if type(document) is not dict:
        raise Malformed(UNADDRESSED)
    version = _version(document)
    if version is None or (batch and version != V2):
        raise Malformed(UNADDRESSED)
    identity = document.get("id")
    if not _is_id(identity) or type(document.get("method")) is not str:
        raise Malformed(Envelope(version))
    request: dict[str, Any] = {"method": document["method"], "id": identity}
    params = document.get("params")
    if params is not None:
        if type(params) not in (list, dict):
            raise Malformed(Envelope(version, identity))
        request["params"] = params
    return Envelope(version, identity, version == V2 and "id" not in document), request


class Malformed(Exception):
    """Not a request; answered in this envelope."""

    def __init__(self, envelope: Envelope) -> None:
        super().__init__(INVALID_REQUEST.name)
        self.envelope = envelope


def _version(document: dict[str, Any]) -> str | None:
    if "jsonrpc" in document:
        return V2 if document["jsonrpc"] == V2 else None
    if "version" in document:
        return V11 if document["version"] == V11 else None
    return V1


def _is_id(value: Any) -> bool:
    """A string, a number or null. What is past 64 bits arrives as a float and would not be echoed as it came."""
    kind = type(value)
    if kind is float:
        return bool(abs(value) < _LARGEST_ID)
    return value is None or kind is str or kind is int


def closed(envelope: Envelope, dialect: Dialect, result: Any) -> dict[str, Any]:
    """A success in its envelope."""
    if not dialect.keeps_nulls:
        result = without_nulls(result)
    if envelope.version == V2:
        if dialect.envelope[0] == "result":
            return {"jsonrpc": V2, "result": result, "id": envelope.id}
        return {"jsonrpc": V2, "id": envelope.id, "result": result}
    if envelope.version == V11:
        return {"id": envelope.id, "version": V11, "result": result}
    return {"result": result, "error": None, "id": envelope.id}


def closed_error(envelope: Envelope, dialect: Dialect, error: dict[str, Any]) -> dict[str, Any]:
    """An error in its envelope."""
    if envelope.version == V2:
        if dialect.envelope[0] == "result":
            return {"jsonrpc": V2, "error": error, "id": envelope.id}
        return {"jsonrpc": V2, "id": envelope.id, "error": error}
    if envelope.version == V11:
        return {"id": envelope.id, "version": V11, "error": error}
    return {"result": None, "error": error, "id": envelope.id}


def without_nulls(value: Any) -> Any:
    """The same without members that are null, at every depth."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_nulls(inner) for inner in value]
    return value
