"""Children that are forked, as a server's workers are that loads its application first."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any


def forked(do: Callable[[], Any]) -> Callable[[], Any]:
    """Does it in a child, from now on; what is returned waits for the child and tells what it has told."""
    ours, its = os.pipe()
    child = os.fork()
    if not child:
        try:
            said = json.dumps(do())
        except BaseException as error:  # noqa: BLE001  nothing may bring a second pytest to life
            said = json.dumps(repr(error))
        with os.fdopen(its, "w") as telling:
            telling.write(said)
        os._exit(0)
    os.close(its)

    def told() -> Any:
        with os.fdopen(ours) as reading:
            said = reading.read()
        os.waitpid(child, 0)
        return json.loads(said)

    return told
