"""The key ring: the first key seals and hashes, all of them open and compare, so that keys rotate."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .texts import SECRET, letters

_NONCE = 12  # bytes, NIST SP 800-38D §5.2.1.1


class RingError(Exception):
    """A key is malformed, or a value was sealed or hashed with a key that is not in the ring."""


def parse_keys(text: str) -> tuple[bytes, ...]:
    """Keys from ``MASHERY_OAUTH_KEYS``: comma-separated, 64 hexadecimal digits each.

    :raises RingError: one is not.
    """
    try:
        keys = tuple(bytes.fromhex(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise RingError("MASHERY_OAUTH_KEYS: each key is 64 hexadecimal digits") from None
    if not keys or any(len(key) != 32 for key in keys):
        raise RingError("MASHERY_OAUTH_KEYS: each key is 64 hexadecimal digits")
    return keys


class _Key:
    """One key and what is derived from it, each use with a key of its own."""

    def __init__(self, key: bytes) -> None:
        self.id = hashlib.sha256(b"id" + key).hexdigest()[:4]
        self.sealing = AESGCM(hmac.digest(key, b"seal", "sha256"))
        self.hashing = hmac.digest(key, b"hash", "sha256")
        self.texts = hmac.digest(key, b"text", "sha256")


class KeyRing:
    """Everything that the server's secret keys do.

    :raises RingError: two keys go by the same short name (one pair in 65,536): one would hide the other.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {key.id: key for key in map(_Key, keys)}
        if len(self._keys) < len(set(keys)):
            raise RingError("MASHERY_OAUTH_KEYS: two keys have the same short name; make another in place of one")
        self._first = next(iter(self._keys.values()))

    @property
    def current(self) -> str:
        """The short name of the key that seals now."""
        return self._first.id

    def seal(self, clear: bytes, context: str) -> str:
        """AES-256-GCM under the first key, bound to ``context``; opens only with the same one."""
        nonce = os.urandom(_NONCE)
        sealed = self._first.sealing.encrypt(nonce, clear, context.encode())
        return self._first.id + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, context: str) -> bytes:
        """What was sealed.

        :raises RingError: its key is not in the ring, or it was tampered with.
        """
        key = self._keys.get(sealed[:4])
        if key is None:
            raise RingError("sealed with a key that is not in MASHERY_OAUTH_KEYS")
        try:
            raw = base64.urlsafe_b64decode(sealed[4:])
            return key.sealing.decrypt(raw[:_NONCE], raw[_NONCE:], context.encode())
        except (InvalidTag, binascii.Error, ValueError):
            raise RingError("a sealed value does not open") from None

    def hash(self, secret: str) -> str:
        """A keyed hash of a secret: key name, colon, HMAC-SHA-256."""
        return f"{self._first.id}:{hmac.digest(self._first.hashing, secret.encode(), 'sha256').hex()}"

    def matches(self, secret: str, hashed: str) -> bool:
        """Whether the secret is the hashed one; takes as long either way."""
        name, _, expected = hashed.partition(":")
        key = self._keys.get(name)
        if key is None:
            return False
        found = hmac.digest(key.hashing, secret.encode(), "sha256").hex()
        return hmac.compare_digest(found, expected)

    def derive(self, token_id: bytes, key: str) -> str | None:
        """The secret part of the token with this id, made again; ``None`` when its key has left the ring."""
        found = self._keys.get(key)
        return None if found is None else letters(hmac.digest(found.texts, token_id, "sha512"), SECRET)


def seal_for(text: str, clear: bytes) -> str:
    """Seals under a key from ``text`` itself: only who holds that text can open it again."""
    nonce = os.urandom(_NONCE)
    return base64.urlsafe_b64encode(nonce + _own_key(text).encrypt(nonce, clear, None)).decode()


def open_for(text: str, sealed: str) -> bytes:
    """What :func:`seal_for` sealed.

    :raises RingError: it was sealed for another text.
    """
    try:
        raw = base64.urlsafe_b64decode(sealed)
        return _own_key(text).decrypt(raw[:_NONCE], raw[_NONCE:], None)
    except (InvalidTag, binascii.Error, ValueError):
        raise RingError("a sealed answer does not open") from None


def _own_key(text: str) -> AESGCM:
    return AESGCM(hmac.digest(text.encode(), b"grace", "sha256"))
