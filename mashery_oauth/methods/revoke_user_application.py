"""Ends everything that an application has of a user: access tokens, refresh tokens, unused codes.

Source: Mashery API, OAuth Supporting Methods, revokeUserApplication.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema

from .. import audit
from ..calling import Calling, Relaying, identified, subject_of
from ..errors import OTHER
from ..models import Relay
from ..shapes import USER_CONTEXT_LONGEST, Client, Shape, nested, own_string, request_of


class Params(Shape):
    """What comes in."""

    service_key = own_string(required=True)
    client = nested(Client)
    user_context = own_string(USER_CONTEXT_LONGEST, required=True)


class Result(Schema):
    """What goes out: ``true``, also where there was nothing."""


async def call(calling: Calling, params: Mapping[str, Any]) -> bool:
    """One mark, however many tokens."""
    request = request_of(params)
    subject = await subject_of(calling, params["service_key"], OTHER)
    with Relaying(Relay(OTHER, subject.profile)):
        application = await identified(calling, subject, request)
        died = await calling.store.users.revoke(subject.service, params["user_context"], application)
    audit.revoked(calling, "user and application", subject.service, application, died)
    return True
