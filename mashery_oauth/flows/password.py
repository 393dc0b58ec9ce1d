"""The user gave name and password to the client; the provider checked them and names the user. RFC 6749 §4.3."""

from __future__ import annotations

from ..flow import Admission, Flow
from ..models import Issued
from ..profiles import ALL
from ..store import Store


async def issue(store: Store, admission: Admission) -> Issued:
    """A token for the user whom the provider has authenticated."""
    return await store.tokens.issue(admission.grant)


flow = Flow(
    name="password",
    summary="The user's name and password, checked by the provider, become a token.",
    section="RFC 6749 §4.3; draft 16 §4.3; draft 10 §4.1.2",
    issue=issue,
    grant_types={"password": ALL},
    profiles=ALL - {"oauth21"},
    refreshable=ALL,
    public=False,
)
