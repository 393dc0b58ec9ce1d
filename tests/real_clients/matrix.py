"""Which library does which flow under which profile: what the tests go through, and what the documentation shows."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from .errand import Library
from .libraries import LIBRARIES

PROGRAMS = Path(__file__).parent / "programs"
PROFILES = ("draft16", "rfc6749", "oauth21")
FLOWS = {
    "authorization_code": "code, without PKCE",
    "pkce": "code, with PKCE",
    "public": "code, with PKCE and without a secret",
    "implicit": "implicit",
    "password": "password",
    "client_credentials": "client credentials",
    "refresh_token": "refresh",
    "revocation": "revocation (RFC 7009)",
    "introspection": "introspection (RFC 7662)",
    "metadata": "metadata (RFC 8414)",
}
# What a text does not have, with the error that a client of it is told.
REFUSALS = {
    ("draft16", "public"): "invalid_client",
    ("oauth21", "authorization_code"): "invalid_request",
    ("oauth21", "implicit"): "unsupported_response_type",
    ("oauth21", "password"): "unsupported_grant_type",
}

Case = tuple[Library, str, str]  # with a flow and a profile


def cases(*, refused: bool) -> list[Case]:
    """Those that come to a good end, or those that must not."""
    every = [(library, flow, profile) for library in LIBRARIES for flow in library.flows for profile in PROFILES]
    return [(library, flow, profile) for library, flow, profile in every if ((profile, flow) in REFUSALS) is refused]


def version_of(library: Library) -> str:
    """The version that is installed, or pinned for npm."""
    if library.distribution:
        return version(library.distribution)
    pinned: dict[str, str] = json.loads((PROGRAMS / "package.json").read_text())["dependencies"]
    return pinned[library.name]
