"""Tells what a token stands for, or several at once.

Source: Mashery API, OAuth Supporting Methods, fetchAccessToken.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..calling import Calling, Relaying, subject_of
from ..errors import OTHER, UNKNOWN_TOKEN, Refusal
from ..models import Relay
from ..shapes import Shape, StringOrList, TokenShown, own_string, shown


class Params(Shape):
    """What comes in: one token, or a list of them."""

    service_key = own_string(required=True)
    access_token = StringOrList(
        required=True, error_messages={"required": "is required"}, metadata={"type": "string or array"}
    )


Result = TokenShown  # in a list each has its ``access_token`` too


async def call(calling: Calling, params: Mapping[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """Read token and marks in one trip; in a list, what is not alive is left out."""
    subject = await subject_of(calling, params["service_key"], OTHER)
    wanted = params["access_token"]
    with Relaying(Relay(OTHER, subject.profile)):
        many = isinstance(wanted, list)
        texts = wanted if many else [wanted]
        tokens = await calling.store.tokens.fetch(subject.service, subject.floor, texts)
        if many:
            pairs = zip(texts, tokens, strict=True)
            return [{"access_token": text, **shown(token)} for text, token in pairs if token is not None]
        if tokens[0] is None:
            raise Refusal(UNKNOWN_TOKEN)
        return shown(tokens[0])
