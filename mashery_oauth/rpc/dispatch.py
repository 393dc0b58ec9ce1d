"""One request to its method and back, by jsonrpcserver. Nothing else of the package knows that library.

Two of its ways are dealt with here. It answers an exception with the exception's text: so nothing is ever raised
into it. It gathers single requests as if they were many: so the step for one request is taken directly.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from jsonrpcserver import Error, Success
from jsonrpcserver.async_dispatcher import dispatch_request
from jsonrpcserver.dispatcher import create_request
from jsonrpcserver.result import Result
from oslash.either import Left

from ..calling import Calling
from ..errors import INTERNAL, METHOD_NOT_FOUND, UNAVAILABLE, Refusal, StoreUnavailable
from ..methods import METHODS, Method
from .discovery import discover

Run = Callable[..., Awaitable[Result]]


class _Anything(inspect.Signature):
    """The library binds a signature on each call; here the method's own schema has that verdict."""

    __slots__ = ()

    def bind(self, /, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Fits."""


def _refused(refusal: Refusal, cause: Exception | None = None) -> Result:
    refusal.__cause__ = refusal.__cause__ or cause
    return Error(code=refusal.row.code, message=refusal.row.name, data=refusal)


def _runner(method: Method) -> Run:
    async def run(calling: Calling, /, *positional: Any, **named: Any) -> Result:
        try:
            return Success(await method.call(calling, method.arguments.read(positional, named)))
        except Refusal as refusal:
            return _refused(refusal)
        except StoreUnavailable as error:
            return _refused(Refusal(UNAVAILABLE), error)
        except Exception as error:  # noqa: BLE001  the caller must not see it, and the log will
            return _refused(Refusal(INTERNAL), error)

    run.__signature__ = _Anything()  # type: ignore[attr-defined]
    return run


async def _discover(_: Calling, /, *_positional: Any, **_named: Any) -> Result:
    return Success(discover())


_discover.__signature__ = _Anything()  # type: ignore[attr-defined]
_RUNNERS: dict[str, Run] = {name: _runner(method) for name, method in METHODS.items()} | {"rpc.discover": _discover}


async def dispatch(calling: Calling, request: dict[str, Any]) -> Any:
    """The method's result.

    :raises Refusal: the method's, or ``method_not_found``.
    """
    _, result = await dispatch_request(_RUNNERS, calling, create_request(request))
    if isinstance(result, Left):
        refusal = result._error.data  # noqa: SLF001  the library has no other way to a result's content
        raise refusal if isinstance(refusal, Refusal) else Refusal(METHOD_NOT_FOUND)
    return result._value.result  # noqa: SLF001
