"""Who calls, and so which dialect is spoken: Cloud signs its address, Local V2 and V3 use HTTP Basic."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from urllib.parse import quote

_LOCAL_PATHS = {2: "/v2/json-rpc", 3: "/v3/json-rpc"}


@dataclass(frozen=True, slots=True)
class Cloud:
    """An apikey with its signing secret, for one site."""

    site_id: int
    apikey: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        """Checks before the first call."""
        if isinstance(self.site_id, bool) or not isinstance(self.site_id, int):
            raise TypeError("site_id must be a whole number")
        _check_text("apikey", self.apikey)
        _check_text("secret", self.secret)

    def target(self, second: int) -> str:
        """Path and query of a call that is sent at a time, in seconds since 1970."""
        text = f"{self.apikey}{self.secret}{second}"
        signature = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        return f"/v2/json-rpc/{self.site_id}?apikey={quote(self.apikey, safe='')}&sig={signature}"

    @property
    def headers(self) -> dict[str, str]:
        """None: it is all in the address."""
        return {}


@dataclass(frozen=True, slots=True)
class Local:
    """A user with a password; ``version`` is the dialect, 2 or 3."""

    user: str
    password: str = field(repr=False)
    version: int = 3

    def __post_init__(self) -> None:
        """Checks before the first call."""
        _check_text("user", self.user)
        _check_text("password", self.password)
        if ":" in self.user:
            raise ValueError("user must not have a colon (RFC 7617)")
        if self.version not in _LOCAL_PATHS:
            raise ValueError("version must be 2 or 3")

    def target(self, second: int) -> str:
        """Path of a call."""
        return _LOCAL_PATHS[self.version]

    @property
    def headers(self) -> dict[str, str]:
        """The Authorization of each call."""
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {token}"}


Credentials = Cloud | Local


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a string")
