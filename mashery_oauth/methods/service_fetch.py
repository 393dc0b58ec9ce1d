"""Tells of a service what the V2 object has of it; ``null`` where there is none.

Source: Mashery API, service.fetch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from ..arguments import ObjectFirst
from ..calling import Calling
from ..errors import FIELD_REQUIRED, Refusal
from ..flows import grant_types, response_types
from ..models import Service
from ..shapes import Shape, include_of, own_string

INCLUDABLE = ("profile", "grant_types", "response_types", "scopes")


class Params(Shape):
    """What comes in; positionally also as one object."""

    service_key = own_string()
    include = include_of(INCLUDABLE)


class Result(Schema):
    """What goes out; further members where ``include`` names them."""

    service_key = fields.String()
    name = fields.String()
    object_type = fields.String()


ARGUMENTS = ObjectFirst(Params)


async def call(calling: Calling, params: Mapping[str, Any]) -> dict[str, Any] | None:
    """Only the caller's own site has services."""
    if "service_key" not in params:
        raise Refusal(FIELD_REQUIRED, field="service_key")
    service = await calling.store.configuration.service(params["service_key"])
    if service is None or service.site_id != calling.site.id:
        return None
    answer = {"service_key": service.key, "name": service.name, "object_type": "service"}
    extras = _extras(service)
    return answer | {name: extras[name] for name in INCLUDABLE if name in params.get("include", ())}


def _extras(service: Service) -> dict[str, Any]:
    """What clients may ask for now: nothing, where the service is not active."""
    policy, scopes = service.policy, service.policy.scopes
    return {
        "profile": policy.profile,
        "grant_types": grant_types(policy) if service.active else [],
        "response_types": response_types(policy) if service.active else [],
        "scopes": None if scopes is None else list(scopes),
    }
