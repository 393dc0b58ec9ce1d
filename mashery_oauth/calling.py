"""A call that is under way: who calls, in which dialect, on which store; and how its failures are told."""

from __future__ import annotations

from types import TracebackType
from typing import NamedTuple

from .dialects import Dialect
from .errors import INTERNAL, UNAVAILABLE, UNKNOWN_SERVICE, Refusal, StoreUnavailable
from .flow import Admission
from .models import Application, Caller, Relay, Request, Site
from .policy import admit
from .store import Store
from .subject import Subject, identify


class Calling(NamedTuple):
    """What a method needs to know of its call."""

    store: Store
    site: Site
    caller: Caller
    dialect: Dialect


class Relaying:
    """What goes wrong inside is told at this place: a refusal as it is, an outage as 503, a fault of ours as 500."""

    __slots__ = ("_relay",)

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Refusal):
            error.at(self._relay)
        elif isinstance(error, StoreUnavailable):
            raise Refusal(UNAVAILABLE, relay=self._relay) from error
        elif isinstance(error, Exception):
            raise Refusal(INTERNAL, relay=self._relay) from error


async def subject_of(calling: Calling, service_key: str, step: str) -> Subject:
    """The service that a call is about.

    :raises Refusal: there is none such in the caller's site.
    """
    configuration = calling.store.configuration
    service = await configuration.service(service_key)
    if service is None or not service.active or service.site_id != calling.site.id:
        raise Refusal(UNKNOWN_SERVICE, relay=Relay(step))
    return Subject(calling.site, service, configuration.version, calling.store.ring.matches)


async def application_of(calling: Calling, request: Request) -> Application | None:
    """The application that a request names, if there is one."""
    if request.client_id is None:
        return None
    return await calling.store.configuration.application(request.client_id)


async def identified(calling: Calling, subject: Subject, request: Request) -> Application:
    """The client that a request names, which a sent secret must fit.

    :raises Refusal: there is none such, or it does not.
    """
    return identify(subject, await application_of(calling, request), request)


async def admitted(calling: Calling, service_key: str, request: Request, step: str) -> Admission:
    """A request that the service's policy lets pass.

    :raises Refusal: it does not.
    """
    subject = await subject_of(calling, service_key, step)
    with Relaying(Relay(step, subject.profile, subject.site.name)):
        application = await application_of(calling, request)
        return admit(subject, application, request, step=step).enforce()
