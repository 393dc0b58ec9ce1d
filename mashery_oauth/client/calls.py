"""The eight methods, a function each: it checks its arguments and returns the call, which a client then sends.

A call can be kept, sent by either client, alone or in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from inspect import Parameter, Signature, signature
from typing import Generic, TypeVar

from . import results
from .arguments import ClientCredentials, Redirect, TokenData, idempotency_key, optional, required, texts
from .results import AccessToken, Application, AuthorizationCode, TokenInfo, UserApplication

T_co = TypeVar("T_co", covariant=True)
M = TypeVar("M", bound=Callable[..., object])

_create_key = idempotency_key


class Repeat(Enum):
    """Whether a call may be sent again when nobody knows if it was carried out."""

    ALWAYS = "always"  # carried out twice it does the same
    WITH_KEY = "with key"  # with an Idempotency-Key it is carried out once
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """A call that has not been sent; ``params`` may hold secrets, so it is not shown."""

    method: str
    params: Mapping[str, object] = field(repr=False)
    read: Callable[[object], T_co] = field(repr=False)
    repeat: Repeat = Repeat.ALWAYS
    key: str | None = field(default=None, repr=False)


def named_like(make: Callable[..., object], method: M) -> M:
    """A client's method with the name, the text and the arguments of the function that makes its call."""
    own = [Parameter("self", Parameter.POSITIONAL_ONLY), *signature(make).parameters.values()]
    method.__name__, method.__doc__ = make.__name__, make.__doc__
    method.__dict__["__signature__"] = Signature(own)
    return method


def fetch_application(
    service_key: str,
    *,
    client: ClientCredentials,
    uri: Redirect | None = None,
    response_type: str | None = None,
    scope: str | None = None,
    code_challenge: str | None = None,
    code_challenge_method: str | None = None,
    include: Sequence[str] = (),
) -> Call[Application]:
    """Checks a client before its user is asked.

    :param include: what more to tell: ``uri``, ``type``, ``profile``, ``scopes``, ``pkce``.
    """
    given = optional(
        uri=uri,
        response_type=response_type,
        scope=scope,
        code_challenge=code_challenge,
        code_challenge_method=code_challenge_method,
        include=include or None,
    )
    params = required(service_key=service_key, client=client) | given
    return Call("oauth2.fetchApplication", params, results.application)


def create_authorization_code(
    service_key: str,
    *,
    client: ClientCredentials,
    uri: Redirect | None = None,
    user_context: str | None = None,
    scope: str | None = None,
    response_type: str | None = None,
    code_challenge: str | None = None,
    code_challenge_method: str | None = None,
    idempotency_key: str | None = None,
) -> Call[AuthorizationCode]:
    """Makes a code after login and consent, and the whole URI to send the user to."""
    given = optional(
        uri=uri,
        user_context=user_context,
        scope=scope,
        response_type=response_type,
        code_challenge=code_challenge,
        code_challenge_method=code_challenge_method,
    )
    params = required(service_key=service_key, client=client) | given
    read = results.authorization_code
    return Call("oauth2.createAuthorizationCode", params, read, Repeat.WITH_KEY, _create_key(idempotency_key))


def create_access_token(
    service_key: str,
    *,
    client: ClientCredentials,
    token_data: TokenData,
    uri: Redirect | None = None,
    user_context: str | None = None,
    idempotency_key: str | None = None,
) -> Call[AccessToken]:
    """Makes a token, in the flow that ``token_data`` is for."""
    params = required(service_key=service_key, client=client, token_data=token_data)
    params |= optional(uri=uri, user_context=user_context)
    read = results.access_token
    return Call("oauth2.createAccessToken", params, read, Repeat.WITH_KEY, _create_key(idempotency_key))


def fetch_access_token(service_key: str, access_token: str) -> Call[TokenInfo]:
    """Tells what a token stands for; one that is not alive is refused with ``UnknownToken``."""
    params = required(service_key=service_key, access_token=access_token)
    return Call("oauth2.fetchAccessToken", params, results.token_info)


def fetch_access_tokens(service_key: str, access_tokens: Sequence[str]) -> Call[list[TokenInfo | None]]:
    """The same for several tokens, in their order, with ``None`` for each that is not alive."""
    wanted = texts("access_tokens", access_tokens)
    params = required(service_key=service_key) | {"access_token": wanted}
    return Call("oauth2.fetchAccessToken", params, results.in_order_of(wanted))


def fetch_user_applications(
    service_key: str, user_context: str, *, token_status: str | None = None
) -> Call[list[UserApplication]]:
    """Lists the applications that have tokens of a user; ``token_status``: ``active``, ``inactive`` or ``all``."""
    params = required(service_key=service_key, user_context=user_context) | optional(token_status=token_status)
    return Call("oauth2.fetchUserApplications", params, results.user_applications)


def revoke_access_token(service_key: str, *, client: ClientCredentials, access_token: str) -> Call[bool]:
    """Ends a token and its grant; true if that client's token is dead now, also if it was before."""
    params = required(service_key=service_key, client=client, access_token=access_token)
    return Call("oauth2.revokeAccessToken", params, results.truth)


def revoke_user_application(service_key: str, *, client: ClientCredentials, user_context: str) -> Call[bool]:
    """Ends everything that an application has of a user."""
    params = required(service_key=service_key, client=client, user_context=user_context)
    return Call("oauth2.revokeUserApplication", params, results.truth)


def update_access_token(
    service_key: str,
    *,
    client: ClientCredentials,
    access_token: str,
    scope: str | None = None,
    expires_in: int | None = None,
    user_context: str | None = None,
) -> Call[TokenInfo]:
    """Changes a live token; what is not given stays.

    It is not sent again when its answer is lost: no key tells a repetition from a second change, so it would undo a
    change that another caller made meanwhile, and ``expires_in`` would count anew.
    """
    params = required(service_key=service_key, client=client, access_token=access_token)
    params |= optional(scope=scope, expires_in=expires_in, user_context=user_context)
    return Call("oauth2.updateAccessToken", params, results.token_info, Repeat.NEVER)
