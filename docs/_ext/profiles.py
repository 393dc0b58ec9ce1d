"""The profiles' switches, and what the presets put into a new service's policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from mashery_oauth.flows import FLOWS
from mashery_oauth.models import Policy
from mashery_oauth.presets import PRESETS, preset
from mashery_oauth.profiles import PROFILES, Profile

from .policy import shown
from .tables import Gap, code, codes, yes
from .tables import table as list_table

MEANING = {
    "redirect_at_token": "``redirect_uri`` is required at the token step even if it was not sent before",
    "scope_at_exchange": "A code may be exchanged for less scope than was granted",
    "public_clients": "Public applications need no secret",
    "pkce": "Who must use PKCE",
    "plain_challenge": "The challenge method ``plain`` is allowed",
    "implicit_error_component": "Part of the redirect URI that carries errors of the implicit flow",
    "invalid_client_status": "Status of ``invalid_client`` that the provider passes on",
    "redirect_status": "Status of a redirection that the provider passes on",
    "mac_tokens": "MAC tokens can be had",
    "rotation_fixed_for_public": "Refresh tokens of public applications always rotate",
    "pragma": "Error bodies come with ``Pragma: no-cache``",
    "token_type_in_redirect": "A token in the redirect URI comes with its ``token_type``",
}


def table() -> Iterator[str]:
    """Every switch of every profile, and which flows each knows."""
    names = [member.name for member in fields(Profile) if member.name != "name"]
    if set(names) != set(MEANING):
        raise Gap(f"profile switches without a description: {sorted(set(names) ^ set(MEANING))}")
    rows = [(MEANING[name], *(_cell(getattr(profile, name)) for profile in PROFILES.values())) for name in names]
    known = (codes(flow.name for flow in FLOWS.values() if flow.known_in(profile)) for profile in PROFILES)
    yield from list_table(("Switch", *map(code, PROFILES)), [*rows, ("Flows", *known)])


def presets() -> Iterator[str]:
    """Members that differ between the presets, and the flows that are on."""
    policies = [preset(name) for name in PRESETS]
    rows = []
    for member in fields(Policy):
        cells = [shown(getattr(policy, member.name)) for policy in policies]
        if len(set(cells)) > 1:
            rows.append((code(member.name), *cells))
    yield from list_table(("Member", *map(code, PRESETS)), rows)


def _cell(value: object) -> str:
    return yes(value) if isinstance(value, bool) else code(str(value))
