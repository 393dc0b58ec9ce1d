"""Checks a client before the user is asked, and tells what the consent page shows.

Source: Mashery API, OAuth Supporting Methods, fetchApplication.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from .. import pkce
from ..calling import Calling, Relaying, judged, subject_of
from ..errors import AUTHORIZATION
from ..models import Relay
from ..policy import Looked, look_up
from ..shapes import Client, Shape, Uri, include_of, nested, own_string, passed_string, request_of
from ..subject import Subject

INCLUDABLE = ("uri", "type", "profile", "scopes", "pkce")


class Params(Shape):
    """What comes in."""

    service_key = own_string(required=True)
    client = nested(Client)
    uri = nested(Uri)
    response_type = passed_string()
    scope = passed_string()
    code_challenge = passed_string()
    code_challenge_method = passed_string()
    include = include_of(INCLUDABLE)


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
    if not params.get("include"):
        return answer
    extras = _extras(subject, looked)
    return answer | {name: extras[name] for name in INCLUDABLE if name in params["include"]}


def _extras(subject: Subject, looked: Looked) -> dict[str, Any]:
    policy, scopes = subject.service.policy, subject.service.policy.scopes
    return {
        "uri": None if looked.redirection is None else {"redirect_uri": looked.redirection.uri},
        "type": looked.application.type,
        "profile": subject.profile,
        "scopes": None if scopes is None else list(scopes),
        "pkce": "required" if pkce.is_required(policy, looked.application) else "optional",
    }
