"""The service described in OpenRPC, from the same schemas that judge the arguments."""

from __future__ import annotations

from functools import cache
from typing import Any

from marshmallow import Schema, fields

from .. import __version__
from ..errors import ROWS
from ..methods import METHODS, Method

_TYPES = {
    fields.String: "string",
    fields.Integer: "integer",
    fields.List: "array",
    fields.Dict: "object",
    fields.Nested: "object",
}


@cache
def discover() -> dict[str, Any]:
    """The OpenRPC document (spec.open-rpc.org)."""
    return {
        "openrpc": "1.3.2",
        "info": {"title": "mashery_oauth", "version": __version__, "license": {"name": "Apache-2.0"}},
        "methods": [_described(method) for method in METHODS.values()],
    }


def _described(method: Method) -> dict[str, Any]:
    return {
        "name": method.name,
        "summary": method.documentation.strip().splitlines()[0],
        "paramStructure": "either",
        "params": [
            {"name": name, "required": field.required, "schema": _schema(field)}
            for name, field in method.arguments.schema.fields.items()
        ],
        "result": {"name": "result", "schema": _object(method.result()) if method.result else {}},
        "errors": [{"code": row.code, "message": row.message} for row in ROWS],
    }


def _schema(field: fields.Field[Any]) -> dict[str, Any]:
    if isinstance(field, fields.Nested):
        return _object(field.schema)
    found: dict[str, Any] = {}
    kind = next((name for cls, name in _TYPES.items() if isinstance(field, cls)), field.metadata.get("type"))
    if kind is not None:
        found["type"] = kind.split(" or ") if " or " in kind else kind
    if field.metadata.get("longest"):
        found["maxLength"] = field.metadata["longest"]
    return found


def _object(schema: Schema) -> dict[str, Any]:
    if not schema.fields:
        return {}
    return {"type": "object", "properties": {name: _schema(field) for name, field in schema.fields.items()}}
