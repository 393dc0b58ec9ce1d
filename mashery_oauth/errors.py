r"""The table of things that go wrong, one row each, and the one exception that carries a row.

A row says what the provider hears (JSON-RPC code, sentence) and what its client may hear: the OAuth error
at the authorization step and at the token step, and whether it may travel in a redirection. ``rpc`` alone
turns a row into an answer. Sentences are ASCII without ``"`` and ``\`` (RFC 6749 §5.2), so that they can be
sent on as ``error_description``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .models import Relay

AUTHORIZATION, TOKEN, OTHER = "authorization", "token", "other"
OAUTH, INVALID_PARAMS, INTERNAL_ERROR = -2001, -32602, -32603

Overrides = Mapping[str, str]  # profile -> OAuth error


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One thing that can go wrong."""

    name: str
    message: str
    authorization: str = ""  # OAuth error at the authorization step
    token: str = ""  # OAuth error at the token step
    redirect: bool = False  # at the authorization step it may be told by redirection, once the URI is verified
    relayed: bool = True  # at the token step it comes with a body that the provider can send on
    code: int = OAUTH
    status: int = 400  # of the body that the provider sends on
    http: int | None = None  # of our own answer, where the dialect's default does not hold
    authorization_in: Overrides = field(default_factory=dict)
    token_in: Overrides = field(default_factory=dict)
    drop_state: bool = False


def _numeric(status: str) -> dict[str, str]:
    """Draft 16 §4.1.2.1: trouble on the server's side is an HTTP status as the error, in a string."""
    return {"draft16": status}


UNKNOWN_SERVICE = Row("unknown_service", "Unknown service key", "invalid_request", "invalid_request", relayed=False)
CLIENT_ID_MISSING = Row("client_id_missing", "Client identifier is required", "invalid_request", "invalid_request")
UNKNOWN_CLIENT = Row(
    "unknown_client",
    "Invalid client identifier",
    "unauthorized_client",
    "invalid_client",
    status=401,
    authorization_in={"draft10": "invalid_client"},
)
WRONG_SECRET = Row("wrong_secret", "Invalid client credentials", "invalid_client", "invalid_client", status=401)
REDIRECT_MISSING = Row("redirect_uri_missing", "Redirect URI is required", "invalid_request", "invalid_request")
REDIRECT_INVALID = Row("redirect_uri_invalid", "Invalid redirect URI", "invalid_request", "invalid_request")
REDIRECT_MISMATCH = Row(
    "redirect_uri_mismatch",
    "Redirect URI mismatch",
    "invalid_request",
    "invalid_grant",
    authorization_in={"draft10": "redirect_uri_mismatch"},
)
SELECTORS_MISSING = Row(
    "selectors_missing", "Grant type or response type is required", "invalid_request", "invalid_request"
)
SELECTORS_DISAGREE = Row(
    "selectors_disagree", "Grant type and response type disagree", "invalid_request", "invalid_request"
)
UNSUPPORTED_GRANT_TYPE = Row("unsupported_grant_type", "Unsupported grant type", token="unsupported_grant_type")
UNSUPPORTED_RESPONSE_TYPE = Row(
    "unsupported_response_type", "Unsupported response type", "unsupported_response_type", redirect=True
)
FLOW_OFF = Row(
    "flow_off",
    "Flow {flow} is not enabled for this service",
    "unsupported_response_type",
    "unsupported_grant_type",
    redirect=True,
)
FLOW_FORBIDDEN = Row(
    "flow_forbidden",
    "Flow {flow} is not allowed for this client",
    "unauthorized_client",
    "unauthorized_client",
    redirect=True,
)
INVALID_SCOPE = Row("invalid_scope", "Invalid scope", "invalid_scope", "invalid_scope", redirect=True)
INVALID_STATE = Row(
    "invalid_state", "Invalid state", "invalid_request", "invalid_request", redirect=True, drop_state=True
)
CHALLENGE_MISSING = Row("code_challenge_missing", "Code challenge is required", "invalid_request", redirect=True)
CHALLENGE_INVALID = Row("code_challenge_invalid", "Code challenge is invalid", "invalid_request", redirect=True)
VERIFIER_MALFORMED = Row(
    "code_verifier_malformed", "Invalid code verifier", "invalid_request", "invalid_request", redirect=True
)
VERIFIER_UNEXPECTED = Row(
    "code_verifier_unexpected",
    "Invalid code verifier",
    token="invalid_grant",
    token_in={"oauth21": "invalid_request"},
)
VERIFIER_WRONG = Row("code_verifier_wrong", "Invalid code verifier", token="invalid_grant")
CODE_MISSING = Row("code_missing", "Authorization code is required", token="invalid_request")
REFRESH_TOKEN_MISSING = Row("refresh_token_missing", "Refresh token is required", token="invalid_request")
# At the authorization step codes, refresh tokens and verifiers are of no use: refused only where they are too long.
INVALID_CODE = Row("invalid_code", "Invalid authorization code", "invalid_request", "invalid_grant", redirect=True)
INVALID_REFRESH_TOKEN = Row(
    "invalid_refresh_token", "Invalid refresh token", "invalid_request", "invalid_grant", redirect=True
)
TOKEN_LIMIT = Row("token_limit", "Token limit reached", "access_denied", "invalid_request", redirect=True)
TOO_MANY_ATTEMPTS = Row(
    "too_many_attempts",
    "Too many failed attempts",
    "unauthorized_client",
    "invalid_client",
    status=429,
    http=429,
)
UNKNOWN_TOKEN = Row("unknown_token", "Invalid Access Token", "invalid_request", "invalid_request", relayed=False)
UPDATE_FAILED = Row("update_failed", "Unable to update token", "invalid_request", "invalid_request", relayed=False)
UNAVAILABLE = Row(
    "unavailable",
    "Service temporarily unavailable",
    "temporarily_unavailable",
    "temporarily_unavailable",
    redirect=True,
    code=INTERNAL_ERROR,
    status=503,
    http=503,
    authorization_in=_numeric("503"),
    token_in=_numeric("503"),
)
INTERNAL = Row(
    "internal_error",
    "Internal error",
    "server_error",
    "server_error",
    redirect=True,
    code=INTERNAL_ERROR,
    status=500,
    authorization_in=_numeric("500"),
    token_in=_numeric("500"),
)
PARSE_ERROR = Row("parse_error", "Parse error", code=-32700)
TOO_LARGE = Row("request_too_large", "Request too large", code=-32600, http=413)
INVALID_REQUEST = Row("invalid_request", "Invalid Request", code=-32600)
METHOD_NOT_FOUND = Row("method_not_found", "Method not found", code=-32601)
INVALID_ARGUMENT = Row("invalid_params", "Invalid params: {field} {problem}", code=INVALID_PARAMS)
KEY_REUSED = Row("idempotency_key_reused", "Invalid params: {field} {problem}", code=INVALID_PARAMS)

FIELD_REQUIRED = Row("field_required", 'Field "{field}" is required', code=1002)

ROWS: tuple[Row, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Row))

KEY_HEADER = "Idempotency-Key"
RETRY_AFTER = 1  # seconds; told beside 503 and 429, unless more is known


class Refusal(Exception):
    """A call that is answered with a row.

    :param fields: the caller's own arguments that are at fault, each with what is wrong.
    :param relay: where it happened, and so how the client may be told.
    :param retry_after: seconds to wait before it is worth to try again.
    :param reason: what an operator is told beyond the row, and a client is not.
    """

    def __init__(
        self,
        row: Row,
        *,
        fields: tuple[tuple[str, str], ...] = (),
        relay: Relay | None = None,
        retry_after: int = RETRY_AFTER,
        reason: str | None = None,
        **words: str,
    ) -> None:
        super().__init__(row.name)
        self.row, self.fields, self.relay, self.words = row, fields, relay, words
        self.retry_after, self.reason = retry_after, reason

    @property
    def message(self) -> str:
        """The sentence, its blanks filled."""
        return self.row.message.format(**self.words) if self.words else self.row.message

    def at(self, relay: Relay) -> Refusal:
        """The same refusal, told at this place unless it already knows its own."""
        if self.relay is None:
            self.relay = relay
        return self


class StoreUnavailable(Exception):
    """The store did not answer, or its answer is unknown. Always a retryable 503, never a success or a refusal."""


def invalid_argument(name: str, problem: str) -> Refusal:
    """The refusal of one argument that the provider itself must get right."""
    return Refusal(INVALID_ARGUMENT, fields=((name, problem),), field=name, problem=problem)


def key_reused() -> Refusal:
    """The refusal of an Idempotency-Key that came with other arguments before."""
    problem = "came with other arguments before"
    return Refusal(KEY_REUSED, fields=((KEY_HEADER, problem),), field=KEY_HEADER, problem=problem)


def oauth_error(row: Row, relay: Relay) -> str:
    """The OAuth error of a row at a step, in a profile."""
    profile = relay.profile or ""
    if relay.step == AUTHORIZATION:
        return row.authorization_in.get(profile, row.authorization)
    return row.token_in.get(profile, row.token)


def without_state(relay: Relay) -> Relay:
    """The same place, for an error that must not echo a state that is itself ill-formed."""
    return relay._replace(state=None)
