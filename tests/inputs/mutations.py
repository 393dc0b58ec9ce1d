"""Small changes to a body that keep it near to what is right, because what is merely wild is refused at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any

import orjson

from mashery_oauth.methods import METHODS

from .places import UPDATE, VALUES, places

Slot = tuple[Any, Any]  # a list or an object of a document, and a key of it

METHOD_NAMES = (*METHODS, "rpc.discover", "oauth2.none")
MEMBER_NAMES = tuple(sorted({name for method in METHODS for place in places(method) for name in place.path}))
SPELLINGS = (
    "1e400",
    "-0",
    "1" + "0" * 30,
    "NaN",
    "-Infinity",
    "1.0",
    "1e2",
    "01",
    '"\\ud800"',
    '"\\u0000"',
    '"\\r\\n"',
)
STRINGS = (
    *("authorization_code", "implicit", "password", "client_credentials", "refresh_token", "none", "code", "token"),
    *("https://client.example.com/cb?", "http://127.0.0.1:1/cb", "app:/cb", "trial", "//", "https://[", "javascript:1"),
    *("S256", "plain", "v" * 43, "\u0130", "\U0001f600", "\x00", "\r\nX: y", "a b", "a+b", '"', "\\", "%25%32e%2e"),
    *(" ", "+", "?", "#", ":", "/", ".", "%", "a:", "-1", "x" * 1024, "a" * 61, "https://client.example.com/cb"),
    *("https://a@client.example.com/", "https://client.example.com/../cb", "https://client.example.com:x/", "app:"),
    *("x" * 255, "x" * 256, "x" * 1025, "x" * 4097, "sha256:" + "a" * 34, "a" * 44, "a" * 60, "active", "all"),
)


def slots(document: Any) -> Iterator[Slot]:
    """Every place in a document that holds something."""
    found = [document]
    while found:
        holder = found.pop()
        keys: Any = holder if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in list(keys):
            yield holder, key
            found.append(holder[key])


def _value(random: Random) -> Any:
    """One of its own: a list that stands in two documents would grow with both."""
    return deepcopy(random.choice(VALUES))


def _replace(document: Any, slot: Slot, random: Random) -> Any:
    holder, key = slot
    holder[key] = random.choice((_value(random), random.choice(STRINGS), random.choice(METHOD_NAMES)))
    return document


def _drop(document: Any, slot: Slot, random: Random) -> Any:
    holder, key = slot
    del holder[key]
    return document


def _add(document: Any, slot: Slot, random: Random) -> Any:
    holder, key = slot
    if isinstance(holder, dict):
        holder[random.choice(MEMBER_NAMES)] = holder[key]
    else:
        holder.insert(key, _value(random))
    return document


def _move(document: Any, slot: Slot, random: Random) -> Any:
    """What stands elsewhere stands here too, unless it would hold itself."""
    holder, key = slot
    other, name = random.choice(list(slots(document)))
    holder[key] = orjson.loads(orjson.dumps(other[name]))
    return document


def _wrap(document: Any, slot: Slot, random: Random) -> Any:
    holder, key = slot
    holder[key] = random.choice(([holder[key]], {random.choice(MEMBER_NAMES): holder[key]}))
    return document


def _batch(document: Any, slot: Slot, random: Random) -> Any:
    return [document] * random.choice((1, 2, 5)) if isinstance(document, dict) else document[0]


def _list_params(document: Any, slot: Slot, random: Random) -> Any:
    """Named arguments by position."""
    if isinstance(document, dict) and isinstance(document.get("params"), dict):
        method = METHODS.get(document.get("method") or "")
        names = method.arguments.names if method else tuple(document["params"])
        document["params"] = [document["params"].get(name) for name in names]
        if document.get("method") == UPDATE:
            document["params"] = document["params"][: random.randrange(9)]
    return document


CHANGES: tuple[Callable[[Any, Slot, Random], Any], ...] = (
    *(_replace, _replace, _replace, _drop, _add, _move, _wrap, _batch, _list_params),
)


def mutated(body: bytes, random: Random) -> bytes:
    """A body with one to four changes; what is no JSON, or nothing to change, comes back as it is."""
    try:
        document = orjson.loads(body)
        for _ in range(random.choice((1, 1, 2, 4))):
            found = list(slots(document))
            deep = [slot for slot in found if slot[0] is not document] if random.randrange(4) else []
            document = random.choice(CHANGES)(document, random.choice(deep or found), random)
        return respelled(orjson.dumps(document), random)
    except (orjson.JSONDecodeError, IndexError, KeyError, TypeError, RecursionError):
        return body


def mutated_request(data: bytes, random: Random) -> bytes:
    """A request of HTTP with a line that is twice there, gone, elsewhere, or has another byte."""
    lines = data.split(b"\r\n")
    for _ in range(random.choice((1, 1, 2, 4))):
        at, other = random.randrange(len(lines)), random.randrange(len(lines))
        match random.randrange(5):
            case 0:
                lines.insert(at, lines[other])
            case 1:
                lines[at], lines[other] = lines[other], lines[at]
            case 2 if len(lines) > 1:
                del lines[at]
            case 3:
                lines[at] = lines[at].replace(b" ", random.choice((b"  ", b"\t", b"", b"\x00", b"\xff")), 1)
            case _:
                lines[at] = respelled(lines[at] or b"0", random)
    return random.choice((b"\r\n", b"\r\n", b"\r\n", b"\n")).join(lines)


def respelled(body: bytes, random: Random) -> bytes:
    """Now and then a change that only the text can have: a byte, an odd number, a member twice."""
    at = random.randrange(len(body))
    match random.randrange(12):
        case 0:
            return body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]
        case 1:
            return body[:at]
        case 2:
            first, colon, rest = body.partition(b":")
            return first + colon + random.choice(SPELLINGS).encode() + b"," + body[1:] if colon else rest
        case 3:
            return body.replace(b'"id":1', b'"id":' + random.choice(SPELLINGS).encode())
        case _:
            return body
