"""The user consents at the provider, a code goes through the browser, a token comes for it. RFC 6749 §4.1."""

from __future__ import annotations

from ..errors import CODE_MISSING, REDIRECT_MISSING, Refusal
from ..flow import Admission, Flow, Requirement
from ..models import Issued
from ..pkce import s256
from ..profiles import ALL, PROFILES
from ..store import Store


async def authorize(store: Store, admission: Admission) -> str:
    """A code, bound to the client, the redirect URI and the challenge."""
    if admission.redirection is None:
        raise Refusal(REDIRECT_MISSING)
    return await store.codes.issue(admission.grant, admission.redirection, admission.request)


async def issue(store: Store, admission: Admission) -> Issued:
    """The one token of a code; in draft 10 the client may ask for less than was granted (§4.1.1)."""
    grant, request = admission.grant, admission.request
    narrower = grant.scope if PROFILES[grant.service.policy.profile].scope_at_exchange else None
    verifier = s256(request.code_verifier) if request.code_verifier else ""
    return await store.codes.redeem(grant, request, verifier, narrower)


flow = Flow(
    name="authorization_code",
    summary="The user consents at the provider; the client exchanges the code it is sent for a token.",
    section="RFC 6749 §4.1; draft 16 §4.1; draft 10 §4.1.1",
    issue=issue,
    grant_types={"authorization_code": ALL},
    response_type="code",
    authorize=authorize,
    requires=(
        Requirement("code", CODE_MISSING, ALL),
        Requirement("redirect_uri", REDIRECT_MISSING, ALL - {"rfc6749", "oauth21"}),
    ),
    profiles=ALL,
    refreshable=ALL,
    presets=frozenset({"mashery", "draft10", "draft16", "rfc6749", "oauth21"}),
    narrows_scope=True,
)
