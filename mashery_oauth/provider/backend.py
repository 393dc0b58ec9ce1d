"""The backend, as this provider calls it: whatever fails is logged, with the member of the file that it may be due to.

That a client is at fault is no failure. That a service is unknown there is one: nobody but this provider named it.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import fields
from typing import TypeVar

import structlog

from ..client import (
    AsyncClient,
    BackendError,
    Call,
    CallerRefused,
    InvalidParams,
    OAuthError,
    Throttled,
    Unavailable,
    calls,
    refusals,
)
from .configuration import BackendPlace, Configuration, ServiceEntry
from .tables import ConfigurationError

CONNECTIONS = 100  # to the backend, at once
START = 3.0  # seconds that a backend which is started together with this provider may take to be there
PAUSE = 0.2  # seconds between two questions meanwhile

T = TypeVar("T")
_log = structlog.get_logger("mashery_oauth.provider.backend")


class Backend(AsyncClient):
    """The client, with a log of what failed: where, what, for which service, and how; never what was sent."""

    def __init__(
        self, place: BackendPlace, services: Sequence[ServiceEntry], *, trusted: ssl.SSLContext | None = None
    ) -> None:
        """:param trusted: the certificates by which the backend is known, if not those of the system."""
        super().__init__(place.url, place.credentials, timeout=place.timeout, connections=CONNECTIONS, ssl=trusted)
        self._place, self._services = place, tuple(services)

    async def send(self, call: Call[T]) -> T:
        """See :class:`AsyncClient`."""
        try:
            return await super().send(call)
        except BackendError as error:
            self._note([call], error)
            raise

    async def batch(self, several: Sequence[Call[T]]) -> list[T | BackendError]:
        """See :class:`AsyncClient`."""
        try:
            outcomes = await super().batch(several)
        except BackendError as error:
            self._note(several, error)
            raise
        self._note_each(several, outcomes)
        return outcomes

    async def check(self) -> None:
        """Asks once whether the services are there, so that a mistake in the file is told before a user finds it."""
        questions = [calls.fetch_access_tokens(each.service_key, ()) for each in self._services]  # about none
        end = asyncio.get_running_loop().time() + START
        while True:
            try:
                self._note_each(questions, await super().batch(questions))
            except BackendError as error:
                if isinstance(error, Unavailable) and asyncio.get_running_loop().time() < end:
                    await asyncio.sleep(PAUSE)
                    continue
                self._note(questions, error)
            return

    def _note_each(self, several: Sequence[Call[T]], outcomes: Sequence[T | BackendError]) -> None:
        for call, outcome in zip(several, outcomes, strict=True):
            if isinstance(outcome, BackendError):
                self._note([call], outcome)

    def _note(self, several: Sequence[Call[object]], error: BackendError) -> None:
        if isinstance(error, OAuthError) and not isinstance(error, refusals.UnknownService):
            return
        names = [self._name_of(call) for call in several]
        told = {
            "url": self._place.url,
            "method": sorted({call.method for call in several}),
            "service_names": names,
            "error": type(error).__name__,
            "status": error.status,
            "code": error.code,
            "look_at": self._suspects(error, names),
        }
        if error.status is None:
            told["problem"] = error.message  # the client's own words: nothing was answered
        if isinstance(error, InvalidParams):
            told["fields"] = [problem.field for problem in error.problems]
        level = "warning" if isinstance(error, Unavailable | Throttled) else "error"
        if any(not call.method.startswith("oauth2.") for call in several):
            level = "info"  # one that a backend need not have
        getattr(_log, level)("backend", **told)

    def _name_of(self, call: Call[object]) -> str:
        key = call.params.get("service_key")
        return next((each.name for each in self._services if each.service_key == key), "")

    def _suspects(self, error: BackendError, names: Sequence[str]) -> list[str]:
        """The members of the file that may be wrong."""
        if isinstance(error, refusals.UnknownService):
            return [f"services.{name}.service_key" for name in names]
        if isinstance(error, CallerRefused):
            members = [each.name for each in fields(self._place.credentials) if each.name != "version"]
            if error.status == 404:  # nothing is there, or not this site
                members = ["url", *(member for member in members if member == "site_id")]
            return [f"backend.{member}" for member in members]
        is_of_a_backend = error.code is not None or isinstance(error, Throttled)
        return [] if is_of_a_backend else ["backend.url"]


def backend_of(configuration: Configuration) -> Backend:
    """The backend that the file names.

    :raises ConfigurationError: there is no certificate where one is named.
    """
    return Backend(configuration.backend, configuration.services, trusted=_trusted(configuration))


def _trusted(configuration: Configuration) -> ssl.SSLContext | None:
    certificates = configuration.backend.ca
    if certificates is None:
        return None
    try:
        return ssl.create_default_context(cafile=certificates)
    except OSError as error:
        raise ConfigurationError(f"backend.ca: {certificates} cannot be used: {error.strerror or error}") from None
    except ValueError as error:  # no name of a file at all
        raise ConfigurationError(f"backend.ca: {str(certificates)!r} cannot be used: {error}") from None
