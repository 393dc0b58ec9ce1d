"""Who may log in: users from a TOML file with hashed passwords, or from anything that can be asked.

A provider has its own users already. What the pages and the password flow want of them is one function: a name and a
password in, a user or ``None`` out. The file is one such function, good for a handful of people. Whatever it is, it
is asked through :class:`Door`, which holds up whoever guesses.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from weakref import WeakValueDictionary

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError

from ..bounded import keep
from .tables import read_toml

NAME_LONGEST, PASSWORD_LONGEST = 255, 1024
STAMP_LENGTH = 32  # hexadecimal digits
HASHES_AT_ONCE = 2  # each takes a core for a while, and some 64 MiB
ASKED_AT_ONCE = 8  # so many wrong passwords may be too many
WINDOW = 300.0  # seconds in which wrong passwords add up
WRONG_OF_USER, WRONG_OF_ADDRESS = 5, 100  # in a window: of one name from one address, and of one address
REMEMBERED = 10_000  # names and addresses
NETWORK = 64  # bits: who has one IPv6 address has all of them up to here


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can log in. ``user_context`` is what the backend knows them by; it must never change.

    ``stamp`` is kept in their sessions, and is another when their password is; empty where nobody tells.
    """

    user_context: str
    name: str
    stamp: str = field(default="", repr=False, compare=False)


Users = Callable[[str, str], Awaitable[User | None]]


@runtime_checkable
class Lasting(Protocol):
    """Users that can tell, too, whether somebody who has logged in is still one of them."""

    async def current(self, user: User) -> User | None:
        """The user of a session as they are now; ``None`` ends it. It is asked at each use of a session."""
        ...


class UsersError(Exception):
    """The file of users cannot be used; the text names the key."""


class TooManyAttempts(Exception):
    """Wrong passwords were too many. ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("Too many failed attempts")
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the file, with the hash of their password."""

    user: User
    password: str = field(repr=False)


class Accounts:
    """The users of a file, to be asked as any :data:`Users`, and whether they are there still."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts
        self._current = {each.user.user_context: each.user for each in accounts.values()}
        self._kinds = {_kind(each.password): each.password for each in accounts.values()}
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)

    async def __call__(self, name: str, password: str) -> User | None:
        """The user with this name and password, if there is one."""
        account = self._accounts.get(name)
        async with self._hashing:
            right = await asyncio.to_thread(self._is_right, account, password)
        return account.user if account and right else None

    async def current(self, user: User) -> User | None:
        """See :class:`Lasting`: who has left the file, or has another password, must log in anew."""
        known = self._current.get(user.user_context)
        return known if known is not None and known.stamp == user.stamp else None

    def _is_right(self, account: Account | None, password: str) -> bool:
        """What is wrong costs one hash of each kind in the file, whoever was named, so that time does not tell."""
        if account is not None and _matches(account.password, password):
            return True
        own = _kind(account.password) if account is not None else None
        for kind, hashed in self._kinds.items():
            if kind != own:
                _matches(hashed, password)
        return False


def read_users(path: Path) -> Accounts:
    """The users of a TOML file.

    A table ``[users.NAME]`` for each, with ``password`` (an Argon2 hash), and with ``user_context`` and ``name`` where
    they are not the name that is typed.

    :raises UsersError: it cannot be read, or something in it is wrong.
    """
    tables = read_toml(path, UsersError).get("users")
    if not isinstance(tables, dict) or not tables:
        raise UsersError(f"{path}: users: at least one is needed, as a table [users.NAME]")
    accounts = {name: _account(f"{path}: users.{name}", name, table) for name, table in tables.items()}
    if len({account.user.user_context for account in accounts.values()}) < len(accounts):
        raise UsersError(f"{path}: users: two have the same user_context")
    return Accounts(accounts)


def hash_password(password: str) -> str:
    """The text for a file of users."""
    return PasswordHasher().hash(password)


def hash_generated_password(password: str) -> str:
    """The same for random letters that nobody could guess, even as fast as can be: slow hashing protects nothing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(password)


def _account(place: str, name: str, table: Any) -> Account:
    if not isinstance(table, dict):
        raise UsersError(f"{place}: must be a table")
    members = {"password": "", "user_context": name, "name": name}
    for key in sorted(table.keys() - members.keys()):
        raise UsersError(f"{place}.{key}: is not known")
    members |= table
    for key, value in members.items():
        if not isinstance(value, str) or not 0 < len(value) <= NAME_LONGEST:
            raise UsersError(f"{place}.{key}: must be a string of 1 to {NAME_LONGEST} characters")
    try:
        extract_parameters(members["password"])
    except InvalidHashError:
        raise UsersError(f"{place}.password: is no Argon2 hash") from None
    stamp = hashlib.sha256(members["password"].encode()).hexdigest()[:STAMP_LENGTH]
    return Account(User(members["user_context"], members["name"], stamp), members["password"])


def _kind(hashed: str) -> str:
    """All of a hash that says what it costs: its algorithm and parameters, without salt and digest."""
    return hashed.rsplit("$", 2)[0]


def _matches(hashed: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(hashed, password)
    except VerificationError:
        return False


@dataclass(slots=True)
class Wrong:
    """Wrong passwords of late, by whose they were."""

    most: int
    window: float
    seen: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def wait(self, who: str) -> float:
        """Seconds until one more may be tried; 0 for at once."""
        times = self._of_late(who)
        return times[-self.most] + self.window - time.monotonic() if len(times) >= self.most else 0

    def add(self, who: str) -> None:
        """One more."""
        keep(self.seen, REMEMBERED, who, (*self._of_late(who), time.monotonic()))

    def forget(self, who: str) -> None:
        """All were typing errors."""
        self.seen.pop(who, None)

    def _of_late(self, who: str) -> tuple[float, ...]:
        since = time.monotonic() - self.window
        return tuple(at for at in self.seen.get(who, ()) if at > since)


class Door:
    """The way to the users for whoever comes from outside.

    Wrong passwords are counted for each name from each address, so that nobody can lock somebody else out, and for
    each address, so that one password cannot be tried on many names. Names that nobody has count like the others.
    One name is tried once at a time from one address: a hundred tries at once are no way round, and a hundred
    right ones are no guessing.
    """

    def __init__(self, users: Users, *, window: float = WINDOW) -> None:
        self._users = users
        self._of_user = Wrong(WRONG_OF_USER, window)
        self._of_address = Wrong(WRONG_OF_ADDRESS, window)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._asking = asyncio.Semaphore(ASKED_AT_ONCE)

    async def enter(self, name: str, password: str, address: str | None) -> User | None:
        """The user with this name and password, if there is one.

        :param address: where the request came from.
        :raises TooManyAttempts: whether the password is right or not.
        """
        if not 0 < len(name) <= NAME_LONGEST or not 0 < len(password) <= PASSWORD_LONGEST:
            return None
        network = _network(address)
        who = f"{network} {name}"
        async with self._locks.setdefault(who, asyncio.Lock()), self._asking:
            wait = max(self._of_user.wait(who), self._of_address.wait(network))
            if wait > 0:
                raise TooManyAttempts(math.ceil(wait))
            user = await self._users(name, password)
            if user is None:
                self._of_user.add(who)
                self._of_address.add(network)
            else:
                self._of_user.forget(who)
        return user

    async def current(self, user: User) -> User | None:
        """The user of a session as they are now, as far as these users can tell; ``None`` if they are gone."""
        return await self._users.current(user) if isinstance(self._users, Lasting) else user


def _network(address: str | None) -> str:
    """An address, or of an IPv6 address the network that one customer has."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv6Address):
        return str(known.ipv4_mapped or ipaddress.ip_network((known, NETWORK), strict=False))
    return str(known)
