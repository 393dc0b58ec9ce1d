"""What the fuzzers begin with: the examples of the documentation, requests of HTTP, and the words of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from marshmallow import Schema, fields

from mashery_oauth.flows import FLOWS
from mashery_oauth.methods import METHODS
from mashery_oauth.presets import PRESETS
from tests.test_docs import ACCESS, CLIENT_ID, CLIENT_SECRET, CODE, DOCS, REFRESH, SERVICE_KEY, USER
from tests.world import HTTPS

from .mutations import MEMBER_NAMES, METHOD_NAMES, SPELLINGS, STRINGS
from .target import ALIASED, FOREIGN, PUBLIC, SERVICES

HELLO = b'{"jsonrpc":"2.0","method":"test.hello","id":1}'
VERIFIER, CHALLENGE = "v" * 43, "tP5aU7mCkIbpWd9Y2PcfbIFK1oRUTR0rhWNbUkwGwkk"
KNOWN: dict[str, Any] = {
    "service_key": SERVICE_KEY,
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "redirect_uri": HTTPS,
    "response_type": "code",
    "grant_type": "password",
    "code": CODE,
    "access_token": ACCESS,
    "refresh_token": REFRESH,
    "user_context": USER,
    "token_status": "all",
    "include": ["uri"],
    "expires_in": 60,
    "code_verifier": VERIFIER,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "id": 1,
}
HTTP_WORDS = (
    *("POST", "GET", "HEAD", "OPTIONS", "/v2/json-rpc", "/v3/json-rpc", "/v2/java/json-rpc", "/v2/json-rpc/SITE"),
    *("?apikey=APIKEY&sig=SIGNATURE", "Authorization: AUTHORIZATION", "Content-Length: 46", "Content-Length: 0"),
    *(
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
        "Connection: close",
        "Connection: keep-alive",
        "2e\\x0d\\x0a",
    ),
    *("0\\x0d\\x0a\\x0d\\x0a", "\\x0d\\x0a", "HTTP/1.1", "HTTP/1.0", "Content-Encoding: gzip", "/healthz", "/readyz"),
    *("Upgrade: h2c", "Connection: upgrade", "PRI * HTTP/2.0", "/metrics", "Host: x", "test.hello"),
)


def bodies() -> Iterator[bytes]:
    """Every example in each dialect, then at each service, by a client with a secret or without; and many at once."""
    for request in requests():
        for number in range(3):
            yield bytes([number]) + orjson.dumps(request)
    examples = list(requests())
    yield b"\x00" + orjson.dumps(examples[:30])
    for at, service in enumerate([*PRESETS, *SERVICES, FOREIGN]):
        for request in examples:
            other = orjson.dumps(request).replace(SERVICE_KEY.encode(), service.encode())
            yield bytes([at % 3]) + (other.replace(CLIENT_ID.encode(), PUBLIC.encode()) if at % 2 else other)


def requests() -> Iterator[dict[str, object]]:
    """The examples of the documentation, and what they have no need to show."""
    for page in sorted(Path(DOCS, "methods").glob("*.json")):
        for example in json.loads(page.read_text()):
            yield example["request"]
            if "jsonrpc" in example["request"]:
                older = {name: value for name, value in example["request"].items() if name != "jsonrpc"}
                yield older
                yield {**older, "version": "1.1"}
    client = {"client_id": PUBLIC}
    secret = {"service_key": ALIASED, "client": {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}}
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    asked = {"service_key": "rfc6749", "client": client, "uri": {"redirect_uri": "http://127.0.0.1:5/cb", "state": "s"}}
    for method, params in (
        ("createAuthorizationCode", {**asked, **challenge, "user_context": "anna", "scope": "a b"}),
        ("fetchApplication", {**asked, **challenge, "include": ["uri", "type", "profile", "scopes", "pkce"]}),
        ("createAccessToken", {**asked, "token_data": {"grant_type": "implicit", "response_type": "token"}}),
        *(("createAccessToken", {**asked, "token_data": _token_data(name)}) for name in FLOWS),
        ("createAccessToken", {**secret, "token_data": {"grant_type": "trial", "scope": "a+b"}}),
        ("fetchAccessToken", ["rfc6749", [ACCESS, "none"]]),
        ("updateAccessToken", [SERVICE_KEY, CLIENT_ID, "none", ACCESS, "a", 60, "bertha"]),
    ):
        yield {"jsonrpc": "2.0", "method": f"oauth2.{method}", "params": params, "id": "x"}
    more = {"service_key": "rfc6749", "include": ["profile", "grant_types", "response_types", "scopes"]}
    yield {"jsonrpc": "2.0", "method": "service.fetch", "params": more, "id": 1}
    yield {"jsonrpc": "2.0", "method": "rpc.discover", "id": None}
    for name, called in METHODS.items():
        yield {"jsonrpc": "2.0", "method": name, "params": _all(called.arguments.schema), "id": 1}


def _all(schema: Schema) -> dict[str, Any]:
    """Every argument that there is, with what the documentation has for it where it has something."""
    return {
        name: _all(field.schema) if isinstance(field, fields.Nested) else KNOWN.get(name, "a")
        for name, field in schema.fields.items()
    }


def _token_data(flow: str) -> dict[str, str]:
    texts = {"code": CODE, "refresh_token": REFRESH, "code_verifier": VERIFIER, "scope": "a"}
    return {"grant_type": flow, **texts}


def connections() -> Iterator[bytes]:
    """Requests of HTTP as they come, and as they had better not."""
    signed = b"POST /v2/json-rpc/SITE?apikey=APIKEY&sig=SIGNATURE HTTP/1.1\r\nHost: x\r\n"
    basic = b"POST /v3/json-rpc HTTP/1.1\r\nHost: x\r\nAuthorization: AUTHORIZATION\r\n"
    sized = b"Content-Length: 46\r\n\r\n" + HELLO
    chunked = (
        b"Transfer-Encoding: chunked\r\n\r\n10\r\n" + HELLO[:16] + b"\r\n1e;x=y\r\n" + HELLO[16:] + b"\r\n0\r\n\r\n"
    )
    yield from (signed + sized, basic + sized, basic + chunked, basic + sized + basic + chunked + signed + sized)
    for refused in (
        b"Basic !",
        b"Basic Og==",
        b"Basic //8=",
        b"Bearer x",
        b"AUTHORIZATION\r\nAuthorization: AUTHORIZATION",
    ):
        yield basic.replace(b"AUTHORIZATION", refused) + sized
    for wrong in (b"APIKEY", b"SIGNATURE", b"SITE"):
        yield signed.replace(wrong, b"7") + sized
    yield basic + b"Expect: 100-continue\r\nConnection: close\r\n" + sized
    yield basic + b"Content-Encoding: gzip\r\n" + sized
    yield basic + b"Content-Length: 46\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HELLO
    yield (basic + sized).replace(b"HTTP/1.1", b"HTTP/1.0")
    for method in (b"GET", b"HEAD", b"OPTIONS", b"TRACE", b"CONNECT"):
        for path in (b"/healthz", b"/readyz", b"/metrics", b"/v3/json-rpc", b"/v2/json-rpc/7?x=%ff", b"*", b"x:1"):
            yield method + b" " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    yield b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)


SEEDS = {"body": bodies, "connection": connections}


def words(kind: str) -> Iterator[str]:
    """The dictionary of a kind, in libFuzzer's format."""
    for word in HTTP_WORDS if kind == "connection" else ():
        yield f'"{word}"'
    for word in (*METHOD_NAMES, *MEMBER_NAMES, *SPELLINGS, *STRINGS, "jsonrpc", "version", "params", "id", "2.0"):
        yield '"' + "".join(f"\\x{byte:02x}" for byte in word[:64].encode("utf-8", "replace")) + '"'
