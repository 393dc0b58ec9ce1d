"""What the handlers find in the application: each part under a key that knows its type."""

from __future__ import annotations

from aiohttp import web

from .backend import Backend
from .configuration import Configuration
from .registry import Registry
from .users import Door

CONFIGURATION = web.AppKey("configuration", Configuration)
BACKEND = web.AppKey("backend", Backend)
REGISTRY = web.AppKey("registry", Registry)
DOOR = web.AppKey("door", Door)
