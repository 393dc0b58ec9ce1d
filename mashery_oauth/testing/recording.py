"""Who called what: kept for each caller until the test asks, secrets masked before they are kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from ..calling import Calling
from ..methods import METHODS
from .calls import MASKED, digest

KEPT = 10_000  # calls of one caller
SHOWN, LEAST = 4, 12  # letters of a secret that are shown, and letters that one must have for that
# Members that are no secret. Every other text may be one, or a place where a provider put one by mistake.
PLAIN = frozenset(
    {
        *("service_key", "client_id", "redirect_uri", "state", "scope", "grant_type", "response_type"),
        *("user_context", "token_status", "code_challenge", "code_challenge_method", "include"),
    }
)


class Recording:
    """The calls of each caller that is listened to."""

    def __init__(self) -> None:
        self._heard: dict[str, deque[dict[str, Any]]] = {}

    def listen(self, apikey: str) -> None:
        """From now on this caller's calls are kept."""
        self._heard[apikey] = deque(maxlen=KEPT)

    def forget(self, apikey: str) -> None:
        """No longer, and nothing of it."""
        self._heard.pop(apikey, None)

    def heard(self, apikey: str) -> list[dict[str, Any]]:
        """What it called."""
        return list(self._heard.get(apikey, ()))

    def witness(self, calling: Calling, request: dict[str, Any], outcome: str) -> None:
        """Told of each call, see :mod:`mashery_oauth.rpc.noting`."""
        kept = self._heard.get(calling.caller.apikey)
        if kept is not None:
            arguments = masked(named(request["method"], request.get("params")))
            call = {"method": request["method"], "arguments": arguments, "outcome": outcome}
            kept.append(call | {"dialect": calling.dialect.name})


def named(method: str, params: Any) -> Mapping[str, Any]:
    """The arguments of a call with their names, whether the method takes them or not."""
    if isinstance(params, dict):
        return params
    positional = params if isinstance(params, list) else []
    names = METHODS[method].arguments.names_of(positional) if method in METHODS else ()
    more = (f"params[{at}]" for at in range(len(names), len(positional)))
    return dict(zip((*names, *more), positional, strict=False))


def masked(value: Any, name: str = "") -> Any:
    """The same with every text masked that may be a secret."""
    if isinstance(value, Mapping):
        return {inner: masked(each, inner) for inner, each in value.items()}
    if isinstance(value, list):
        return [masked(each, name) for each in value]
    if not isinstance(value, str) or not value or name in PLAIN:
        return value
    shown = value[:SHOWN] if len(value) >= LEAST else ""
    return {MASKED: [f"{shown}\N{HORIZONTAL ELLIPSIS}", digest(value)]}
