"""One request to its method and back, by jsonrpcserver. Nothing else of the package knows that library.

Three of its ways are dealt with here. It answers an exception with the exception's text: so nothing is ever raised
into it. It gathers single requests as if they were many, and binds a signature on each call, where a method's own
schema has that verdict: so its steps for one request are taken one by one, without those two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from jsonrpcserver import Error, Success
from jsonrpcserver.async_dispatcher import call
from jsonrpcserver.dispatcher import create_request, get_method
from jsonrpcserver.result import Result
from oslash.either import Left

from ..calling import Calling
from ..errors import INTERNAL, METHOD_NOT_FOUND, UNAVAILABLE, Refusal, StoreUnavailable
from ..methods import METHODS, Method
from .discovery import discover

Run = Callable[..., Awaitable[Result]]


def _refused(refusal: Refusal, cause: Exception | None = None) -> Result:
    refusal.__cause__ = refusal.__cause__ or cause
    return Error(code=refusal.row.code, message=refusal.row.name, data=refusal)


def _runner(method: Method) -> Run:
    async def run(calling: Calling, /, *positional: Any, **named: Any) -> Result:
        try:
            arguments = method.arguments.read(positional, named)
            if calling.key is not None and method.keyed:
                calling = calling._replace(sent=method.arguments.sent(positional, named))
            return Success(await method.call(calling, arguments))
        except Refusal as refusal:
            return _refused(refusal)
        except StoreUnavailable as error:
            return _refused(Refusal(UNAVAILABLE), error)
        except Exception as error:  # noqa: BLE001  the caller must not see it, and the log will
            return _refused(Refusal(INTERNAL), error)

    return run


async def _discover(_: Calling, /, *_positional: Any, **_named: Any) -> Result:
    return Success(discover())


_RUNNERS: dict[str, Run] = {name: _runner(method) for name, method in METHODS.items()} | {"rpc.discover": _discover}


async def dispatch(calling: Calling, request: dict[str, Any]) -> Any:
    """The method's result.

    :raises Refusal: the method's, or ``method_not_found``.
    """
    prepared = create_request(request)
    method = get_method(_RUNNERS, prepared.method)
    if isinstance(method, Left):
        raise Refusal(METHOD_NOT_FOUND)
    result = await call(prepared, calling, method._value)  # noqa: SLF001  the library has no other way to it
    if isinstance(result, Left):
        raise result._error.data  # noqa: SLF001
    return result._value.result  # noqa: SLF001
