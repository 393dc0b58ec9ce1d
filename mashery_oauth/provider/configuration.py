"""The provider's one file: who it is, where its backend is, and which services it stands in front of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..client import Cloud, Local
from .renderings import DEFAULT, RENDERINGS, Rendering
from .tables import ConfigurationError, Table, read_toml

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TOKEN_TYPES = ("bearer", "mac")
_KEY = re.compile(r"[0-9a-f]{64}").fullmatch
_SCOPE = re.compile(r"[!#-\[\]-~]*").fullmatch  # RFC 6749 §3.3
_RESOURCE = re.compile(r"(/[A-Za-z0-9._~-]+)+").fullmatch
_OWN_PATHS = ("/oauth2", "/.well-known", "/login", "/logout", "/applications", "/static")


@dataclass(frozen=True, slots=True)
class BackendPlace:
    """Where the backend is, and as whom this provider calls it."""

    url: str
    credentials: Cloud | Local = field(repr=False)
    timeout: float  # seconds for a call, its repetitions included
    ca: Path | None = None  # file of certificates by which it is known, if not the system's


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A service that this provider stands in front of."""

    name: str
    service_key: str
    rendering: Rendering
    token_type: str  # of the service's tokens: which way its resource asks for one
    resource: str  # path of its sample resource
    scope: str  # that the sample resource asks for
    resource_servers: tuple[str, ...]  # clients that may introspect tokens of others


@dataclass(frozen=True, slots=True)
class Configuration:
    """The whole file."""

    issuer: str  # scheme, host and port under which browsers and clients know this server
    name: str  # as users see it
    host: str  # to listen on
    port: int
    backend: BackendPlace
    services: tuple[ServiceEntry, ...]
    users: Path | None  # file of the users
    session_key: str = field(repr=False)  # 64 hexadecimal digits; empty: one of its own, so that a start ends all
    session_ttl: int  # seconds after which a user must log in again
    proxies: tuple[str, ...]  # addresses of proxies in front, whose X-Forwarded-For is believed
    scopes: Mapping[str, str]  # scope -> what it lets an application do, in plain words

    @property
    def https(self) -> bool:
        """Whether browsers come over TLS."""
        return self.issuer.startswith("https:")

    def is_at(self, port: int) -> bool:
        """Whether what listens there is found by the issuer, unless a proxy on this machine stands between."""
        parts = urlsplit(self.issuer)
        return parts.hostname not in LOOPBACK or (parts.port or (443 if self.https else 80)) == port

    @property
    def rendering(self) -> Rendering | None:
        """How a client is answered that nobody knows, where all services say the same."""
        rows = {service.rendering.name: service.rendering for service in self.services}
        return rows.popitem()[1] if len(rows) == 1 else None

    @property
    def realm(self) -> str:
        """The host's name, as challenges tell it."""
        return urlsplit(self.issuer).hostname or ""


def read_configuration(path: Path) -> Configuration:
    """The configuration in a file; paths in it start from the file's own folder.

    :raises ConfigurationError: it cannot be used; the text names the member at fault.
    """
    members = read_toml(path, ConfigurationError)
    try:
        return parse_configuration(members, path.parent)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from None


def parse_configuration(members: Mapping[str, object], folder: Path) -> Configuration:
    """The configuration that a file's members stand for.

    :raises ConfigurationError: one of them will not do.
    """
    top = Table(members)
    issuer = _issuer(top)
    made = Configuration(
        issuer=issuer,
        name=top.optional("name", str, urlsplit(issuer).netloc),
        host=top.optional("host", str, "127.0.0.1"),
        port=top.checked("port", top.optional("port", int, 8084), range(65536).__contains__, "must be 0 to 65535"),
        backend=_backend(top.table("backend"), folder),
        services=_services(top),
        users=_path(top, "users", folder),
        session_key=_session_key(top),
        session_ttl=top.checked(
            "session_ttl", top.optional("session_ttl", int, 43_200), lambda seconds: seconds > 0, "must be 1 or more"
        ),
        proxies=top.texts("proxies"),
        scopes=top.table("scopes").words(),
    )
    top.end()
    return made


def _issuer(top: Table) -> str:
    issuer = top.required("issuer", str)
    try:
        parts = urlsplit(issuer)
        secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
        bare = issuer == f"{parts.scheme}://{parts.netloc}" and bool(parts.hostname) and "@" not in parts.netloc
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:
        raise top.problem("issuer", "is no URL") from None
    if not bare:
        raise top.problem("issuer", "must be scheme, host and port, without a path")
    return top.checked("issuer", issuer, lambda _: secure, "must be https, except on this machine")


def _session_key(top: Table) -> str:
    key = top.optional("session_key", str, "")
    return top.checked("session_key", key, lambda text: not text or _KEY(text), "must be 64 hexadecimal digits")


def _path(table: Table, name: str, folder: Path) -> Path | None:
    text = table.optional(name, str, "")
    return folder / text if text else None


def _backend(table: Table, folder: Path) -> BackendPlace:
    place = BackendPlace(
        url=table.checked("url", table.required("url", str), _is_url, _URL),
        credentials=_credentials(table),
        timeout=table.checked("timeout", table.optional("timeout", float, 5.0), lambda s: s > 0, "must be above 0"),
        ca=_path(table, "ca", folder),
    )
    table.end()
    return place


_URL = "must be an http or https URL, without user, query and fragment"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    bare = not (parts.query or parts.fragment) and "@" not in parts.netloc
    return parts.scheme in ("http", "https") and bool(parts.hostname) and bare


def _credentials(table: Table) -> Cloud | Local:
    if table.has("apikey"):
        return Cloud(
            site_id=table.required("site_id", int),
            apikey=table.required("apikey", str),
            secret=table.required("secret", str),
        )
    return Local(
        user=table.checked("user", table.required("user", str), lambda user: ":" not in user, "must not have a colon"),
        password=table.required("password", str),
        version=table.checked("version", table.optional("version", int, 3), (2, 3).__contains__, "must be 2 or 3"),
    )


def _services(top: Table) -> tuple[ServiceEntry, ...]:
    entries: list[ServiceEntry] = []
    for table in top.tables("services"):
        entry = _service(table)
        for name in ("name", "service_key", "resource"):
            if any(getattr(entry, name) == getattr(other, name) for other in entries):
                raise table.problem(name, "is another service's already")
        entries.append(entry)
    if not entries:
        raise top.problem("services", "must have one at least: [[services]]")
    return tuple(entries)


def _service(table: Table) -> ServiceEntry:
    name = table.required("name", str)
    entry = ServiceEntry(
        name=name,
        service_key=table.required("service_key", str),
        rendering=table.one_of("rendering", RENDERINGS, DEFAULT),
        token_type=table.one_of("token_type", {each: each for each in TOKEN_TYPES}, TOKEN_TYPES[0]),
        resource=table.checked("resource", table.optional("resource", str, f"/resource/{name}"), _is_resource, _PATH),
        scope=table.checked("scope", table.optional("scope", str, ""), _SCOPE, "must be one word"),
        resource_servers=table.texts("resource_servers"),
    )
    if entry.token_type == TOKEN_TYPES[1] and not entry.rendering.profile.mac_tokens:
        raise table.problem("token_type", f"{entry.rendering.name} has no MAC tokens")
    table.end()
    return entry


_PATH = f"must be a path, like /resource, outside of {', '.join(_OWN_PATHS)}"


def _is_resource(path: str) -> bool:
    return bool(_RESOURCE(path)) and not any(path == own or path.startswith(f"{own}/") for own in _OWN_PATHS)
