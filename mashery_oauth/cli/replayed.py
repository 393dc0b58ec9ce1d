"""What of the demo is there to be replayed against: a service for each text, with clients of its own, and a user.

``mashery-oauth replay`` ends grants and shows wrong secrets, so nothing of this is what people try the demo with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..flows import FLOWS
from ..presets import preset

FILE = "replay.toml"  # by which all of it is played
USER = "tester"
SCOPES = ("payments:read", "payments:write")
PREFIX = "replay-"
# The preset that a service of each text begins with, and what it has otherwise.
TEXTS: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "draft10": ("draft10", {}),
    "draft16": ("draft16", {}),
    "rfc6749": ("rfc6749", {}),
    "oauth21": ("oauth21", {}),
    "barracuda": ("draft10", {"scope_separators": " +"}),
}
PUBLIC_CLIENTS = ("rfc6749", "oauth21")  # the drafts know none
_URI = "https://{}.example.com/callback"


@dataclass(frozen=True, slots=True)
class Registration:
    """An application of the demo, before it has an identifier and a secret."""

    services: tuple[str, ...]
    redirect_uris: tuple[str, ...]
    type: str = "confidential"
    native: bool = False


def service_of(text: str) -> str:
    """The name of the service that follows a text."""
    return f"{PREFIX}{text}"


def _policy(text: str) -> Mapping[str, object]:
    """Every flow that the text knows is on; scopes are limited, so that one too many can be refused."""
    start, more = TEXTS[text]
    flows = [name for name, flow in FLOWS.items() if flow.known_in(preset(start).profile)]
    return {"preset": start, "policy": {"flows": flows, "scopes": list(SCOPES), **more}}


def _registrations(text: str) -> Iterator[tuple[str, Registration]]:
    """The clients of a text by their roles. One redirect URI has a query of its own, which must not be lost."""
    own = (service_of(text),)
    main, second, public = (f"{service_of(text)}-{role}" for role in ("main", "second", "public"))
    yield main, Registration(own, (_URI.format(main), f"{_URI.format(main)}?kept=1"))
    yield second, Registration(own, (_URI.format(second),))
    if text in PUBLIC_CLIENTS:
        yield public, Registration(own, (_URI.format(public),), type="public")


POLICIES = {service_of(text): _policy(text) for text in TEXTS}
REGISTRATIONS = {name: each for text in TEXTS for name, each in _registrations(text)}
RENDERINGS = {service_of(text): text for text in TEXTS}


def is_replayed(name: str) -> bool:
    """Whether a service or an application is here for nothing else."""
    return name.startswith(PREFIX)
