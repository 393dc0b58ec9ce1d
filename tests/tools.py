"""Programs that some tests need and a bare machine may lack: skipped there, never where everything is checked."""

from __future__ import annotations

import os
import shutil

import pytest


def tool(name: str) -> str:
    """Where a program is; without it the test is skipped, and in CI it fails."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have {name}")
        pytest.skip(f"{name} is not installed; CI runs this")
    return found
