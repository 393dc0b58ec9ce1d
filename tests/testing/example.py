"""The example's provider, as it is and with faults that a careless engineer makes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from mashery_oauth.client import Redirect
from mashery_oauth.testing import Backend

FOLDER = Path(__file__).parents[2] / "docs" / "examples" / "provider_project"
Fault = Callable[[Any], object]


def example() -> Any:
    """The module ``provider`` of the example."""
    sys.path.insert(0, str(FOLDER))
    try:
        return import_module("provider")
    finally:
        sys.path.remove(str(FOLDER))


def new_provider(backend: Backend, key: str, fault: Fault | None = None) -> Any:
    """The example's provider with a fault, if one is given."""
    made = example().Provider(backend.url, backend.local, key)
    if fault is not None:
        fault(made)
    return made


def forgets_the_redirect_uri(provider: Any) -> None:
    """At the token endpoint."""
    token, redirect = provider._token, example().redirect

    def careless(environ: Any) -> Any:
        example().redirect = lambda _: Redirect()
        try:
            return token(environ)
        finally:
            example().redirect = redirect

    provider._routes["POST", "/token"] = careless


def loses_the_state(provider: Any) -> None:
    """Where the user agrees."""
    made = provider._backend.create_authorization_code
    provider._backend.create_authorization_code = lambda key, *, uri, **more: made(
        key, uri=Redirect(uri.redirect_uri), **more
    )


def caches_tokens(provider: Any) -> None:
    """The answer of the token endpoint may be kept by a proxy."""
    token = provider._token

    def careless(environ: Any) -> Any:
        answer = token(environ)
        answer.headers.pop("Cache-Control")
        return answer

    provider._routes["POST", "/token"] = careless


def says_nothing_of_a_missing_response_type(provider: Any) -> None:
    """It takes it for ``code``."""
    ask = provider._ask
    provider._routes["GET", "/authorize"] = lambda environ: ask(
        environ
        if "response_type" in environ["QUERY_STRING"]
        else {**environ, "QUERY_STRING": environ["QUERY_STRING"] + "&response_type=code"}
    )
