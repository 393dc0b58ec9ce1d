"""Checks a client before the user is asked, and tells what the consent page shows.

Source: Mashery API, OAuth Supporting Methods, fetchApplication.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from ..calling import Calling, Relaying, judged, subject_of
from ..errors import AUTHORIZATION
from ..models import Relay
from ..policy import Looked, look_up
from ..shapes import Client, Shape, Uri, nested, own_string, passed_string, request_of
from ..subject import Subject

INCLUDABLE = ("uri", "type", "profile", "scopes")
INCLUDED = 16  # entries of ``include``


class ShortList(fields.List[str]):
    """A list whose length is judged before its entries are looked at."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str | None]:
        if isinstance(value, list | dict) and len(value) > INCLUDED:
            raise ValidationError(f"has more than {INCLUDED} entries")
        return super()._deserialize(value, attr, data, **kwargs)


class Params(Shape):
    """What comes in."""

    service_key = own_string(required=True)
    client = nested(Client)
    uri = nested(Uri)
    response_type = passed_string()
    scope = passed_string()
    code_challenge = passed_string()
    code_challenge_method = passed_string()
    include = ShortList(
        fields.String(
            validate=validate.OneOf(INCLUDABLE, error=f"is none of {', '.join(INCLUDABLE)}"),
            error_messages={"invalid": "must be a string", "null": "must be a string"},
        ),
        error_messages={"invalid": "must be a list"},
        metadata={"named_only": True},
    )


class Result(Schema):
    """What goes out; further members where ``include`` names them."""

    id = fields.Integer()
    external_id = fields.String(allow_none=True)
    name = fields.String()
    attributes = fields.String(allow_none=True)


async def call(calling: Calling, params: Mapping[str, Any]) -> dict[str, Any]:
    """Check what was given; tell who the client is."""
    request = request_of(params)
    subject = await subject_of(calling, params["service_key"], AUTHORIZATION)
    with Relaying(Relay(AUTHORIZATION, subject.profile, subject.site.name)):
        looked = await judged(calling, subject, request, look_up)
    application = looked.application
    answer = {
        "id": application.id,
        "external_id": application.external_id,
        "name": application.name,
        "attributes": application.attributes,
    }
    extras = _extras(subject, looked)
    return answer | {name: extras[name] for name in INCLUDABLE if name in params.get("include", ())}


def _extras(subject: Subject, looked: Looked) -> dict[str, Any]:
    scopes = subject.service.policy.scopes
    return {
        "uri": None if looked.redirection is None else {"redirect_uri": looked.redirection.uri},
        "type": looked.application.type,
        "profile": subject.profile,
        "scopes": None if scopes is None else list(scopes),
    }
