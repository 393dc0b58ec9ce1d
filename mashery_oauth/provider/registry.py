"""Which of the provider's services knows a client: the service decides by which text the client is served."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from ..bounded import keep
from ..client import Application, AsyncClient, BackendError, ClientCredentials, calls, refusals
from .configuration import ServiceEntry
from .renderings import Rendering, rendering_of

LIFETIME = 60.0  # seconds that an answer is good for
MOST = 10_000  # clients that are remembered
_log = structlog.get_logger("mashery_oauth.provider.registry")


@dataclass(frozen=True, slots=True)
class Registered:
    """A client, at the one service that knows it."""

    client_id: str
    service: ServiceEntry
    rendering: Rendering
    type: str  # confidential or public; empty where the backend cannot tell it

    @property
    def public(self) -> bool:
        """Whether it may go without a secret (RFC 6749 §2.1; the drafts know no such client)."""
        return self.type == "public" and self.rendering.profile.public_clients


class AmbiguousClient(Exception):
    """Two of the provider's services know the same client: nobody can say by which text it is to be served."""


class Registry:
    """Asks the backend about all services in one call, and remembers who is known for a minute.

    A client that nobody knows is asked about anew: it may have been made since.
    """

    def __init__(
        self, backend: AsyncClient, services: Sequence[ServiceEntry], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._backend, self._services, self._clock = backend, tuple(services), clock
        self._known: dict[str, tuple[float, Registered]] = {}

    async def find(self, client_id: str) -> Registered | None:
        """The client, if one of the services knows it.

        :raises AmbiguousClient: more than one does.
        :raises BackendError: one of them could not be asked.
        """
        until, registered = self._known.get(client_id, (0.0, None))
        if registered is not None and self._clock() < until:
            return registered
        answers = await self._backend.batch([_question(service, client_id) for service in self._services])
        asked = zip(self._services, answers, strict=True)
        found = [each for service, answer in asked if (each := _registered(service, client_id, answer)) is not None]
        if len(found) > 1:
            _log.error("ambiguous_client", services=[each.service.service_key for each in found])
            raise AmbiguousClient
        if not found:
            return None
        keep(self._known, MOST, client_id, (self._clock() + LIFETIME, found[0]))
        return found[0]


def _question(service: ServiceEntry, client_id: str) -> calls.Call[Application]:
    client = ClientCredentials(client_id)
    return calls.fetch_application(service.service_key, client=client, include=("type", "profile"))


def _registered(service: ServiceEntry, client_id: str, answer: Application | BackendError) -> Registered | None:
    """What a service's answer says; silence is not taken for no."""
    if isinstance(answer, refusals.UnknownClient):
        return None
    if isinstance(answer, refusals.RedirectUriInvalid):
        # Known, but its only redirect URI will not do: no hindrance where the user is sent nowhere.
        return Registered(client_id, service, service.rendering, "")
    if isinstance(answer, BackendError):
        raise answer
    return Registered(client_id, service, rendering_of(service.rendering, answer.profile or ""), answer.type or "")
