"""Makes an access token: the flow is found in the arguments, admitted by the policy, and asked for its token.

Source: Mashery API, OAuth Supporting Methods, createAccessToken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from .. import metrics
from ..calling import Calling, Relaying, admitted, once
from ..flows import FLOWS
from ..policy import step_of
from ..shapes import USER_CONTEXT_LONGEST, Client, Shape, TokenData, Uri, nested, own_string, request_of


class Params(Shape):
    """What comes in."""

    service_key = own_string(required=True)
    client = nested(Client)
    token_data = nested(TokenData)
    uri = nested(Uri)
    user_context = own_string(USER_CONTEXT_LONGEST)


class Result(Schema):
    """What goes out; the dialect decides the order."""

    return_type = fields.String()
    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()
    refresh_token = fields.String()
    scope = fields.String(allow_none=True)
    user_context = fields.String(allow_none=True)
    state = fields.String(allow_none=True)
    uri = fields.Nested(Uri, allow_none=True)
    extended = fields.Dict(allow_none=True)


KEYED = True  # an Idempotency-Key makes it safe to repeat
ABSENT = frozenset({"refresh_token", "expires_in"})  # rather than null, where there is none


async def call(calling: Calling, params: Mapping[str, Any]) -> dict[str, Any]:
    """Find the flow, admit the request, issue the token."""
    request = request_of(params)
    admission = await admitted(calling, params["service_key"], request, step_of(request))
    with Relaying(admission.relay):
        admission = await once(calling, "createAccessToken", admission)
        issued = await FLOWS[admission.grant.flow].issue(calling.store, admission)
    metrics.issued(admission.grant.flow)
    answer = {}
    for member in calling.dialect.token_members:
        value = getattr(issued, member)
        if value is not None or member not in ABSENT:
            answer[member] = value
    return answer
