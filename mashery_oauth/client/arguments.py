"""What a call is given: the values that a provider got from its client, and their checks before anything is sent.

What a string holds is the backend's to judge, as it knows whose fault it is. A value of another type is the
provider's own mistake, and is told at once, with the argument's name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from ..errors import KEY_HEADER

KEY_LONGEST = 255
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A client's credentials as it sent them; ``None`` is "not sent"."""

    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where the user is sent, and the client's own state; in answers the URI may hold a code or a token."""

    redirect_uri: str | None = field(default=None, repr=False)
    state: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class TokenData:
    """What decides the flow, and what the flow needs, as the client sent it (RFC 6749 §4)."""

    grant_type: str | None = None
    scope: str | None = None
    code: str | None = field(default=None, repr=False)
    response_type: str | None = None
    refresh_token: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    code_verifier: str | None = field(default=None, repr=False)


def required(**values: object) -> dict[str, object]:
    """Arguments that must be there, checked, as the wire has them.

    :raises TypeError: one is of another type, or ``None``.
    :raises ValueError: one has a lone surrogate, which is no Unicode text and cannot be sent.
    """
    return {name: _CHECKS.get(name, text)(name, value) for name, value in values.items()}


def optional(**values: object) -> dict[str, object]:
    """The same for arguments that may be left out, with ``None``."""
    return required(**{name: value for name, value in values.items() if value is not None})


def text(name: str, value: object) -> str:
    """A string that can be sent."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} must be Unicode text, without lone surrogates") from None
    return value


def texts(name: str, value: object) -> list[str]:
    """Several strings, not one string that happens to be a sequence."""
    if isinstance(value, str | bytes) or not isinstance(value, Sequence):
        raise TypeError(f"{name} must be a list of strings")
    return [text(f"{name}[{at}]", each) for at, each in enumerate(value)]


def idempotency_key(value: object) -> str | None:
    """A key that the backend will take, or none."""
    if value is None:
        return None
    key = text("idempotency_key", value)
    if not 1 <= len(key) <= KEY_LONGEST or not all("!" <= letter <= "~" for letter in key):
        raise ValueError(f"idempotency_key must be 1 to {KEY_LONGEST} visible ASCII characters ({KEY_HEADER})")
    return key


def _whole_number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be a whole number")
    if not -_LARGEST <= value < _LARGEST:
        raise ValueError(f"{name} must have at most 64 bits")
    return value


def _object(cls: type[ClientCredentials | Redirect | TokenData]) -> Callable[[str, object], Mapping[str, object]]:
    names = [member.name for member in fields(cls)]

    def check(name: str, value: object) -> Mapping[str, object]:
        if not isinstance(value, cls):
            raise TypeError(f"{name} must be a {cls.__name__}")
        members = {member: getattr(value, member) for member in names}
        return {member: text(f"{name}.{member}", each) for member, each in members.items() if each is not None}

    return check


# How an argument is checked, where it is not plain text.
_CHECKS: Mapping[str, Callable[[str, object], object]] = {
    "client": _object(ClientCredentials),
    "uri": _object(Redirect),
    "token_data": _object(TokenData),
    "expires_in": _whole_number,
    "include": texts,
}
