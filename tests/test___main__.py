"""``python -m mashery_oauth``."""

import subprocess
import sys


def test_is_the_command() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "mashery_oauth", "--help"], capture_output=True, text=True, check=True
    )

    assert shown.stdout.startswith("Usage: mashery-oauth [OPTIONS] COMMAND [ARGS]...")
