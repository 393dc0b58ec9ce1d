"""What a new service starts with. The flows that are on say so in their own files."""

from __future__ import annotations

from dataclasses import replace

from .flows import FLOWS
from .models import Policy

_BASES = {
    # That product's documented defaults: tokens for an hour, codes for five minutes, https redirects, no refresh.
    "mashery": Policy(profile="draft16", force_https=True),
    "draft10": Policy(profile="draft10"),
    "draft16": Policy(profile="draft16"),
    "rfc6749": Policy(profile="rfc6749", code_ttl=60),
    "oauth21": Policy(
        profile="oauth21",
        code_ttl=60,
        access_ttl=900,
        refresh_idle_ttl=1_209_600,
        redirect_match="exact",
        force_https=True,
        pkce="required",
    ),
}
PRESETS = tuple(_BASES)


def preset(name: str) -> Policy:
    """The policy of a new service."""
    return replace(_BASES[name], flows=frozenset(flow.name for flow in FLOWS.values() if name in flow.presets))
