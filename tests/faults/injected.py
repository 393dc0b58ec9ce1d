"""The faults that a command can meet on its way, as a table."""

from __future__ import annotations

from .proxy import Fault

CUT_BEFORE = Fault("cut before it arrives", cuts=True)
CUT_AFTER = Fault("cut before the answer", arrives=True, cuts=True)
TORN = Fault("cut within the answer", arrives=True, torn=True, cuts=True)
GARBAGE = Fault("answered with garbage", arrives=True, reply=b"<html>502 Bad Gateway</html>\r\n")
LOST = Fault("lost on its way")
UNANSWERED = Fault("carried out and never answered", arrives=True)
LATE = Fault("late", late=True)


def _error(text: str) -> Fault:
    return Fault(f"answered with {text.partition(' ')[0]}", reply=f"-{text}\r\n".encode())


READONLY = _error("READONLY You can't write against a read only replica.")
LOADING = _error("LOADING Valkey is loading the dataset in memory")
CLUSTERDOWN = _error("CLUSTERDOWN The cluster is down")
TRYAGAIN = _error("TRYAGAIN Multiple keys request during rehashing of slot")
MASTERDOWN = _error("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.")
NOAUTH = _error("NOAUTH Authentication required.")
ERRORS = (
    READONLY,
    LOADING,
    CLUSTERDOWN,
    TRYAGAIN,
    _error("OOM command not allowed when used memory > 'maxmemory'."),
    _error("MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist to disk."),
    _error("NOREPLICAS Not enough good replicas to write."),
    _error("BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."),
    MASTERDOWN,
    NOAUTH,
)

FAST = (CUT_BEFORE, CUT_AFTER, TORN, GARBAGE)  # noticed at once
SLOW = (LOST, UNANSWERED, LATE)  # noticed when the time is up
SENT_AGAIN = frozenset({*FAST, *SLOW, READONLY, LOADING, NOAUTH})  # by one node's link, once
FOLLOWED = SENT_AGAIN | {CLUSTERDOWN, TRYAGAIN, MASTERDOWN}  # by a cluster's link, until its patience ends
