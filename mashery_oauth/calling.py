"""A call that is under way: who calls, in which dialect, on which store; and how its failures are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, TypeVar

import orjson

from .dialects import Dialect
from .errors import (
    INTERNAL,
    KEY_HEADER,
    UNAVAILABLE,
    UNKNOWN_SERVICE,
    Refusal,
    StoreUnavailable,
    invalid_argument,
)
from .flow import Admission
from .guessing import check_held_up, counted, is_strict
from .models import Application, Caller, Relay, Request, Site
from .policy import admit
from .store import Store
from .store.issuing import is_counted
from .subject import Subject, identify

KEY_LONGEST = 255
_KEY = re.compile(rf"[!-~]{{1,{KEY_LONGEST}}}").fullmatch


class Key(NamedTuple):
    """What came as Idempotency-Key, and what is wrong with it."""

    text: str
    problem: str = ""


class Calling(NamedTuple):
    """What a method needs to know of its call."""

    store: Store
    site: Site
    caller: Caller
    dialect: Dialect
    key: Key | None = None
    request_id: str = ""
    sent: Mapping[str, Any] = MappingProxyType({})  # all arguments as they came, of a call with a key


def key_of(given: Sequence[str]) -> Key | None:
    """The Idempotency-Key among headers of that name."""
    if not given:
        return None
    if len(given) > 1 or not _KEY(given[0]):
        return Key("", f"must be given once, with 1 to {KEY_LONGEST} visible ASCII characters")
    return Key(given[0])


T = TypeVar("T")
Judge = Callable[[Subject, Application | None, Request], T]


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
    return await judged(calling, subject, request, identify)


async def judged(calling: Calling, subject: Subject, request: Request, judge: Judge[T]) -> T:
    """What a judge says of a request and the application that it names; wrong secrets are counted.

    :raises Refusal: the judge's, or ``too_many_attempts``.
    """
    application = await application_of(calling, request)
    if is_strict(subject):
        await check_held_up(calling.store, calling.caller, request)
    try:
        return judge(subject, application, request)
    except Refusal as refusal:
        raise await counted(calling.store, calling.caller, request, refusal) from None


async def admitted(calling: Calling, service_key: str, request: Request, step: str) -> Admission:
    """A request that the service's policy lets pass.

    :raises Refusal: it does not.
    """
    subject = await subject_of(calling, service_key, step)
    with Relaying(Relay(step, subject.profile, subject.site.name)):
        return await judged(calling, subject, request, lambda *whom: admit(*whom, step=step).enforce())


async def once(calling: Calling, method: str, admission: Admission) -> Admission:
    """The admission of a call that does its work at most once, where its caller sent an Idempotency-Key.

    A key belongs to caller, service and method. All arguments are compared, those that nobody knows too, with the
    redirect URI that they led to: whoever sends something else means another call. How they were written down does not
    matter: by position or by name, in which order, and with what stands for nothing.

    :raises Refusal: the key is malformed, or came with other arguments before.
    """
    key = calling.key
    if key is None:
        return admission
    if key.problem:
        raise invalid_argument(KEY_HEADER, key.problem)
    grant, redirection = admission.grant, admission.redirection
    name = f"{calling.caller.apikey}\n{grant.service.key}\n{method}\n{key.text}"
    effective = [calling.sent, redirection.uri if redirection else None, is_counted(grant.service.policy)]
    arguments = orjson.dumps(effective, option=orjson.OPT_SORT_KEYS).decode()
    claimed = await calling.store.answers.claim(name, arguments)
    return replace(admission, grant=replace(grant, once=claimed))
