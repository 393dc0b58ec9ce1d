"""A refresh token becomes its one successor and a new access token. RFC 6749 §6, RFC 9700 §4.14."""

from __future__ import annotations

from ..errors import REFRESH_TOKEN_MISSING
from ..flow import Admission, Flow, Requirement
from ..models import Issued
from ..profiles import ALL, PROFILES
from ..store import Store


async def issue(store: Store, admission: Admission) -> Issued:
    """The successor; scope and user come from the grant, and a narrower scope narrows this access token only."""
    grant, request = admission.grant, admission.request
    policy = grant.service.policy
    fixed = grant.application.public and PROFILES[policy.profile].public_clients
    return await store.families.rotate(
        grant, request.refresh_token or "", grant.scope, rotation=policy.refresh_rotation or fixed
    )


flow = Flow(
    name="refresh_token",
    summary="A refresh token becomes its one successor and a new access token.",
    section="RFC 6749 §6; draft 16 §6; draft 10 §4.1.4",
    issue=issue,
    grant_types={"refresh_token": ALL},
    requires=(Requirement("refresh_token", REFRESH_TOKEN_MISSING, ALL),),
    profiles=ALL,
    presets=frozenset({"draft10", "draft16", "rfc6749", "oauth21"}),
    narrows_scope=True,
    refreshes=True,
)
