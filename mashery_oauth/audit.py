"""What was ended, and by whom: a line of the log."""

from __future__ import annotations

import structlog

from .calling import Calling
from .models import Application, Service

_log = structlog.get_logger("mashery_oauth.audit")


def revoked(calling: Calling, level: str, service: Service, application: Application, tokens: int | None) -> None:
    """Notes a revocation.

    :param level: what was ended: a ``token``, a ``grant``, or what a ``user and application`` had.
    :param tokens: how many access tokens died; ``None`` where they were not counted.
    """
    _log.info(
        "revoked",
        request_id=calling.request_id,
        caller=calling.caller.apikey,
        site=calling.site.id,
        what=level,
        service=service.key,
        client=application.client_id,
        tokens=tokens,
    )
