"""The libraries, one file for each family: what its documentation says, and nothing of ours in between."""

from __future__ import annotations

from .authlib import AUTHLIB_HTTPX, AUTHLIB_REQUESTS
from .node import OAUTH4WEBAPI, OPENID_CLIENT
from .oauthlib import OAUTHLIB
from .requests_oauthlib import REQUESTS_OAUTHLIB

LIBRARIES = (REQUESTS_OAUTHLIB, OAUTHLIB, AUTHLIB_REQUESTS, AUTHLIB_HTTPX, OPENID_CLIENT, OAUTH4WEBAPI)
