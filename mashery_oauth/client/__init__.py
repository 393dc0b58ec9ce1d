"""The client with which a provider's authorization server calls the backend: ``AsyncClient``, and ``Client``."""

from __future__ import annotations

from . import calls, refusals
from .arguments import ClientCredentials, Redirect, TokenData
from .async_client import AsyncClient
from .calls import Call
from .credentials import Cloud, Credentials, Local
from .errors import (
    BackendError,
    CallerRefused,
    ConnectionFailed,
    ErrorResponse,
    InternalError,
    InvalidParams,
    NotUnderstood,
    OAuthError,
    Problem,
    Throttled,
    TimedOut,
    Unavailable,
    UnreadableAnswer,
)
from .results import AccessToken, Application, AuthorizationCode, TokenInfo, UserApplication
from .sync_client import Client

__all__ = [
    "AccessToken",
    "Application",
    "AsyncClient",
    "AuthorizationCode",
    "BackendError",
    "Call",
    "CallerRefused",
    "Client",
    "ClientCredentials",
    "Cloud",
    "ConnectionFailed",
    "Credentials",
    "ErrorResponse",
    "InternalError",
    "InvalidParams",
    "Local",
    "NotUnderstood",
    "OAuthError",
    "Problem",
    "Redirect",
    "Throttled",
    "TimedOut",
    "TokenData",
    "TokenInfo",
    "Unavailable",
    "UnreadableAnswer",
    "UserApplication",
    "calls",
    "refusals",
]
