"""Proof Key for Code Exchange, RFC 7636: what challenge and verifier look like, and who must use them."""

from __future__ import annotations

import base64
import hashlib
import re

from .errors import CHALLENGE_INVALID, CHALLENGE_MISSING, VERIFIER_MALFORMED, Refusal
from .models import Application, Policy, Request
from .profiles import PROFILES

_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]{43,128}").fullmatch  # §4.1, §4.2
_S256 = re.compile(r"[A-Za-z0-9_-]{43}").fullmatch
_STRENGTH = ("optional", "public", "required")


def s256(verifier: str) -> str:
    """§4.2: BASE64URL(SHA256(verifier)), unpadded."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())[:43].decode()


def is_required(policy: Policy, application: Application) -> bool:
    """Whether this client must send a challenge: the stricter of the profile and the policy decides."""
    stricter = max(policy.pkce, PROFILES[policy.profile].pkce, key=_STRENGTH.index)
    return stricter == "required" or (stricter == "public" and application.public)


def check_challenge(policy: Policy, application: Application, request: Request) -> None:
    """§4.4.1: at the authorization step.

    :raises Refusal: it is missing where required, malformed, or its method is not allowed.
    """
    challenge, method = request.code_challenge, request.code_challenge_method
    if challenge is None:
        if method is not None:
            raise Refusal(CHALLENGE_INVALID)
        if is_required(policy, application):
            raise Refusal(CHALLENGE_MISSING)
        return
    allowed = {"S256": _S256}
    if PROFILES[policy.profile].plain_challenge:
        allowed["plain"] = _UNRESERVED
    well_formed = allowed.get(method or "plain")
    if well_formed is None or well_formed(challenge) is None:
        raise Refusal(CHALLENGE_INVALID)


def check_verifier(request: Request) -> None:
    """§4.1: what is sent at the token step must be one at all; whether it fits, the code says.

    :raises Refusal: it is malformed.
    """
    if request.code_verifier is not None and _UNRESERVED(request.code_verifier) is None:
        raise Refusal(VERIFIER_MALFORMED)
