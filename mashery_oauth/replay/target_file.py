"""A target in a TOML file, or several that have much in common, so that a run needs one line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .flaws import flaws
from .login import Login
from .reading import Layer, Malformed, Members, read_toml
from .rules import rule_sets
from .target import MAIN, TIMEOUT, Client, Target

ROLES = (MAIN, "second", "public")
WAYS = ("", "basic", "body")


def read_targets(path: Path) -> tuple[Target, ...]:
    """The target of a file; or those under ``[[targets]]``, each of which says only what differs from the rest.

    :raises Malformed: the file is not as it should be; the text names the key.
    """
    members = read_toml(path)
    rows = members.rows("targets")
    if not rows:
        return (_target(members, path.stem),)
    rest = {name: members.value(name) for name in members.names}
    try:
        tables = [_merged(rest, row, members.where, at) for at, row in enumerate(rows, start=1)]
    except RecursionError:
        raise members.wrong("targets", "has tables that are in one another too deep") from None
    return tuple(_target(table, path.stem) for table in tables)


def _merged(rest: Mapping[str, object], row: Mapping[str, object], where: str, at: int) -> Members:
    """The members of one of several targets; what is wrong of them is told where it stands."""
    return Members(_over(rest, row), f"{where}: targets {at}", Layer(where, row))


def _over(below: Mapping[str, object], above: Mapping[str, object]) -> dict[str, object]:
    """The members of both; the upper ones win, tables member by member."""
    merged = {**below, **above}
    for name, value in above.items():
        other = below.get(name)
        if isinstance(value, dict) and isinstance(other, dict):
            merged[name] = _over(other, value)
    return merged


def _target(table: Members, name: str) -> Target:
    found = _described(table, name)
    for way, problem in flaws(found):
        raise table.wrong_at(way, problem)
    return found


def _described(table: Members, name: str) -> Target:
    with table as members, members.members("urls") as urls, members.members("user") as user:
        signs_in = "login" in members or "name" in user
        return Target(
            name=members.text("name", name),
            profiles=_profiles(members),
            token_url=urls.text("token"),
            authorize_url=urls.text("authorize", ""),
            revoke_url=urls.text("revoke", ""),
            introspect_url=urls.text("introspect", ""),
            resource_url=urls.text("resource", ""),
            own_origins=urls.texts("pages"),
            clients=_clients(members.members("clients")),
            user=user.text("name", ""),
            password=_secret(user, "password"),
            login=_login(members.members("login")) if signs_in else None,
            scopes=members.texts("scopes"),
            flows=members.texts("flows"),
            pkce=members.flag("pkce", default=False),
            auth=members.word("client_authentication", WAYS, ""),
            code_lifetime=members.number("code_lifetime", 0),
            ca_file=members.text("ca_file", ""),
            timeout=members.number("timeout", TIMEOUT),
        )


def _profiles(members: Members) -> tuple[str, ...]:
    found = members.texts("profiles")
    for name in found:
        if name not in rule_sets():
            raise members.wrong("profiles", f"has {name}; there are {', '.join(rule_sets())}")
    return found


def _clients(members: Members) -> dict[str, Client]:
    with members:
        found = {role: _client(members.members(role)) for role in ROLES if role in members}
    if MAIN not in found:
        raise Malformed(f"{members.where}: {MAIN} is missing")
    return found


def _client(members: Members) -> Client:
    with members:
        secret = _secret(members, "client_secret")
        return Client(members.text("client_id"), secret, members.texts("redirect_uris"))


def _login(members: Members) -> Login:
    with members:
        return Login(
            user_field=members.text("user_field", ""),
            password_field=members.text("password_field", ""),
            approve=members.text("approve", ""),
            deny=members.text("deny", ""),
            cookie=_secret(members, "cookie"),
            command=members.texts("command"),
        )


def _secret(members: Members, name: str) -> str:
    """A secret as it stands there, or ``{ env = "NAME" }`` for the one of an environment variable."""
    value = members.value(name)
    if isinstance(value, dict) and set(value) == {"env"} and isinstance(variable := value["env"], str):
        if variable not in os.environ:
            raise members.wrong(name, f"is to be in the environment variable {variable}, which is not set")
        return os.environ[variable]
    if not isinstance(value, str | None):
        raise members.wrong(name, 'is neither a string nor { env = "NAME" }')
    return value or ""
