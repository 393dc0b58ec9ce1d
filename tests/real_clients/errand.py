"""What a client's developer knows, and has a library do with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

BASIC = "client_secret_basic"
BASIC_AND_ID = "client_secret_basic, and client_id in the body"  # draft 16 §3.1
POST = "client_secret_post"
NONE = "none"


class Programs(Protocol):
    """What runs elsewhere, and is told of errands."""

    def run(self, program: str, flow: str, errand: Errand) -> Told:
        """What a program tells."""


Visit = Callable[[str], str]
Told = Mapping[str, Any]  # what the library has made of the answer


@dataclass(frozen=True, slots=True)
class Errand:
    """A client that is registered with a provider, and what its flow starts from."""

    issuer: str
    client_id: str
    client_secret: str
    method: str  # of client authentication, as RFC 7591 names it
    redirect_uri: str
    scope: str
    username: str
    password: str
    visit: Visit = field(repr=False)  # sends the user to a page; where they come back to
    access_token: str = ""  # that the client has already
    refresh_token: str = ""
    programs: Programs | None = None  # those for Node

    @property
    def authorization_endpoint(self) -> str:
        return f"{self.issuer}/oauth2/authorize"

    @property
    def token_endpoint(self) -> str:
        return f"{self.issuer}/oauth2/token"

    @property
    def revocation_endpoint(self) -> str:
        return f"{self.issuer}/oauth2/revoke"

    @property
    def introspection_endpoint(self) -> str:
        return f"{self.issuer}/oauth2/introspect"


Flow = Callable[[Errand], Told]


@dataclass(frozen=True, slots=True)
class Library:
    """A library, and how its documentation says that each flow is done with it."""

    name: str
    flows: Mapping[str, Flow]
    refusal: type[Exception]  # with which it tells of an OAuth error; it has the error in ``error``
    missing: Mapping[str, str]  # flow -> why the library does not have it
    methods: tuple[str, ...] = (BASIC, POST)  # of client authentication, that its documentation shows
    encodes: bool = False  # whether it form-encodes what goes into HTTP Basic, as RFC 6749 §2.3.1 says
    distribution: str = ""  # at the Python package index; empty for a package of npm
    deaf: Mapping[str, str] = field(default_factory=dict)  # flow -> how it misses a refusal that comes by redirection
