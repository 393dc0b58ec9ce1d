"""What a flow is: data where data will do, and code only for how its code or token is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from .errors import Row
from .models import Grant, Issued, Redirection, Relay, Request
from .store import Store


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that the policy let pass, and what was decided on the way."""

    grant: Grant
    request: Request
    relay: Relay  # how what goes wrong from here on is told
    redirection: Redirection | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """An argument that a token request must bring, and the row that refuses it without."""

    argument: str  # a member of Request
    row: Row
    profiles: frozenset[str]


Issue = Callable[[Store, Admission], Awaitable[Issued]]
Authorize = Callable[[Store, Admission], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to a token. The file's name is the flow's name everywhere."""

    name: str
    summary: str
    section: str  # where the standard has it
    issue: Issue
    grant_types: dict[str, frozenset[str]]  # grant_type -> profiles in which it selects this flow
    response_type: str | None = None  # selects it at the authorization step
    authorize: Authorize | None = None  # makes what the authorization step yields, where that is not a token
    requires: tuple[Requirement, ...] = ()
    profiles: frozenset[str] = frozenset()  # that know it; in others a policy cannot turn it on
    refreshable: frozenset[str] = frozenset()  # profiles in which it may yield a refresh token
    public: bool = True  # whether an application without a secret may use it
    presets: frozenset[str] = frozenset()  # of a new service in which it is on
    narrows_scope: bool = False  # scope comes from an earlier grant, not from the request
    at_authorization: bool = False  # its token is made at the authorization step
    refreshes: bool = False  # while it is on, other flows may yield refresh tokens
    aliased: bool = False  # a service's private grant names stand for it, where a profile has such

    def known_in(self, profile: str) -> bool:
        """Whether the profile has this flow at all."""
        return profile in self.profiles
