"""Ends a token, and unless the service says otherwise the grant that it came from.

Source: Mashery API, OAuth Supporting Methods, revokeAccessToken; RFC 7009 §2.1 for refresh tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from .. import audit
from ..calling import Calling, Relaying, identified, subject_of
from ..errors import OTHER
from ..models import Relay
from ..shapes import Client, Shape, nested, own_string, request_of

GRANT, TOKEN = "grant", "token"


class Params(Shape):
    """What comes in; ``access_token`` may be a refresh token or a ``sha256:`` handle."""

    service_key = own_string(required=True)
    client = nested(Client)
    access_token = own_string(required=True)


class Result(Schema):
    """What goes out: whether that client's token is dead now."""


async def call(calling: Calling, params: Mapping[str, Any]) -> bool:
    """True also when it was dead already; false for what is unknown or another's."""
    request = request_of(params)
    subject = await subject_of(calling, params["service_key"], OTHER)
    with Relaying(Relay(OTHER, subject.profile)):
        application = await identified(calling, subject, request)
        grant = subject.service.policy.revocation == GRANT
        dead = await calling.store.users.revoke_token(subject.service, params["access_token"], application, grant=grant)
    if dead:
        audit.revoked(calling, GRANT if grant else TOKEN, subject.service, application, None)
    return dead
