"""The methods that may be called: the wire's name for each, and the module that is it. The published contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..arguments import Arguments
from ..calling import Calling
from . import (
    application_fetch,
    create_access_token,
    create_authorization_code,
    echo,
    fetch_access_token,
    fetch_application,
    fetch_user_applications,
    hello,
    revoke_access_token,
    revoke_user_application,
    service_fetch,
    update_access_token,
)


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its arguments, what it does, and where its text is."""

    name: str
    arguments: Arguments
    call: Callable[[Calling, Mapping[str, Any]], Awaitable[Any]]
    documentation: str
    result: type | None = None
    keyed: bool = False  # an Idempotency-Key makes it safe to repeat


_MODULES = {
    "oauth2.fetchApplication": fetch_application,
    "oauth2.createAuthorizationCode": create_authorization_code,
    "oauth2.createAccessToken": create_access_token,
    "oauth2.fetchAccessToken": fetch_access_token,
    "oauth2.fetchUserApplications": fetch_user_applications,
    "oauth2.revokeAccessToken": revoke_access_token,
    "oauth2.revokeUserApplication": revoke_user_application,
    "oauth2.updateAccessToken": update_access_token,
    "test.hello": hello,
    "test.echo": echo,
    "application.fetch": application_fetch,
    "service.fetch": service_fetch,
}
METHODS: dict[str, Method] = {
    name: Method(
        name=name,
        arguments=getattr(module, "ARGUMENTS", None) or Arguments(module.Params),
        call=module.call,
        documentation=module.__doc__ or "",
        result=module.Result,
        keyed=getattr(module, "KEYED", False),
    )
    for name, module in _MODULES.items()
}
