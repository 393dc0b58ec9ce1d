"""What a running service leaves behind of hostile and secret texts: nothing in its log, nothing in its metrics."""

from __future__ import annotations

import base64
import json
import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.effort import tally, times
from tests.serving import BASIC, CLIENT, PASSWORD, SECRET, SERVICE, Running, rpc, running, wait_for
from tests.world import World

from .calls import CHALLENGE, Call, batch
from .payloads import MARK, PAYLOADS

FORGED = [
    "h0stile\n",
    "h0stile\r\n\r\n",
    'h0stile\n{"event": "forged", "level": "info"}\n',
    "h0stile\x00\x1b[2J",
    "h0stile\u2028",
]
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
UNLIKELY = 150.0  # of chi squared with 35 degrees of freedom: once in 10^15 tries

together = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Watched:
    """A service that says all it has to say, and the secrets that it was given."""

    service: Running
    secrets: list[str] = field(default_factory=lambda: [SECRET, PASSWORD, BASIC["Authorization"].split()[1]])

    def token(self) -> str:
        """A token, remembered."""
        self.secrets.append(self.service.new_token())
        return self.secrets[-1]

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> bytes:
        """Bytes sent as they are; all that comes back."""
        lines = [f"POST {path} HTTP/1.1", "Host: x", "Connection: close", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        with socket.create_connection(("127.0.0.1", self.service.port), timeout=20) as line:
            line.sendall("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)
            return _heard(line)

    def attack(self, text: str) -> None:
        """One hostile text wherever one can be put."""
        token, basic = self.token(), base64.b64encode(f"{text}:{text}".encode()).decode()
        hello = rpc("test.hello", None).encode()
        self.post(f"/v2/json-rpc/1?apikey={quote(text)}&sig={quote(text)}", hello, {})
        self.post("/v3/json-rpc", hello, {"Authorization": f"Basic {basic}"})
        self.post(f"/{quote(text)}?access_token={token}", hello, BASIC)
        self.post("/v3/json-rpc", text.encode(), BASIC)
        self.post("/v3/json-rpc", hello, BASIC | {"Referer": quote(text), "User-Agent": quote(text)})
        with socket.create_connection(("127.0.0.1", self.service.port), timeout=20) as line:
            line.sendall(text.encode() + b"\r\n\r\n")
            _heard(line)
        for method, params in calls(text, token):
            self.service.request("/v3/json-rpc", rpc(method, params))


def _heard(line: socket.socket) -> bytes:
    """All that comes back; a connection that is closed over what was still to be read may be reset."""
    heard = b""
    with suppress(ConnectionResetError):
        while more := line.recv(65536):
            heard += more
    return heard


def calls(text: str, token: str) -> Iterator[tuple[str, Any]]:
    """Calls with a hostile text in every place, a good secret beside it."""
    client = {"client_id": CLIENT, "client_secret": SECRET}
    yield text, {"service_key": SERVICE}
    yield "oauth2.fetchAccessToken", [text, token]
    yield "oauth2.fetchAccessToken", [SERVICE, [token, text]]
    yield "oauth2.fetchApplication", {"service_key": SERVICE, "client": {"client_id": text, "client_secret": SECRET}}
    data = {"grant_type": text, "scope": text, "code": text, "refresh_token": text, "response_type": text}
    yield "oauth2.createAccessToken", {"service_key": SERVICE, "client": client, "token_data": data}
    yield "oauth2.createAccessToken", {"service_key": SERVICE, "client": client, "user_context": text[:255],
                                       "token_data": {"grant_type": "client_credentials", "scope": "a"}}  # fmt: skip
    yield "oauth2.fetchUserApplications", [SERVICE, text[:255], text]
    yield "oauth2.revokeUserApplication", [SERVICE, client, text[:255]]
    yield "oauth2.updateAccessToken", {"service_key": SERVICE, "client": client, "access_token": token, "scope": text}


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A service of its own, whose log says everything; attacked with its store there, and while it was gone."""
    folder = Path(tmp_path_factory.mktemp("traces")) / "data"
    with running(folder, log_level="debug", store_timeout=1, fsync="no") as service:
        made = Watched(service)
        for text in [*FORGED, *PAYLOADS.values()]:
            made.attack(text)
        kept = made.token()
        process = service.valkey
        os.kill(process, signal.SIGSTOP)
        try:
            for method, params in islice(calls(FORGED[2], kept), 3):
                service.request("/v3/json-rpc", rpc(method, params))
        finally:
            os.kill(process, signal.SIGCONT)
        wait_for(lambda: service.checks()[0] == 200)
        yield made


@pytest.mark.keeps("CVE-2026-50629")
def test_a_hostile_text_forges_no_line_of_the_log(watched: Watched) -> None:
    lines = watched.service.log.split("\n")

    entries = [json.loads(line) for line in lines if line]
    tally("lines of log that were read", len(entries))
    assert len(entries) > 10
    assert {"bad_request"} < {entry["event"] for entry in entries}
    assert all({"event", "level", "timestamp"} <= set(entry) for entry in entries)
    assert MARK not in watched.service.log
    assert not any("forged" in line for line in lines)


@pytest.mark.keeps("DOT-1735", "DOT-1736", "RFC9700-4.2", "RFC9700-4.3.2")
def test_no_secret_is_in_a_log_or_a_metric(watched: Watched) -> None:
    seen = watched.service.log + watched.service.request("/metrics")[1] + watched.service.request("/readyz")[1]

    assert len(watched.secrets) > len(PAYLOADS)
    assert "mashery_oauth_calls_total" in seen
    assert [secret for secret in watched.secrets if secret in seen] == []
    assert [secret for secret in watched.secrets if secret[-32:] in seen] == []
    assert MARK not in seen


@together
@pytest.mark.keeps("DOT-1734")
async def test_texts_that_are_made_cannot_be_foretold(town: World) -> None:
    service = await town.add_service("rfc6749")
    client = await town.add_application(service)
    named = {"service_key": service.key, "client": {"client_id": client.client_id,
                                                    "client_secret": "client-secret-of-the-test"}}  # fmt: skip
    uri = {"uri": {"redirect_uri": client.redirect_uris[0]}, "user_context": "user"}
    made: dict[str, list[str]] = {"code": [], "access_token": [], "refresh_token": []}

    for _ in range(times(10)):
        codes = await batch(town, [Call("createAuthorizationCode", named | uri | CHALLENGE)] * 100)
        data = {"token_data": {"grant_type": "password"}, "user_context": "user"}
        tokens = await batch(town, [Call("createAccessToken", named | data)] * 50)
        for answer in codes + tokens:
            for name in made.keys() & answer.result.keys():
                made[name].append(answer.result[name])

    for texts in made.values():
        tally("texts looked at letter by letter", len(texts))
        assert len(set(texts)) == len(texts)
        for letters in zip(*texts, strict=True):
            expected = len(texts) / len(LETTERS)
            seen = Counter(letters)
            assert sum((seen[letter] - expected) ** 2 / expected for letter in LETTERS) < UNLIKELY
