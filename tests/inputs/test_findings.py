"""What the fuzzers have found, so that it stays mended. Each input says what had come of it."""

from __future__ import annotations

import pytest

from .target import running

BODIES = {
    "a null among what to include was told of in the words of a library": (
        b'\x00{"jsonrpc":"2.0","method":"oauth2.fetchApplication","id":1,"params":{"service_key":"k7wq2m9x4t1z8c5v3n6b0d2f",'
        b'"client":{"client_id":"c3x8v1n6m4k9q2w7r5t0y3p1"},"include":["uri","x",null]}}'
    ),
}
CONNECTIONS = {
    "a request without a version was answered in HTTP/0.9": b"GET /v3/jso\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a request in HTTP/2.0 was answered in HTTP/2.0": b"GET /v3/json-rpc HTTP/2.0\r\nHost: x\r\n\r\n",
    "a call in HTTP/0.9 was carried out": (
        b"POST /v3/json-rpc HTTP/0.9\r\nHost: x\r\nAuthorization: AUTHORIZATION\r\nContent-Length: 46\r\n\r\n"
        b'{"jsonrpc":"2.0","method":"test.hello","id":1}'
    ),
}


@pytest.mark.parametrize("found", BODIES)
def test_a_body_that_was_found_does_no_harm_any_more(own_url: str, found: str) -> None:
    with running("body", own_url) as attempt:
        attempt(BODIES[found])


@pytest.mark.parametrize("found", CONNECTIONS)
def test_a_connection_that_was_found_does_no_harm_any_more(own_url: str, found: str) -> None:
    with running("connection", own_url) as attempt:
        attempt(CONNECTIONS[found])
