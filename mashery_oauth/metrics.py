"""What is counted: calls by method and outcome, and how long they took. Exported in Prometheus' text format."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)

MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"  # where the library's processes meet
CONTENT_TYPE = CONTENT_TYPE_LATEST

_calls = Counter("mashery_oauth_calls", "JSON-RPC calls", ["method", "outcome"])
_seconds = Histogram(
    "mashery_oauth_call_seconds",
    "Time inside a call",
    ["method"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
_refused = Counter("mashery_oauth_callers_refused", "Calls refused at the door", ["status"])
_issued = Counter("mashery_oauth_tokens_issued", "Access tokens made", ["flow"])
_seen = Counter("mashery_oauth_events", "Codes and refresh tokens that came again", ["event"])
_known: dict[tuple[str, str], tuple[Counter, Histogram]] = {}
_yields: dict[str, Counter] = {}
_OTHER = "other"
_FOLDER = "mashery_oauth-counts-"


def share(folder: str) -> None:
    """Lets this process and those that it forks count together, in a folder. Before anything is counted."""
    os.environ[MULTIPROCESS] = folder
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]  # was chosen on import


@contextmanager
def shared() -> Iterator[None]:
    """A folder for that, as long as the block runs. Those of services that were killed are removed first.

    A folder is locked by the processes that count in it, until the last of them has gone.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        with suppress(OSError):  # it is in use, or somebody else's
            _remove(left, _lock(left))
    folder, lock = _new_folder()
    share(str(folder))
    try:
        yield
    finally:
        _remove(folder, lock)


def _new_folder() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_FOLDER))
        with suppress(OSError):  # another service took it for one that was left behind, before it was locked
            lock = _lock(folder)
            if folder.exists():
                return folder, lock
            os.close(lock)


def _remove(folder: Path, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)  # not before: it may be another one's by then


def _lock(folder: Path) -> int:
    """An open folder that is locked.

    :raises OSError: it is locked already, or it is not ours to open.
    """
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        raise
    return opened


def observe(method: str, outcome: str, seconds: float) -> None:
    """Counts one call. Names that are no method's are counted together: a stranger cannot make series at will."""
    if outcome == "method_not_found":
        method = _OTHER
    series = _known.get((method, outcome))
    if series is None:
        series = _known[method, outcome] = (_calls.labels(method, outcome), _seconds.labels(method))
    series[0].inc()
    series[1].observe(seconds)


def issued(flow: str) -> None:
    """Counts one access token that a flow has yielded."""
    series = _yields.get(flow)
    if series is None:
        series = _yields[flow] = _issued.labels(flow)
    series.inc()


def seen(event: str) -> None:
    """Counts one event that operators watch: a replayed code, a reused or a repeated refresh token."""
    _seen.labels(event).inc()


def refused(status: int) -> None:
    """Counts one caller that was not let in."""
    _refused.labels(str(status)).inc()


def exposition() -> bytes:
    """All series, of all worker processes where there are several."""
    registry = REGISTRY
    if os.environ.get(MULTIPROCESS):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
