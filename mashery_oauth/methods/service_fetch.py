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
from ..shapes import Shape, own_string


class Params(Shape):
    """What comes in; positionally also as one object."""

    service_key = own_string()


class Result(Schema):
    """What goes out."""

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
    return {"service_key": service.key, "name": service.name, "object_type": "service"}
