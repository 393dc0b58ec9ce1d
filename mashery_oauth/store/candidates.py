"""New texts, made before a script decides: what it keeps of them, and what only the client will ever have."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass

from ..models import Policy
from .ring import KeyRing
from .texts import FAMILY, SECRET, Place, Texts, digest, random_letters
from .values import short

_ID = 20  # bytes, 160 bits
_START = 6  # letters of an id that a record keeps, to find its member again


@dataclass(frozen=True, slots=True)
class Candidate:
    """A new access token.

    ``member`` is what its user's index keeps: an id to derive the text from or a digest, and the configuration version.
    """

    text: str
    place: Place
    member: str = ""
    mac: str = ""  # algorithm and sealed key, for a MAC token
    extended: dict[str, str] | None = None

    @property
    def start(self) -> str:
        """The first letters of the member."""
        return self.member[:_START]


def mac_context(place: Place) -> str:
    """What a sealed MAC key is bound to."""
    return f"mac:{place.digest}"


class Candidates:
    """Makes texts for a service's policy."""

    def __init__(self, texts: Texts, ring: KeyRing) -> None:
        self._texts, self._ring = texts, ring

    def access(self, tag: str, policy: Policy, version: int, *, listed: bool) -> Candidate:
        """An access token; one that a list will show is derived from an id, so that no text need be kept.

        :param version: of the configuration, below which the list will take it for dead.
        """
        if not listed or policy.secure_tokens:
            secret, token_id = random_letters(SECRET), b""
        else:
            token_id = os.urandom(_ID)
            secret = self._ring.derive(token_id, self._ring.current) or ""
        text = self._texts.mask(tag, secret)
        place = Place(tag, digest(text))
        member = ""
        if listed:
            name = self._member(token_id) if token_id else "#" + place.digest
            member = f"{name}.{short(version)}"
        mac, extended = self._mac(place, policy)
        return Candidate(text, place, member, mac, extended)

    def _member(self, token_id: bytes) -> str:
        return base64.urlsafe_b64encode(token_id).rstrip(b"=").decode() + self._ring.current

    def _mac(self, place: Place, policy: Policy) -> tuple[str, dict[str, str] | None]:
        """draft-ietf-oauth-v2-http-mac §5.1: a key of the token's own, of which the store has a sealed copy."""
        if policy.token_type != "mac":
            return "", None
        key = random_letters(SECRET)
        sealed = self._ring.seal(key.encode(), mac_context(place))
        return f"{policy.mac_algorithm}:{sealed}", {"mac_key": key, "mac_algorithm": policy.mac_algorithm}

    def code(self, tag: str) -> tuple[str, Place]:
        """An authorization code."""
        text = self._texts.mask(tag, random_letters(SECRET))
        return text, Place(tag, digest(text))

    def refresh(self, tag: str, family: str) -> tuple[str, Place]:
        """A refresh token of a family."""
        text = self._texts.mask(tag + family, random_letters(SECRET))
        return text, Place(tag, digest(text), family)

    @staticmethod
    def family() -> str:
        """A new family's name."""
        return random_letters(FAMILY)

    def place_of(self, tag: str, member: str) -> Place | None:
        """Where the token is that a member stands for; ``None`` if the key that its text was derived with is gone."""
        if member.startswith("#"):
            return Place(tag, member[1:])
        text = self.text_of(tag, member)
        return None if text is None else Place(tag, digest(text))

    def text_of(self, tag: str, member: str) -> str | None:
        """The text that a member stands for; a handle where texts are not derived; ``None`` if its key is gone."""
        if member.startswith("#"):
            return self._texts.handle(Place(tag, member[1:]))
        token_id = base64.urlsafe_b64decode(member[:27] + "=")
        secret = self._ring.derive(token_id, member[27:])
        return None if secret is None else self._texts.mask(tag, secret)
