"""Where in a request a bearer token is, in each text's way: RFC 6750 §2, bearer-04 §2, draft 10 §5.1.

Every text forbids to use more than one place. None of them lets a resource guess: which scheme and which parameter
name count is decided by the service.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .renderings import Rendering

MAC = "mac"
SCHEMES = frozenset({"bearer", "oauth", MAC})  # of OAuth 2.0, over the years
OAUTH1 = "oauth_signature_method"  # with which a request of OAuth 1.0 says what it is (draft 10 §5.1)
_TOKEN = re.compile(r"[!-~]+").fullmatch  # draft 10 §5.1.1, the widest of all

Pairs = Iterable[tuple[str, str]]


class Malformed(Exception):
    """A request with two tokens, or with one that is none."""


def scheme_of(header: str) -> str:
    """The scheme of an ``Authorization``, in small letters: a scheme's case never matters (RFC 9110 §11.1)."""
    return header.partition(" ")[0].lower()


def bearer_token(header: str | None, query: Pairs, body: Pairs, rendering: Rendering) -> str | None:
    """The token that a request brings, if it brings one.

    :param header: the ``Authorization``.
    :param body: the parameters of a form-encoded body.
    :raises Malformed: there are two, or it has characters that no token has.
    """
    found = [value for name, value in body if name in rendering.parameters]
    if rendering.in_query:
        found += [value for name, value in query if name in rendering.parameters]
    if header is not None and scheme_of(header) == rendering.scheme.lower() and OAUTH1 not in header:
        found.append(header.partition(" ")[2].strip())
    if len(found) > 1 or (found and not _TOKEN(found[0])):
        raise Malformed
    return found[0] if found else None
