"""Codes and tokens as texts, and what a text tells its store without a look-up.

A code or access token is a tag (12 letters) and a secret (32); a refresh token has its family (16) between
them. The first three letters of the tag are the Redis Cluster hash tag of everything kept for that user at
that service, all twelve name the user's index and marks. What leaves us has everything before the secret
masked with a keyed hash of the secret, so that two tokens of one user look unrelated and nobody can aim
at a slot.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import os
import re
from typing import NamedTuple

ALPHABET = b"0123456789abcdefghijklmnopqrstuvwxyz"
TAG, FAMILY, SECRET = 12, 16, 32
DIGEST = 22
HANDLE = "sha256:"

_SHORT = re.compile(r"[a-z0-9]{44}").fullmatch
_LONG = re.compile(r"[a-z0-9]{60}").fullmatch
_HANDLE = re.compile(r"sha256:([a-z0-9]{12})([A-Za-z0-9_-]{22})").fullmatch

# Seven times 36 is 252: bytes above are dropped, so that every letter is equally likely.
_LETTERS = bytes(ALPHABET[byte % 36] for byte in range(256))
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_DROPPED = bytes(range(252, 256))
_FORTH = bytes(byte % 36 for byte in range(256))
_BACK = bytes(36 - byte % 36 for byte in range(256))
_VALUES = bytes(max(ALPHABET.find(bytes([byte])), 0) for byte in range(256))


def letters(source: bytes, count: int) -> str:
    """The first ``count`` letters that a string of random bytes spells; ``source`` has a few bytes to spare."""
    return source.translate(_LETTERS, _DROPPED)[:count].decode()


def random_letters(count: int) -> str:
    """``count`` letters from the operating system's generator, 5.17 bits each."""
    text = letters(os.urandom(count + 16), count)
    return text if len(text) == count else random_letters(count)


def digest(text: str) -> str:
    """The first 128 bits of SHA-256, 22 characters: what a key holds instead of a text."""
    raw = binascii.b2a_base64(hashlib.sha256(text.encode()).digest()[:16], newline=False)
    return raw[:DIGEST].translate(_URL_SAFE).decode()


class Place(NamedTuple):
    """Where a text's records are: unmasked tag, digest of the text, and its family (empty but for refresh tokens)."""

    tag: str
    digest: str
    family: str = ""


class Texts:
    """Makes and reads texts. ``salt`` is fixed for the store's life: with another one no index would be found."""

    def __init__(self, salt: bytes) -> None:
        self._tag_key = hmac.digest(salt, b"tag", "sha256")
        mask_key = hmac.digest(salt, b"mask", "sha256")
        self._masks = {length: hashlib.blake2b(key=mask_key, digest_size=length) for length in (TAG, TAG + FAMILY)}

    def tag_of_user(self, service_id: int, user_context: str) -> str:
        """The tag of everything one user has at one service."""
        return self._tag(f"u{service_id}:{user_context}")

    def tag_of_client(self, service_id: int, application_id: int) -> str:
        """The tag of what a client has for itself where its tokens must be counted or replaced."""
        return self._tag(f"c{service_id}:{application_id}")

    def tag_of_key(self, name: str) -> str:
        """The tag of what a call with an idempotency key makes where there is no user."""
        return self._tag(f"k{name}")

    def _tag(self, name: str) -> str:
        return letters(hashlib.blake2b(name.encode(), key=self._tag_key).digest(), TAG)

    def mask(self, prefix: str, secret: str) -> str:
        """The text that leaves us: the masked prefix, then the secret."""
        return self._shift(prefix, secret, _FORTH) + secret

    def _shift(self, prefix: str, secret: str, direction: bytes) -> str:
        """Moves each letter by a keyed hash of the secret. All letters at once: their sums stay below a byte."""
        length = len(prefix)
        mask = self._masks[length].copy()
        mask.update(secret.encode())
        pad = mask.digest().translate(direction)
        moved = int.from_bytes(prefix.encode().translate(_VALUES)) + int.from_bytes(pad)
        return moved.to_bytes(length).translate(_LETTERS).decode()

    def locate(self, text: str) -> Place | None:
        """The place of a code or access token; ``None`` when the text cannot be one of ours."""
        if _SHORT(text) is None:
            return None
        return Place(self._shift(text[:TAG], text[-SECRET:], _BACK), digest(text))

    def locate_refresh(self, text: str) -> Place | None:
        """The place of a refresh token; ``None`` when the text cannot be one of ours."""
        if _LONG(text) is None:
            return None
        prefix = self._shift(text[: TAG + FAMILY], text[-SECRET:], _BACK)
        return Place(prefix[:TAG], digest(text), prefix[TAG:])

    def handle(self, place: Place) -> str:
        """A name for a token that is no credential: it can be revoked by it, never used."""
        return HANDLE + self._shift(place.tag, place.digest, _FORTH) + place.digest

    def locate_handle(self, handle: str) -> Place | None:
        """The place that a ``sha256:`` handle names."""
        found = _HANDLE(handle)
        if found is None:
            return None
        return Place(self._shift(found[1], found[2], _BACK), found[2])
