"""Programs that some tests need and a bare machine may lack: skipped there, never where everything is checked."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def tool(name: str) -> str:
    """Where a program is; without it the test is skipped, and in CI it fails."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have {name}")
        pytest.skip(f"{name} is not installed; CI runs this")
    return found


def time_library() -> str:
    """libfaketime, which lies beside the program that comes with it, where the system keeps libraries."""
    program = Path(tool("faketime"))
    found = sorted(program.parents[1].glob("lib/*/faketime/libfaketimeMT.so.1"))
    assert found, f"{program} is there, and its library is not"
    return str(found[0])
