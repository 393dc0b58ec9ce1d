"""Lists the applications that have tokens of a user, with those tokens.

Source: Mashery API, OAuth Supporting Methods, fetchUserApplications.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from ..calling import Calling, Relaying, subject_of
from ..errors import OTHER
from ..models import Application, Relay
from ..shapes import USER_CONTEXT_LONGEST, Shape, own_string
from ..subject import Subject

STATUSES = ("active", "inactive", "all")


class Params(Shape):
    """What comes in."""

    service_key = own_string(required=True)
    user_context = own_string(USER_CONTEXT_LONGEST, required=True)
    token_status = fields.String(
        validate=validate.OneOf(STATUSES, error=f"is none of {', '.join(STATUSES)}"),
        error_messages={"invalid": "must be a string"},
        metadata={"longest": 0},
    )


class Result(Schema):
    """What goes out: a list of these."""

    id = fields.Integer()
    name = fields.String()
    client_id = fields.String()
    access_tokens = fields.List(fields.String())


async def call(calling: Calling, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Read the user's index, and keep what has the status asked for."""
    subject = await subject_of(calling, params["service_key"], OTHER)
    status = params.get("token_status", "all")
    with Relaying(Relay(OTHER, subject.profile)):
        by_application: dict[int, list[tuple[str, int]]] = {}
        for number, text, version in await calling.store.users.tokens(subject.service, params["user_context"]):
            by_application.setdefault(number, []).append((text, version))
        answer = []
        for number, tokens in sorted(by_application.items()):
            application = await calling.store.configuration.application_by_id(calling.site.id, number)
            if application is None:
                continue
            alive_from = _alive_from(subject, application)
            texts = [
                text for text, version in tokens if status == "all" or (version >= alive_from) == (status == "active")
            ]
            if texts:
                answer.append(_shown(application, texts))
        return answer


def _alive_from(subject: Subject, application: Application) -> float:
    """The configuration version from which on the application's tokens work, if they work at all."""
    if not application.active or subject.service.key not in application.services:
        return math.inf
    return max(subject.floor, application.revoked_before, 0)


def _shown(application: Application, texts: list[str]) -> dict[str, Any]:
    return {
        "id": application.id,
        "name": application.name,
        "client_id": application.client_id,
        "access_tokens": texts,
    }
