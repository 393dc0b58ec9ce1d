"""Redirect URIs: what one looks like, which one is in force, and how answers are added to it. RFC 6749 §3.1.2.

Matching is string for string. There are no wildcards, no prefixes and no normalisation: each of those has been
somebody's vulnerability. The one exception is the port of a native application's loopback URI (RFC 8252 §7.3).
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from .errors import REDIRECT_INVALID, REDIRECT_MISMATCH, REDIRECT_MISSING, Refusal
from .models import Application, Policy, Redirection

LONGEST = 4096
LOOPBACK = frozenset({"127.0.0.1", "::1"})
_ANSWERS = frozenset({"code", "state", "error", "error_description", "error_uri"})  # what is added to a query
_UNSAFE = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "filesystem", "view-source"})
# RFC 3986: printable ASCII without what it excludes; a backslash is a slash to browsers, so it is out as well.
_CHARACTERS = re.compile(r"[!$-;=?-\[\]_a-z~]+").fullmatch
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})").search
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*").fullmatch
_SLASHES = re.compile(r"[/\\]").split
_DECODINGS = 8
_HOST = re.compile(r"[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\]").fullmatch


def parse(uri: str) -> SplitResult | None:
    """The parts of a URI that may be redirected to at all; ``None`` for one that never may.

    Refused in every profile: what is not absolute, a fragment, userinfo, a scheme that runs code or reads files,
    dot segments, any character that two parsers might read differently, and a query that has a parameter of the
    answer already, which must not come twice (RFC 6749 §3.1).
    """
    if len(uri) > LONGEST or _CHARACTERS(uri) is None or _PERCENT(uri) is not None:
        return None
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018  raises for a port that is none
    except ValueError:
        return None
    scheme = uri.partition(":")[0]
    if _SCHEME(scheme) is None or parts.scheme in _UNSAFE or parts.scheme == "":
        return None
    if parts.scheme in ("http", "https") or parts.netloc:
        if _HOST(_without_port(parts.netloc)) is None:
            return None
    elif not parts.path:
        return None
    return None if _climbs(parts.path) or _answers(parts.query) else parts


def _without_port(netloc: str) -> str:
    return re.sub(r":\d*$", "", netloc)


def _climbs(path: str) -> bool:
    """Whether a path has dot segments, however often and however much of them is percent-encoded.

    A backslash counts as a slash here: once it is decoded, it is one to browsers.
    """
    for _ in range(_DECODINGS):
        if any(segment.split(";")[0] in (".", "..") for segment in _SLASHES(path)):
            return True
        decoded = unquote(path, "latin-1")
        if decoded == path:
            return False
        path = decoded
    return True  # nobody encodes that often who has nothing to hide


def _answers(query: str) -> bool:
    """Whether a query has a name that an answer would add once more."""
    return not _ANSWERS.isdisjoint(name for name, _ in parse_qsl(query, keep_blank_values=True))


def is_registrable(uri: str) -> bool:
    """Whether a URI may be registered with an application."""
    return parse(uri) is not None


def _secure(parts: SplitResult, application: Application) -> bool:
    """Whether a URI will do where https is a must; a native application may use loopback or its own scheme."""
    if parts.scheme == "https":
        return True
    if not application.native:
        return False
    return parts.scheme != "http" or parts.hostname in LOOPBACK


def resolve(policy: Policy, application: Application, sent: str | None) -> Redirection:
    """The redirect URI in force for a request.

    :param sent: what the client sent; ``None`` takes the one that is registered, if there is exactly one.
    :raises Refusal: it is missing, ill-formed, or not a registered one where that is asked for.
    """
    registered = application.redirect_uris
    if sent is None:
        if len(registered) != 1:
            raise Refusal(REDIRECT_MISSING)
        uri = registered[0]
    else:
        uri = sent
    parts = parse(uri)
    if parts is None or (policy.force_https and not _secure(parts, application)):
        raise Refusal(REDIRECT_INVALID)
    verified = any(_same(uri, known, application) for known in registered)
    strict = policy.redirect_match == "exact" or (policy.redirect_match == "registered" and bool(registered))
    if strict and not verified:
        raise Refusal(REDIRECT_MISMATCH)
    return Redirection(uri, sent is not None, verified)


def _same(uri: str, registered: str, application: Application) -> bool:
    if uri == registered:
        return True
    return application.native and _same_but_port(uri, registered)


def _same_but_port(uri: str, registered: str) -> bool:
    """RFC 8252 §7.3: a native application cannot choose its port in advance; nothing else may differ."""
    ours, theirs = urlsplit(registered), urlsplit(uri)
    if ours.scheme != "http" or ours.hostname not in LOOPBACK:
        return False
    return _portless(uri, theirs.netloc) == _portless(registered, ours.netloc)


def _portless(uri: str, netloc: str) -> str:
    return uri.replace(netloc, _without_port(netloc), 1)


def with_query(uri: str, members: str) -> str:
    """The URI with form-encoded members added to its query, which is kept (RFC 6749 §3.1.2)."""
    joint = "&" if "?" in uri else "?"
    return f"{uri}{'' if uri.endswith(('?', '&')) else joint}{members}"


def with_fragment(uri: str, members: str) -> str:
    """The URI with form-encoded members as its fragment (RFC 6749 §4.2.2)."""
    return f"{uri}#{members}"
