"""MAC tokens: a request is signed with a key that never travels. draft-ietf-oauth-v2-http-mac-00 and -01.

The two differ in what says when: -00 has the token's age in front of the nonce and may sign the body, -01 has a time
stamp of its own. A request with ``ts`` is read as -01, one without as -00. Whichever it is, the algorithm is the one
that the token was issued with; a request has no say in it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..bounded import keep
from .bearer import Malformed

WINDOW = 300  # seconds that clocks may differ
MOST = 100_000  # nonces, and tokens in use
_ALGORITHMS = {"hmac-sha-1": hashlib.sha1, "hmac-sha-256": hashlib.sha256}
_KNOWN = frozenset({"id", "nonce", "ts", "bodyhash", "ext", "mac"})
_ATTRIBUTE = re.compile(r'\s*([a-z]+)="([^"\\]*)"\s*(?:,|$)')
_NUMBER = re.compile(r"0|[1-9][0-9]{0,11}").fullmatch


@dataclass(frozen=True, slots=True)
class Signed:
    """What the ``Authorization: MAC`` of a request says."""

    id: str  # the access token
    nonce: str
    mac: str
    ts: str | None = None
    bodyhash: str | None = None
    ext: str = ""

    @property
    def second(self) -> int:
        """When it was signed: since 1970 in -01, since the token was issued in -00."""
        return int(self.ts if self.ts is not None else self.nonce.partition(":")[0])


@dataclass(frozen=True, slots=True)
class Received:
    """The request that was signed, as it came."""

    method: str
    target: str  # path and query, unsorted and undecoded
    host: str
    port: int
    body: bytes = b""


def parse(header: str) -> Signed:
    """The attributes of a header.

    :raises Malformed: it does not have those of either text.
    """
    values = _attributes(header.partition(" ")[2])
    if not values.keys() >= {"id", "nonce", "mac"} or not values["id"]:
        raise Malformed
    signed = Signed(**values)
    if signed.ts is None:
        age, colon, random = signed.nonce.partition(":")
        good = bool(_NUMBER(age) and colon and random)
    else:
        good = bool(_NUMBER(signed.ts) and signed.nonce) and signed.bodyhash is None
    if not good:
        raise Malformed
    return signed


def _attributes(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _ATTRIBUTE.match(text, at)
        if match is None or match[1] in found or match[1] not in _KNOWN:
            raise Malformed
        found[match[1]] = match[2]
        at = match.end()
    return found


def normalized(signed: Signed, received: Received) -> str:
    """The text that is signed: a line for each part, the last one ended too (-00 §3.3.1, -01 §3.2.1)."""
    first = [signed.nonce] if signed.ts is None else [signed.ts, signed.nonce]
    place = [received.method.upper(), received.target, received.host.lower(), str(received.port)]
    last = [signed.bodyhash or "", signed.ext] if signed.ts is None else [signed.ext]
    return "".join(f"{line}\n" for line in (*first, *place, *last))


def signature(key: str, algorithm: str, text: str) -> str:
    """The ``mac`` of a text; the key counts as its letters, whatever they may encode."""
    digest = hmac.digest(key.encode(), text.encode(errors="surrogateescape"), _ALGORITHMS[algorithm])
    return base64.b64encode(digest).decode()


def body_hash(algorithm: str, body: bytes) -> str:
    """The ``bodyhash`` of a body, in -00."""
    return base64.b64encode(_ALGORITHMS[algorithm](body).digest()).decode()


def is_genuine(signed: Signed, received: Received, extended: Mapping[str, object] | None) -> bool:
    """Whether the holder of the token's key has signed this request.

    :param extended: what the backend has of the token: its key and algorithm.
    """
    key, algorithm = (str((extended or {}).get(name, "")) for name in ("mac_key", "mac_algorithm"))
    if not key or algorithm not in _ALGORITHMS:
        return False
    if signed.bodyhash is not None and not _same(signed.bodyhash, body_hash(algorithm, received.body)):
        return False
    return _same(signed.mac, signature(key, algorithm, normalized(signed, received)))


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())


class Nonces:
    """What was signed of late, so that a request that somebody recorded is good once.

    In -00 nobody says when the token was issued: its first use does. All of this is forgotten when the process ends;
    several processes would have to share it.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._seen: dict[tuple[str, int, str], float] = {}
        self._issued: dict[str, float] = {}

    def is_fresh(self, signed: Signed) -> bool:
        """Whether a genuine request has come in time, and for the first time; it is remembered."""
        now = self._clock()
        issued = 0.0 if signed.ts is not None else self._issued.get(signed.id, now - signed.second)
        name = signed.id, signed.second, signed.nonce
        if abs(now - issued - signed.second) > WINDOW or name in self._seen:
            return False
        self._forget(now)
        keep(self._seen, MOST, name, now + 2 * WINDOW)
        if signed.ts is None:
            keep(self._issued, MOST, signed.id, issued)
        return True

    def _forget(self, now: float) -> None:
        """Those that are over anyhow; the oldest come first."""
        while self._seen and next(iter(self._seen.values())) <= now:
            del self._seen[next(iter(self._seen))]
