"""Services: protected APIs, each with the policy that says which flows are on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..checks import check_free, check_record
from ..flows import FLOWS
from ..members import changed_policy, policy_of_preset
from ..models import Record, Service
from ..operation import KEY_LENGTH, Change, Snapshot, change, find, read, replaced
from ..rails import check_flow, check_policy
from ..store import Store
from ..store.texts import random_letters

NOTHING: Mapping[str, object] = {}


@dataclass(frozen=True, slots=True)
class FlowState:
    """One flow at one service."""

    flow: str
    on: bool
    known: bool  # in the service's profile; one that is not cannot be on
    summary: str


async def create(
    store: Store,
    site_id: int,
    name: str,
    *,
    preset_name: str,
    key: str | None = None,
    members: Mapping[str, object] = NOTHING,
) -> Service:
    """A new service.

    :param key: its service_key; ``None`` for a generated one.
    :param members: what differs from the preset's policy.
    :raises OperationError: there is no such site or preset, key or name are taken, or the policy breaks a limit.
    """
    policy = changed_policy(policy_of_preset(preset_name), members)
    check_policy(policy, imported=False)
    key = random_letters(KEY_LENGTH) if key is None else key

    def decide(snapshot: Snapshot) -> Change[Service]:
        # What an earlier bearer of the number issued is dead.
        service = Service(key, snapshot.free_service(), site_id, name, policy, revoked_before=snapshot.version)
        check_free("key", key, snapshot.services)
        check_record(service, snapshot)
        return Change(service, (service,))

    return await change(store, decide)


async def every(store: Store) -> list[Service]:
    """All services, by number."""
    return sorted((await read(store)).services.values(), key=lambda service: service.id)


async def show(store: Store, word: str) -> Service:
    """The service with this key or name.

    :raises OperationError: there is none, or several have the name.
    """
    return find((await read(store)).services, "service", word)


async def update(
    store: Store,
    word: str,
    *,
    name: str | None = None,
    active: bool | None = None,
    preset_name: str | None = None,
    members: Mapping[str, object] = NOTHING,
) -> Service:
    """Changes what is given.

    :param preset_name: a preset whose policy takes the place of the present one, before ``members`` change it.
    :raises OperationError: there is no such service, or the policy would break a limit.
    """

    def decide(snapshot: Snapshot) -> Change[Service]:
        old = find(snapshot.services, "service", word)
        policy = old.policy if preset_name is None else policy_of_preset(preset_name)
        new = replace(
            old,
            name=old.name if name is None else name,
            active=old.active if active is None else active,
            policy=changed_policy(policy, members),
        )
        return _checked(old, new, snapshot)

    return await change(store, decide)


def _checked(old: Service, new: Service, snapshot: Snapshot) -> Change[Service]:
    """A change of one service; what was imported into it may stay."""
    check_policy(new.policy, imported=new.policy.redirect_match == old.policy.redirect_match)
    check_record(new, snapshot)
    return replaced(old, new)


async def allow(store: Store, word: str, flow: str) -> Service:
    """Turns a flow on.

    :raises OperationError: there is no such service or flow, or the service's profile does not know the flow.
    """

    def decide(snapshot: Snapshot) -> Change[Service]:
        old = find(snapshot.services, "service", word)
        check_flow("flow", flow, old.policy.profile)
        return _with_flows(old, old.policy.flows | {flow}, snapshot)

    return await change(store, decide)


async def forbid(store: Store, word: str, flow: str) -> Service:
    """Turns a flow off.

    :raises OperationError: there is no such service or flow.
    """

    def decide(snapshot: Snapshot) -> Change[Service]:
        old = find(snapshot.services, "service", word)
        check_flow("flow", flow)
        return _with_flows(old, old.policy.flows - {flow}, snapshot)

    return await change(store, decide)


def _with_flows(old: Service, flows: frozenset[str], snapshot: Snapshot) -> Change[Service]:
    return _checked(old, replace(old, policy=replace(old.policy, flows=flows)), snapshot)


def flow_states(service: Service) -> list[FlowState]:
    """Every flow there is, at this service."""
    policy = service.policy
    return [
        FlowState(flow.name, flow.name in policy.flows, flow.known_in(policy.profile), flow.summary)
        for flow in FLOWS.values()
    ]


async def delete(store: Store, word: str) -> Service:
    """Removes a service, also from the applications that have it.

    :raises OperationError: there is no such service.
    """

    def decide(snapshot: Snapshot) -> Change[Service]:
        service = find(snapshot.services, "service", word)
        freed: list[Record] = [
            replace(application, services=tuple(key for key in application.services if key != service.key))
            for application in snapshot.applications.values()
            if service.key in application.services
        ]
        return Change(service, tuple(freed), (service,))

    return await change(store, decide)
