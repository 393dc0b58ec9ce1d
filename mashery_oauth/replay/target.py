"""The authorization server that is played against: its addresses, clients, users, and what it offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import quote_plus, urlsplit

from .login import Login
from .variables import Values

MAIN = "main"
SINGLE = "single"  # whichever client has exactly one redirect URI: none of its own in a description
WORD = 8  # characters: a shorter value of a cookie, as of a setting, is a word like others
TIMEOUT = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Client:
    """A client that is registered there. One without a secret is public."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    redirect_uris: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown: the secret, and the pair that a Basic header encodes, in both ways that it does."""
        if not self.client_secret:
            return ()
        pair = (self.client_id, self.client_secret)
        return (self.client_secret, ":".join(pair), ":".join(map(quote_plus, pair)))


@dataclass(frozen=True, slots=True)
class Target:
    """A deployment. What is left out is not there: scenarios that need it are left out, too."""

    token_url: str
    clients: Mapping[str, Client]  # by role: main, second, public
    name: str = "authorization server"
    profiles: tuple[str, ...] = ()  # the sets that it follows; empty: every one is tried
    authorize_url: str = ""
    revoke_url: str = ""
    introspect_url: str = ""
    resource_url: str = ""
    login: Login | None = None  # how the resource owner is played
    user: str = ""
    password: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ()  # that the clients may have
    flows: tuple[str, ...] = ()  # that are on; empty: those that the set takes for granted
    pkce: bool = False
    auth: str = ""  # basic or body; empty: what the set prefers
    code_lifetime: float = 0  # seconds; 0: too long to wait for
    ca_file: str = ""  # certificates to trust, in the place of the system's
    timeout: float = TIMEOUT  # seconds for one exchange
    own_origins: tuple[str, ...] = ()  # of pages that belong to it, beside that of the authorization endpoint

    def client(self, role: str) -> Client | None:
        """The client in a role, if there is one."""
        if role == SINGLE:
            return next((each for each in self.clients.values() if each.client_secret and _has_one_uri(each)), None)
        return self.clients.get(role)

    @property
    def schemes(self) -> Mapping[str, str]:
        """How the addresses begin, by endpoint; without those on this machine, where nobody listens in."""
        urls = {
            "token": self.token_url,
            "authorize": self.authorize_url,
            "revoke": self.revoke_url,
            "introspect": self.introspect_url,
            "resource": self.resource_url,
        }
        return {name: urlsplit(url).scheme for name, url in urls.items() if url and not _is_on_loopback(url)}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        kept = [text for client in self.clients.values() for text in client.secrets]
        cookie = self.login.cookie if self.login else ""
        values = [each.partition("=")[2].strip() for each in cookie.split(";")]
        kept += [value for value in values if len(value) >= WORD]
        return tuple(secret for secret in (*kept, self.password, cookie) if secret)

    def values(self, role: str) -> Values:
        """What a scenario of one client may refer to."""
        values = {"user": self.user, "password": self.password, "code_lifetime": f"{self.code_lifetime:g}"}
        values |= {"scope": " ".join(self.scopes)} if self.scopes else {}
        values |= {"narrow_scope": self.scopes[0], "plus_scope": "+".join(self.scopes)} if self.scopes else {}
        for name, client in self.clients.items():
            values |= {f"{name}.{member}": value for member, value in _members(client).items()}
        own = self.client(role)
        return {name: value for name, value in (values | (_members(own) if own else {})).items() if value}


def _is_on_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761 §6.3


def _has_one_uri(client: Client) -> bool:
    return len(client.redirect_uris) == 1


def _members(client: Client) -> dict[str, str]:
    values = {"client_id": client.client_id, "client_secret": client.client_secret}
    if client.redirect_uris:
        parts = urlsplit(client.redirect_uris[0])
        values |= {"redirect_uri": client.redirect_uris[0], "redirect_scheme": parts.scheme}
        values |= {"redirect_host": parts.netloc, "redirect_path": parts.path}
        with_query = next((uri for uri in client.redirect_uris if urlsplit(uri).query), "")
        values |= {"redirect_uri_with_query": with_query}
    return values
