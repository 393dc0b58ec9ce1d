"""How a switch becomes a test: a value for each profile, and what a call in it came to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.world import Answer, World

from .conditions import PROFILES
from .scene import CODE, Door, Scene

PUBLIC = {"type": "public"}


def across(names: str, *row: Any) -> pytest.MarkDecorator:
    """One row of the table: a value, or several, for draft10, draft16, rfc6749 and oauth21."""
    cells = [
        (profile, *value) if "," in names else (profile, value) for profile, value in zip(PROFILES, row, strict=True)
    ]
    return pytest.mark.parametrize(f"profile,{names}", cells, ids=PROFILES)


async def staged(stage: World, profile: str, door: Door = CODE, client: Any = None, **policy: Any) -> Scene:
    """A scene in a profile."""
    service = await stage.add_service(profile, **policy)
    return Scene(stage, service, await stage.add_application(service, **(client or {})), door=door)


def outcome(found: Answer) -> str:
    """The OAuth error of an answer, or ``ok``."""
    return "ok" if found.json.get("error") is None else str(found.oauth["error"])
