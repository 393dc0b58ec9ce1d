"""What arguments look like: marshmallow schemas whose field order is the order of positional params.

A wrong JSON type anywhere is the provider's fault and named here. A string that is merely missing, empty or
ill-formed in what the provider passes on is its client's fault, and the policy's to judge. ``null``, ``""`` and, for
objects, ``[]`` mean omitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from .models import Request
from .store.values import Live

LONGEST = 4096
USER_CONTEXT_LONGEST = 255
LIST_LONGEST = 1000
INCLUDED = 16  # entries of ``include``


class Shape(Schema):
    """An object of arguments."""

    class Meta:
        """Members that nobody knows are passed over (draft 16 §2.1)."""

        unknown = EXCLUDE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["type"] = "must be an object"

    @pre_load
    def _drop_omitted(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if not self._is_omitted(name, value)}

    def _is_omitted(self, name: str, value: Any) -> bool:
        if value is None or value == "":
            return True
        return value == [] and isinstance(self.fields.get(name), fields.Nested)


def own_string(longest: int = LONGEST, *, required: bool = False, **extra: Any) -> fields.String:
    """A string that the provider itself must get right."""
    return fields.String(
        required=required,
        validate=validate.Length(max=longest, error=f"is longer than {longest} characters"),
        error_messages={"required": "is required", "invalid": "must be a string"},
        metadata={"longest": longest},
        **extra,
    )


def passed_string() -> fields.String:
    """A string that the provider only passes on; what it holds is judged later."""
    return fields.String(error_messages={"invalid": "must be a string"})


def nested(shape: type[Shape]) -> fields.Nested:
    """An object within the arguments."""
    return fields.Nested(shape, error_messages={"type": "must be an object", "invalid": "must be an object"})


class ShortList(fields.List[str]):
    """A list whose length is judged before its entries are looked at."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str | None]:
        if isinstance(value, list | dict) and len(value) > INCLUDED:
            raise ValidationError(f"has more than {INCLUDED} entries")
        return super()._deserialize(value, attr, data, **kwargs)


def include_of(names: Sequence[str]) -> ShortList:
    """Members that an answer has only where they are asked for; by name only, as no position is documented."""
    return ShortList(
        fields.String(
            validate=validate.OneOf(names, error=f"is none of {', '.join(names)}"),
            error_messages={"invalid": "must be a string", "null": "must be a string"},
        ),
        error_messages={"invalid": "must be a list"},
        metadata={"named_only": True},
    )


class WholeNumber(fields.Field[int]):
    """A JSON integer, not a string or a boolean that could be taken for one."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise ValidationError("must be an integer")
        return value


class StringOrList(fields.Field["str | list[str]"]):
    """One string, or a list of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | list[str]:
        if isinstance(value, list):
            if len(value) > LIST_LONGEST:
                raise ValidationError(f"has more than {LIST_LONGEST} entries")
            for at, entry in enumerate(value):
                if not isinstance(entry, str) or len(entry) > LONGEST:
                    raise ValidationError({at: [f"must be a string of at most {LONGEST} characters"]})
            return value
        if not isinstance(value, str):
            raise ValidationError("must be a string or a list of strings")
        if len(value) > LONGEST:
            raise ValidationError(f"is longer than {LONGEST} characters")
        return value


class Client(Shape):
    """The client's credentials, as it sent them."""

    client_id = passed_string()
    client_secret = passed_string()


class Uri(Shape):
    """Where the user is to be sent, and the client's own state."""

    redirect_uri = passed_string()
    state = passed_string()


class TokenData(Shape):
    """What decides the flow, and what the flow needs."""

    grant_type = passed_string()
    scope = passed_string()
    code = passed_string()
    response_type = passed_string()
    refresh_token = passed_string()
    access_token = passed_string()
    code_verifier = passed_string()


def request_of(params: Mapping[str, Any]) -> Request:
    """What a provider passed on, wherever in the arguments it came."""
    client, uri, token = params.get("client", {}), params.get("uri", {}), params.get("token_data", {})
    return Request(
        client_id=client.get("client_id"),
        client_secret=client.get("client_secret"),
        redirect_uri=uri.get("redirect_uri"),
        state=uri.get("state"),
        response_type=token.get("response_type") or params.get("response_type"),
        grant_type=token.get("grant_type"),
        code=token.get("code"),
        refresh_token=token.get("refresh_token"),
        access_token=token.get("access_token"),
        scope=token.get("scope") or params.get("scope"),
        user_context=params.get("user_context"),
        code_challenge=params.get("code_challenge"),
        code_challenge_method=params.get("code_challenge_method"),
        code_verifier=token.get("code_verifier"),
    )


class TokenShown(Schema):
    """A token as fetchAccessToken and updateAccessToken tell it."""

    client_id = fields.String()
    token_type = fields.String()
    grant_type = fields.String()
    expires = fields.String(allow_none=True)
    scope = fields.String(allow_none=True)
    user_context = fields.String(allow_none=True)
    extended = fields.Dict(allow_none=True)


def shown(token: Live) -> dict[str, Any]:
    """A token in those members."""
    stored = token.stored
    return {
        "client_id": token.application.client_id,
        "token_type": "mac" if stored.mac else "bearer",
        "grant_type": stored.flow,
        "expires": _iso(stored.expires // 1000) if stored.expires > 0 else None,
        "scope": stored.scope,
        "user_context": stored.user_context,
        "extended": token.extended,
    }


@lru_cache(maxsize=4096)
def _iso(seconds: int) -> str:
    """ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
