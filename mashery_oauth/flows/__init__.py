"""The flows there are: one file each, found by listing this folder; the file's name is the flow's."""

from __future__ import annotations

from collections.abc import Collection
from importlib import import_module
from pkgutil import iter_modules

from ..flow import Flow

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
