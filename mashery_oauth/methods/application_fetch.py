"""Tells of an application what the V2 object has of it; ``null`` where there is none. Never a secret.

Source: Mashery API, application.fetch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from ..arguments import ObjectFirst
from ..calling import Calling
from ..errors import FIELD_REQUIRED, Refusal
from ..shapes import Shape, WholeNumber


class Params(Shape):
    """What comes in; positionally also as one object."""

    id = WholeNumber(metadata={"type": "integer"})


class Result(Schema):
    """What goes out."""

    id = fields.Integer()
    name = fields.String()
    external_id = fields.String(allow_none=True)
    uri = fields.String(allow_none=True)
    status = fields.String()
    object_type = fields.String()


ARGUMENTS = ObjectFirst(Params)


async def call(calling: Calling, params: Mapping[str, Any]) -> dict[str, Any] | None:
    """Only the caller's own site has applications."""
    if "id" not in params:
        raise Refusal(FIELD_REQUIRED, field="id")
    application = await calling.store.configuration.application_by_id(calling.site.id, params["id"])
    if application is None:
        return None
    return {
        "id": application.id,
        "name": application.name,
        "external_id": application.external_id,
        "uri": application.redirect_uris[0] if application.redirect_uris else None,
        "status": "active" if application.active else "disabled",
        "object_type": "application",
    }
