"""What the services let clients ask for, as the backend tells it; asked about once a minute.

A backend that knows no ``service.fetch``, or no more of it than the product has, tells nothing: then a service is
taken to let clients ask for all that its text has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from ..client import AsyncClient, BackendError, Call
from .configuration import ServiceEntry

LIFETIME = 60.0  # seconds that an answer is good for
AGAIN = 5.0  # seconds until one that did not come is asked for again


@dataclass(frozen=True, slots=True)
class Allowed:
    """What clients of a service may ask for."""

    grant_types: tuple[str, ...]
    response_types: tuple[str, ...]


class Policies:
    """Asks about all services in one call, however many want to know."""

    def __init__(
        self, backend: AsyncClient, services: Sequence[ServiceEntry], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._backend, self._services, self._clock = backend, tuple(services), clock
        self._known: dict[str, Allowed] = {}
        self._until, self._asking = 0.0, asyncio.Lock()

    async def known(self) -> Sequence[Allowed]:
        """For each service in its place; what its text has, where the backend has never told."""
        async with self._asking:
            if self._clock() >= self._until:
                await self._ask()
        return [self._known.get(service.name) or _of_text(service) for service in self._services]

    async def _ask(self) -> None:
        try:
            answers = await self._backend.batch([_question(service) for service in self._services])
        except BackendError:
            self._until = self._clock() + AGAIN
            return
        for service, answer in zip(self._services, answers, strict=True):
            if isinstance(answer, Allowed):
                self._known[service.name] = answer
        lost = any(isinstance(answer, BackendError) for answer in answers)
        self._until = self._clock() + (AGAIN if lost else LIFETIME)


POLICIES = web.AppKey("policies", Policies)


def _question(service: ServiceEntry) -> Call[Allowed | None]:
    asked = {"service_key": service.service_key, "include": ["grant_types", "response_types"]}
    return Call("service.fetch", asked, _read)


def _read(value: object) -> Allowed | None:
    """Nothing, where the backend does not know the service, or has nothing more than the product."""
    members = value if isinstance(value, Mapping) else {}
    lists = members.get("grant_types"), members.get("response_types")
    grants, responses = (tuple(map(str, each)) if isinstance(each, list) else None for each in lists)
    return None if grants is None or responses is None else Allowed(grants, responses)


def _of_text(service: ServiceEntry) -> Allowed:
    return Allowed(service.rendering.grant_types, service.rendering.response_types)
