"""A provider in front of one protected service, and tokens for it."""

from __future__ import annotations

from typing import Any

from mashery_oauth.models import Application, Service
from tests.world import World

from .scene import Provider, Serve, entry, no_user, own

REALM = 'realm="127.0.0.1"'


async def scene(
    serve: Serve, world: World, profile: str, policy: dict[str, Any] | None = None, **members: object
) -> tuple[Provider, Service, Application]:
    """A provider in front of one service, whose resource is ``/resource``."""
    service = await world.add_service(profile, **(policy or {}))
    application = await world.add_application(service)
    provider = await serve(entry(service, rendering=profile, resource="/resource", **members))
    return provider, service, application


async def token(provider: Provider, service: Service, application: Application, **more: str) -> Any:
    """A token, had from the provider."""
    answer = await provider.token(no_user(service, **more) | own(application))
    assert answer.status == 200, answer
    return answer.json
