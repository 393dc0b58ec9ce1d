"""What the model knows of: services, clients, codes, grants and tokens, as plain things that change."""

from __future__ import annotations

from dataclasses import dataclass, field

FOREVER = 315_360_000  # seconds, ten years: what a lifetime that is switched off comes to
CLIENT_LIKE = frozenset({"rfc6749", "oauth21"})  # profiles that know public clients

Home = tuple[str, object, object]  # whose list a grant began in: one user's, or one client's own


class Refused(Exception):
    """What a call is refused with: the OAuth error and the sentence."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(error, message)
        self.error, self.message = error, message


@dataclass(eq=False)
class Service:
    """A service. The members of its policy are called as the policy calls them."""

    name: str
    profile: str
    flows: set[str]
    allow_multiple_tokens: bool = True
    token_cap: int | None = None
    refresh_rotation: bool = True
    refresh_grace: int = 60
    secure_tokens: bool = False
    revocation: str = "grant"
    access_ttl: int | None = 3600
    code_ttl: int = 300
    refresh_idle_ttl: int | None = 5000
    refresh_absolute_ttl: int | None = 12000
    inactive_retention: int = 86_400
    active: bool = True
    cut: int = 0  # what began before this moment is dead

    def __repr__(self) -> str:
        return f"<{self.name}, {self.profile}>"


@dataclass(eq=False)
class Client:
    """A client, and where it may be used."""

    name: str
    public: bool
    services: set[Service]
    secret: str | None
    active: bool = True
    cut: int = 0

    def __repr__(self) -> str:
        return f"<{self.name}>"


@dataclass(eq=False)
class Grant:
    """What a user or client once gave, and the refresh token that it may go on with."""

    service: Service
    client: Client
    flow: str
    user: str | None  # who has it now
    scope: str | None
    home: Home | None  # None: nobody can list or count it
    born: int
    moved: bool = False  # given to another user
    ended: bool = False  # with all of its tokens
    cut_off: bool = False  # without those that were given to another user
    tokens: list[Token] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)  # of its refresh token, one for each generation
    ends: float = 0.0
    absolute: float | None = None
    grace_ends: float = 0.0
    answer: Answer | None = None  # to whoever used the generation before the last

    @property
    def refreshable(self) -> bool:
        """Whether it ever had a refresh token."""
        return bool(self.texts)

    def __repr__(self) -> str:
        return f"<grant of {self.user} to {self.client.name} at {self.service.name}>"


@dataclass(eq=False)
class Token:
    """An access token."""

    grant: Grant
    user: str | None
    scope: str | None
    ends: float
    endless: bool
    moved: bool = False
    dead: bool = False  # whatever becomes of its grant
    revoked: bool = False  # by itself
    listed_until: float = 0.0
    text: str = ""
    slack: float = 1.0  # seconds by which its end may be told otherwise
    users: list[str | None] = field(default_factory=list)  # everybody who ever had it

    def __repr__(self) -> str:
        return f"<token of {self.user} for {self.grant.client.name} at {self.grant.service.name}>"


@dataclass(eq=False)
class Code:
    """An authorization code, and the grant that it was redeemed for."""

    service: Service
    client: Client
    user: str | None
    scope: str | None
    verifier: str | None
    home: Home | None
    born: int
    ends: float
    dead: bool = False
    grant: Grant | None = None
    text: str = ""

    def __repr__(self) -> str:
        return f"<code of {self.user} for {self.client.name} at {self.service.name}>"


@dataclass(frozen=True)
class Answer:
    """What createAccessToken answers, but for the texts of what is new."""

    token: Token
    scope: str | None
    user: str | None
    expires_in: int | None
    refreshable: bool
    generation: int = 0
