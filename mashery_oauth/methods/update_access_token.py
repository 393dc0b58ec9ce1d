"""Changes a live token: its scope, its lifetime, its user. What is not given stays.

Source: Mashery API, OAuth Supporting Methods, updateAccessToken. Its syntax line is flat, its sample nests the client;
both are taken: with a string in second place the seven flat ones, with an object there six.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import scopes
from ..arguments import Arguments
from ..calling import Calling, Relaying, identified, subject_of
from ..errors import OTHER, invalid_argument
from ..models import Change, Relay
from ..shapes import (
    USER_CONTEXT_LONGEST,
    Client,
    Shape,
    TokenShown,
    WholeNumber,
    nested,
    own_string,
    passed_string,
    request_of,
    shown,
)
from ..subject import Subject


class Params(Shape):
    """What comes in, positionally without the last two."""

    service_key = own_string(required=True)
    client = nested(Client)
    access_token = own_string(required=True)
    scope = passed_string()
    expires_in = WholeNumber(metadata={"type": "integer"})
    user_context = own_string(USER_CONTEXT_LONGEST)
    client_id = passed_string()
    client_secret = passed_string()


Result = TokenShown  # the record as fetchAccessToken tells it

_FLAT = ("service_key", "client_id", "client_secret", "access_token", "scope", "expires_in", "user_context")
_NESTED = 6  # of the arguments have a position where the client is nested


class _Arguments(Arguments):
    """Two positional forms, told apart by what stands second."""

    def names_of(self, positional: Sequence[Any]) -> tuple[str, ...]:
        """See :class:`Arguments`."""
        flat = len(positional) > 1 and isinstance(positional[1], str)
        return _FLAT if flat else self.names[:_NESTED]


ARGUMENTS = _Arguments(Params)


async def call(calling: Calling, params: Mapping[str, Any]) -> dict[str, Any]:
    """Read, then write if nobody else wrote meanwhile."""
    request = request_of({**params, "client": _client(params)})
    subject = await subject_of(calling, params["service_key"], OTHER)
    with Relaying(Relay(OTHER, subject.profile)):
        application = await identified(calling, subject, request)
        token = await calling.store.tokens.update(
            subject.service,
            subject.floor,
            params["access_token"],
            application,
            Change(
                scope=scopes.granted(subject.service.policy, request.scope) if request.scope else None,
                expires_in=_lifetime(subject, params.get("expires_in")),
                user_context=request.user_context,
            ),
        )
    return shown(token)


def _client(params: Mapping[str, Any]) -> dict[str, str]:
    """The client's credentials, nested or at the top; what is at both places must be the same."""
    client = dict(params.get("client", {}))
    for name in ("client_id", "client_secret"):
        if name in params and client.setdefault(name, params[name]) != params[name]:
            raise invalid_argument(name, "differs from the one in client")
    return client


def _lifetime(subject: Subject, seconds: int | None) -> int | None:
    longest = subject.service.policy.access_ttl_max
    if seconds is not None and not 1 <= seconds <= longest:
        raise invalid_argument("expires_in", f"must be from 1 to {longest}")
    return seconds
