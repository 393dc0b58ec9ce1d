"""The flows there are: one file each, found by listing this folder; the file's name is the flow's."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from pkgutil import iter_modules

from ..flow import Flow
from ..models import Policy

FLOWS: dict[str, Flow] = {
    name: import_module(f"{__name__}.{name}").flow for name in sorted(module.name for module in iter_modules(__path__))
}


def for_grant_type(grant_type: str, profile: str) -> Flow | None:
    """The flow that a grant type selects in a profile."""
    for flow in FLOWS.values():
        if profile in flow.grant_types.get(grant_type, ()):
            return flow
    return None


def for_alias() -> Flow | None:
    """The flow that a service's private grant names stand for."""
    return next((flow for flow in FLOWS.values() if flow.aliased), None)


def may_refresh(names: Collection[str]) -> bool:
    """Whether refresh tokens are on among the flows that are on."""
    return any(FLOWS[name].refreshes for name in names if name in FLOWS)


def for_response_type(response_type: str) -> Flow | None:
    """The flow that a response type selects."""
    for flow in FLOWS.values():
        if flow.response_type == response_type:
            return flow
    return None


def grant_types(policy: Policy) -> list[str]:
    """The grant types by which the flows that are on can be asked for, in alphabetical order."""
    on = [FLOWS[name] for name in policy.flows if name in FLOWS]
    known = {word for flow in on for word, profiles in flow.grant_types.items() if policy.profile in profiles}
    return sorted(known | (set(policy.grant_aliases) if any(flow.aliased for flow in on) else set()))


def response_types(policy: Policy) -> list[str]:
    """The same for response types."""
    return sorted(
        flow.response_type for flow in FLOWS.values() if flow.name in policy.flows and flow.response_type is not None
    )


def named(policy: Policy, grant_type: object, response_type: object) -> str | None:
    """The name of the flow that these seem to ask for; for a log, whatever they are."""
    if isinstance(grant_type, str):
        alias = for_alias() if grant_type in policy.grant_aliases else None
        flow = for_grant_type(grant_type, policy.profile) or alias
    else:
        flow = for_response_type(response_type) if isinstance(response_type, str) else None
    return None if flow is None else flow.name
