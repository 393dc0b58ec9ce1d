"""What a provider's own repository tests its authorization server with: a real backend, and scenarios to replay.

With this package installed, pytest has the fixture ``oauth_backend``. Nothing of the service is ever imported into the
process of the tests: it runs in one of its own.
"""

from __future__ import annotations

from .backend import Backend
from .calls import Call, Calls, Masked
from .errors import Refused
from .process import BackendProcess
from .registered import Application, Caller, Service, Tokens
from .replaying import Unmet, replay_tests
from .serving import Served, serve, served

__all__ = [
    "Application",
    "Backend",
    "BackendProcess",
    "Call",
    "Caller",
    "Calls",
    "Masked",
    "Refused",
    "Served",
    "Service",
    "Tokens",
    "Unmet",
    "replay_tests",
    "serve",
    "served",
]
