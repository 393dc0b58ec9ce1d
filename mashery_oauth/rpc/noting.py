"""What is noted of a call: it is counted, and where somebody may ask why it ended as it did, it is a line of the log.

Nothing in a line is what a caller wrote: services, clients and flows are named where they are known, and only then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog

from .. import logs
from ..calling import Calling
from ..errors import INTERNAL, UNAVAILABLE, UNKNOWN_CLIENT, UNKNOWN_TOKEN, Refusal, StoreUnavailable
from ..flows import named
from ..methods import METHODS
from ..metrics import observe, seen
from ..models import Application, Service

SLOW = 1.0  # seconds; a call that takes longer is logged
OK, OTHER = "ok", "other"
LOOK = "oauth2.fetchApplication"
_OURS = (INTERNAL, UNAVAILABLE)

# Told of each call with its request as it was sent, secrets and all, and how it ended. There are none but in tests.
Witness = Callable[[Calling, dict[str, Any], str], None]
witnesses: list[Witness] = []

_log = structlog.get_logger("mashery_oauth.rpc")


def note(calling: Calling, request: dict[str, Any], started: float, refusal: Refusal | None) -> None:
    """Counts a call, and logs it: what was our fault, what was slow, what was refused; for debugging every one."""
    took = time.perf_counter() - started
    outcome = OK if refusal is None else refusal.row.name
    observe(request["method"], outcome, took)
    for witness in witnesses:
        witness(calling, request, outcome)
    if refusal is not None and refusal.reason is not None:
        seen(refusal.reason)
    if refusal is not None and refusal.row in _OURS:
        cause = refusal.__cause__
        unexpected = cause if refusal.row is INTERNAL else None
        _log.error(outcome, **_members(calling, request, outcome, took), cause=_named(cause), exc_info=unexpected)
    elif took > SLOW:
        _log.warning("slow", **_members(calling, request, outcome, took))
    elif refusal is not None and not _is_usual(request["method"], refusal):
        _log.info("refused", **_members(calling, request, outcome, took), reason=refusal.reason)
    elif logs.verbosity.calls:
        _log.debug("call", **_members(calling, request, outcome, took))


def _is_usual(method: str, refusal: Refusal) -> bool:
    """Every token is unknown one day; and a provider in front of several services asks each whose client it has."""
    return refusal.row is UNKNOWN_TOKEN or (refusal.row is UNKNOWN_CLIENT and method == LOOK)


def _members(calling: Calling, request: dict[str, Any], outcome: str, took: float) -> dict[str, Any]:
    method = request["method"] if request["method"] in METHODS else OTHER
    service, client, token = _named_in(request.get("params"))
    known = calling.store.configuration.kept(Service, service)
    application = calling.store.configuration.kept(Application, client)
    return {
        "request_id": calling.request_id,
        "caller": calling.caller.apikey,
        "site": calling.site.id,
        "method": method,
        "service": known and known.key,
        "client": application and application.client_id,
        "flow": known and named(known.policy, token.get("grant_type"), token.get("response_type")),
        "outcome": OK if outcome == OK else "refused",
        "row": None if outcome == OK else outcome,
        "seconds": round(took, 4),
    }


def _named_in(params: Any) -> tuple[Any, Any, dict[str, Any]]:
    """Service, client and what selects the flow, where arguments have them; whatever else stands there."""
    if isinstance(params, list):
        params = dict(zip(("service_key", "client", "token_data"), params, strict=False))
    if not isinstance(params, dict):
        return None, None, {}
    client, token = params.get("client"), params.get("token_data")
    identifier = client.get("client_id") if isinstance(client, dict) else params.get("client_id")
    return params.get("service_key"), identifier, token if isinstance(token, dict) else params


def _named(error: BaseException | None) -> str | None:
    """What failed: by its text where the store told it, else by its kind alone."""
    if isinstance(error, StoreUnavailable):
        return str(error)
    return None if error is None else type(error).__name__
