"""The three dialects of the JSON-RPC door: Mashery Cloud, Mashery Local V2 and V3. The route chooses, never a guess."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """How answers look. Inputs are the same in all three."""

    name: str
    nested: str  # member of a 2.0 error that holds the OAuth error
    nested_legacy: str  # the same in answers to 1.0 and 1.1
    keeps_nulls: bool
    unknown_token: int | str  # the OAuth error of an unknown access token
    error_status: int  # HTTP status of a JSON-RPC error
    internal_status: int  # HTTP status of our own fault
    invalid_client_code: int  # JSON-RPC code and HTTP status of a client that is not who it says
    invalid_client_status: int
    reused_key_status: int  # HTTP status where an Idempotency-Key came with other arguments before
    envelope: tuple[str, str]  # the members after "jsonrpc"; "result" stands for the answer
    error_members: tuple[str, str, str]
    token_members: tuple[str, ...]  # createAccessToken's members, in order


_CLOUD_TOKEN = (
    "return_type",
    "access_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "scope",
    "state",
    "uri",
    "extended",
)
_LOCAL_TOKEN = (
    "token_type",
    "return_type",
    "access_token",
    "expires_in",
    "refresh_token",
    "scope",
    "user_context",
    "uri",
    "extended",
    "state",
)

CLOUD = Dialect(
    name="cloud",
    nested="error",
    nested_legacy="data",
    keeps_nulls=True,
    unknown_token=404,
    error_status=400,
    internal_status=500,
    invalid_client_code=-2001,
    invalid_client_status=400,
    reused_key_status=422,
    envelope=("result", "id"),
    error_members=("message", "code", "nested"),
    token_members=_CLOUD_TOKEN,
)
LOCAL_V2 = Dialect(
    name="local_v2",
    nested="data",
    nested_legacy="data",
    keeps_nulls=False,
    unknown_token="invalid_request",
    error_status=200,
    internal_status=200,
    invalid_client_code=4000,
    invalid_client_status=403,
    reused_key_status=200,
    envelope=("id", "result"),
    error_members=("message", "nested", "code"),
    token_members=_LOCAL_TOKEN,
)
LOCAL_V3 = Dialect(
    name="local_v3",
    nested="error",
    nested_legacy="error",
    keeps_nulls=True,
    unknown_token="invalid_request",
    error_status=200,
    internal_status=200,
    invalid_client_code=-2001,
    invalid_client_status=200,
    reused_key_status=200,
    envelope=("id", "result"),
    error_members=("message", "code", "nested"),
    token_members=_LOCAL_TOKEN,
)
DIALECTS = (CLOUD, LOCAL_V2, LOCAL_V3)
