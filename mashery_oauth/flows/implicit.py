"""A token straight from the authorization step, for clients that run in a browser. RFC 6749 §4.2."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from ..flow import Admission, Flow
from ..models import Issued
from ..profiles import ALL, PROFILES, Profile
from ..redirects import with_fragment
from ..store import Store


async def issue(store: Store, admission: Admission) -> Issued:
    """A token for the user; asked for by response type it comes with the whole URI to redirect to (§4.2.2)."""
    issued = replace(await store.tokens.issue(admission.grant), state=admission.request.state)
    if admission.request.response_type is None or admission.redirection is None:
        return issued
    profile = PROFILES[admission.grant.service.policy.profile]
    uri = with_fragment(admission.redirection.uri, _fragment(issued, profile))
    return replace(issued, return_type="redirect", uri={"redirect_uri": uri, "state": issued.state})


def _fragment(issued: Issued, profile: Profile) -> str:
    """RFC 6749 §4.2.2; a MAC token's key must come with every token (draft-ietf-oauth-v2-http-mac §5.1)."""
    members = {
        "access_token": issued.access_token,
        "token_type": issued.token_type if profile.token_type_in_redirect else None,
        "expires_in": issued.expires_in,
        "scope": issued.scope,
        "state": issued.state,
        **(issued.extended or {}),
    }
    return urlencode({name: value for name, value in members.items() if value is not None})


flow = Flow(
    name="implicit",
    summary="A token straight from the authorization step, for a client in a browser.",
    section="RFC 6749 §4.2; draft 16 §4.2; draft 10 §3.1",
    issue=issue,
    grant_types={"implicit": ALL},
    response_type="token",
    profiles=ALL - {"oauth21"},
    at_authorization=True,
)
