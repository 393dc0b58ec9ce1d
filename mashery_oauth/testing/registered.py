"""What a test has at its backend: who calls, services, applications, tokens. Secrets are not in what is printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit


class Process(Protocol):
    """What a backend needs of the process that it is in."""

    url: str

    def ask(self, do: str, **arguments: Any) -> Any:
        """One operation."""

    def number(self) -> int:
        """A number that is free."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The provider, as the backend knows it: by apikey and signing secret (Cloud), by user and password (Local)."""

    site_id: int
    apikey: str
    secret: str = field(repr=False)
    user: str
    password: str = field(repr=False)

    def settings(self, url: str) -> dict[str, str]:
        """All that its configuration may need, by name, for a backend at an address."""
        return {
            "url": url,
            "cloud_url": f"{url}/v2/json-rpc/{self.site_id}",
            "local_v2_url": f"{url}/v2/json-rpc",
            "local_v3_url": f"{url}/v3/json-rpc",
            "host": str(urlsplit(url).hostname),
            "port": str(urlsplit(url).port),
            "site_id": str(self.site_id),
            "apikey": self.apikey,
            "secret": self.secret,
            "user": self.user,
            "password": self.password,
        }


@dataclass(frozen=True, slots=True)
class Service:
    """A protected API; ``key`` is the ``service_key`` of the calls."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Application:
    """A client. A public one has an empty secret."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uris: tuple[str, ...]
    services: tuple[Service, ...]

    @property
    def redirect_uri(self) -> str:
        """The first of its redirect URIs."""
        return self.redirect_uris[0]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What was issued. ``refresh_token`` is ``None`` where the service would not have given one."""

    access_token: str = field(repr=False)
    token_type: str
    expires_in: int | None
    refresh_token: str | None = field(repr=False)
    scope: str | None
    user_context: str | None
    extended: dict[str, str] | None = field(repr=False)
