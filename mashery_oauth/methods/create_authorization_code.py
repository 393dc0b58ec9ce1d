"""Makes an authorization code after login and consent, and the whole URI to send the user to.

Source: Mashery API, OAuth Supporting Methods, createAuthorizationCode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from marshmallow import Schema, fields

from ..calling import Calling, Relaying, admitted, once
from ..errors import AUTHORIZATION, REDIRECT_MISSING, UNSUPPORTED_RESPONSE_TYPE, Refusal
from ..flows import FLOWS
from ..redirects import with_query
from ..shapes import USER_CONTEXT_LONGEST, Client, Shape, Uri, nested, own_string, passed_string, request_of


class Params(Shape):
    """What comes in."""

    service_key = own_string(required=True)
    client = nested(Client)
    uri = nested(Uri)
    scope = passed_string()
    user_context = own_string(USER_CONTEXT_LONGEST)
    response_type = passed_string()
    code_challenge = passed_string()
    code_challenge_method = passed_string()


class Result(Schema):
    """What goes out."""

    code = fields.String()
    uri = fields.Nested(Uri)


KEYED = True  # an Idempotency-Key makes it safe to repeat


async def call(calling: Calling, params: Mapping[str, Any]) -> dict[str, Any]:
    """Admit the request, make the code, build the URI (RFC 6749 §4.1.2)."""
    request = request_of(params)
    request = replace(request, response_type=request.response_type or "code", for_code=True)
    admission = await admitted(calling, params["service_key"], request, AUTHORIZATION)
    with Relaying(admission.relay):
        authorize = FLOWS[admission.grant.flow].authorize
        if authorize is None:
            raise Refusal(UNSUPPORTED_RESPONSE_TYPE)
        if admission.redirection is None:
            raise Refusal(REDIRECT_MISSING)
        redirect_uri = admission.redirection.uri
        admission = await once(calling, "createAuthorizationCode", admission)
        code = await authorize(calling.store, admission)
    members = {"code": code} | ({"state": request.state} if request.state is not None else {})
    uri = with_query(redirect_uri, urlencode(members))
    return {"code": code, "uri": {"redirect_uri": uri, "state": request.state}}
