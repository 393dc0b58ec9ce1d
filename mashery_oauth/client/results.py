"""What calls result in. The three dialects look alike here: a null and a member that is absent are both ``None``.

What an answer has beyond these members is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TypeVar, get_type_hints

from .arguments import Redirect

T = TypeVar("T")


class Unexpected(ValueError):
    """A result that is not of the form that it should have; says where, and nothing of what is there."""


@dataclass(frozen=True, slots=True)
class Application:
    """A client, for the consent page; the last five are there if ``include`` asked for them."""

    id: int
    name: str
    external_id: str | None = None
    attributes: str | None = None
    uri: Redirect | None = None  # the redirect URI in force
    type: str | None = None  # confidential or public
    profile: str | None = None  # the text that the service follows
    scopes: tuple[str, ...] | None = None  # those that may be asked for; None where any may
    pkce: str | None = None  # required or optional: whether this client must send a challenge for a code


@dataclass(frozen=True, slots=True)
class AuthorizationCode:
    """A code, and the whole URI to send the user to."""

    code: str = field(repr=False)
    uri: Redirect


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token that was made. ``uri`` is where to send the user with it if ``return_type`` is ``redirect``."""

    return_type: str
    access_token: str = field(repr=False)
    token_type: str
    expires_in: int | None = None  # seconds; None where it does not expire
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    user_context: str | None = None  # Cloud does not tell it here
    state: str | None = field(default=None, repr=False)
    uri: Redirect | None = None
    extended: Mapping[str, object] | None = field(default=None, repr=False)  # a MAC token's key


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What a live token stands for."""

    client_id: str
    token_type: str
    grant_type: str
    expires: datetime | None = None  # UTC; None where it does not expire
    scope: str | None = None
    user_context: str | None = None
    extended: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class UserApplication:
    """An application that has tokens of a user."""

    id: int
    name: str
    client_id: str
    access_tokens: tuple[str, ...] = field(default=(), repr=False)


def _list(name: str, value: object) -> list[object]:
    if not isinstance(value, list):
        raise Unexpected(f"{name} is no list")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise Unexpected(f"{name} is no string")
    return value


def _number(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unexpected(f"{name} is no whole number")
    return value


def _time(name: str, value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(name, value))
    except ValueError:
        raise Unexpected(f"{name} is no time") from None
    if moment.tzinfo is None:
        raise Unexpected(f"{name} is a time without a zone")
    return moment


def _texts(name: str, value: object) -> tuple[str, ...]:
    return tuple(_text(name, each) for each in _list(name, value))


def _object(name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Unexpected(f"{name} is no object")
    return value


def _redirect(name: str, value: object) -> Redirect:
    members = _object(name, value)
    given = {each: members.get(each) for each in ("redirect_uri", "state")}
    return Redirect(**{each: None if value is None else _text(each, value) for each, value in given.items()})


Convert = Callable[[str, object], object]
_NEEDED: dict[object, Convert] = {
    str: _text,
    int: _number,
    datetime: _time,
    Redirect: _redirect,
    tuple[str, ...]: _texts,
    Mapping[str, object]: _object,
}


def _or_none(convert: Convert) -> Convert:
    return lambda name, value: None if value is None else convert(name, value)


_CONVERTERS = _NEEDED | {hint | None: _or_none(convert) for hint, convert in _NEEDED.items()}  # type: ignore[operator]


def one(cls: type[T]) -> Callable[[object], T]:
    """Reads an object into a dataclass."""
    hints = get_type_hints(cls)
    converters = {member.name: _CONVERTERS[hints[member.name]] for member in fields(cls)}  # type: ignore[arg-type]

    def read(value: object) -> T:
        members = _object("result", value)
        return cls(**{name: convert(name, members.get(name)) for name, convert in converters.items()})

    return read


def many(cls: type[T]) -> Callable[[object], list[T]]:
    """Reads a list of objects."""
    read_one = one(cls)
    return lambda value: [read_one(each) for each in _list("result", value)]


def in_order_of(texts: Sequence[str]) -> Callable[[object], list[TokenInfo | None]]:
    """Reads fetchAccessToken's list, which leaves out what is not alive, into the order of the texts asked for."""

    def read(value: object) -> list[TokenInfo | None]:
        found = {
            _text("access_token", _object("result", each).get("access_token")): each for each in _list("result", value)
        }
        return [token_info(found[text]) if text in found else None for text in texts]

    return read


def truth(value: object) -> bool:
    """Reads a yes or no."""
    if not isinstance(value, bool):
        raise Unexpected("result is not true or false")
    return value


application = one(Application)
authorization_code = one(AuthorizationCode)
access_token = one(AccessToken)
token_info = one(TokenInfo)
user_applications = many(UserApplication)
