"""The client acts for itself: its own credentials are all it needs. RFC 6749 §4.4, draft 16 §4.4, draft 10 §4.1."""

from __future__ import annotations

from ..flow import Admission, Flow
from ..models import Issued
from ..profiles import ALL
from ..store import Store


async def issue(store: Store, admission: Admission) -> Issued:
    """A token for the client itself."""
    return await store.tokens.issue(admission.grant)


flow = Flow(
    name="client_credentials",
    summary="The client acts for itself, with its own credentials.",
    section="RFC 6749 §4.4; draft 16 §4.4; draft 10 §4.1 (there it is called none)",
    issue=issue,
    grant_types={"client_credentials": ALL - {"draft10"}, "none": frozenset({"draft10"})},
    profiles=ALL,
    refreshable=frozenset({"draft16"}),  # RFC 6749 §4.4.3: SHOULD NOT; draft 16 shows one
    public=False,
    aliased=True,
    presets=frozenset({"mashery", "draft10", "draft16", "rfc6749", "oauth21"}),
)
