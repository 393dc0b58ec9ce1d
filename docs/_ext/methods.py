"""A page per method: its arguments and its result from their schemas, and its examples, which a test replays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from marshmallow import Schema, fields, validate

from mashery_oauth.dialects import DIALECTS
from mashery_oauth.methods import METHODS, Method

from .tables import block, code, heading, table, yes

EXAMPLES = Path(__file__).parent.parent / "methods"
TITLES = {"cloud": "Cloud", "local_v2": "Local V2", "local_v3": "Local V3"}
WIDTH = 100
_TYPES = {
    fields.Nested: "object",
    fields.List: "array of strings",
    fields.Dict: "object",
    fields.Integer: "integer",
    fields.String: "string",
    fields.Raw: "anything",
}


def file_of(method: Method) -> str:
    """The name of a method's file, which is that of its page too."""
    return method.call.__module__.rpartition(".")[2]


def summaries() -> Iterator[str]:
    """All methods in a line each."""
    rows = ((f":doc:`{name} <{file_of(method)}>`", _summary(method)) for name, method in METHODS.items())
    yield from table(("Method", "What it does"), rows)


def _summary(method: Method) -> str:
    return method.documentation.strip().partition("\n\n")[0].replace("\n", " ")


def page(name: str, *, positional: int = 1000, content: Sequence[str] = ()) -> Iterator[str]:
    """What one method takes and gives.

    :param positional: how many of the arguments have a position.
    :param content: what is to be known of it besides.
    """
    method = METHODS[name]
    yield from (_summary(method), *content, "")
    yield from heading("Arguments")
    yield from _arguments(method, positional)
    yield from heading("Result")
    yield from _result(method)
    yield from heading("Examples")
    for example in json.loads((EXAMPLES / f"{file_of(method)}.json").read_text()):
        yield from _example(example)


def _arguments(method: Method, positional: int) -> Iterator[str]:
    schema = method.arguments.schema
    if not schema.fields:
        yield from ("None.", "")
        return
    rows = []
    for at, (name, field) in enumerate(schema.fields.items(), start=1):
        place = str(at) if at <= positional else ""
        rows.append((place, code(name), _type(field), yes(field.required), _limit(field)))
        if isinstance(field, fields.Nested):
            rows.extend(
                ("", code(f"{name}.{inner}"), _type(each), yes(each.required), _limit(each))
                for inner, each in field.schema.fields.items()
            )
    yield from table(("Position", "Name", "Type", "Required", "Limit"), rows)


def _type(field: fields.Field[Any]) -> str:
    said = field.metadata.get("type")
    return str(said) if said else next((name for cls, name in _TYPES.items() if isinstance(field, cls)), "anything")


def _limit(field: fields.Field[Any]) -> str:
    inner = field.inner if isinstance(field, fields.List) else field
    for check in inner.validators:
        if isinstance(check, validate.OneOf):
            return "one of " + ", ".join(map(code, check.choices))
    longest = field.metadata.get("longest")
    return f"{longest} characters" if longest else ""


def _result(method: Method) -> Iterator[str]:
    if method.result is None:
        return
    yield from ((method.result.__doc__ or "").strip(), "")
    schema: Schema = method.result()
    if schema.fields:
        rows = ((code(name), _type(field), yes(field.allow_none)) for name, field in schema.fields.items())
        yield from table(("Member", "Type", "May be null"), rows)


def _example(example: dict[str, Any]) -> Iterator[str]:
    yield from heading(example["title"], "~")
    yield from block("json", pretty(example["request"]))
    shown: dict[str, list[str]] = {}
    for dialect in DIALECTS:
        answer = example["answers"][dialect.name]
        status = "" if answer["status"] == 200 else f", HTTP status {answer['status']}"
        text = "\n".join(block("json", pretty(answer["body"])))
        shown.setdefault(text, []).append(TITLES[dialect.name] + status)
    for text, where in shown.items():
        yield from (f"Answer in {' and '.join(where)}:", "", text, "")


def pretty(value: Any, indent: int = 0) -> str:
    """JSON in which whatever fits into a line stands in one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        inner = [f"{pad}{json.dumps(name)}: {pretty(each, indent + 2)}" for name, each in value.items()]
        opening, closing = "{", "}"
    else:
        inner = [pad + pretty(each, indent + 2) for each in value]
        opening, closing = "[", "]"
    return "\n".join([opening, ",\n".join(inner), " " * indent + closing])
