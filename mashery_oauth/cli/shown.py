"""Records as rows: everything but their secrets, of which only the number is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from ..members import OFF
from ..models import Application, Caller, Record, Service
from ..operation import Receipt
from ..operations.tokens import TokenState
from ..store.census import Counts
from ..store.records import as_plain
from .printing import Answer, Row

NOT_LIMITED = {"scopes": "any"}  # what is said of a policy's member that is off, where "off" says too little
HIDDEN = ("secret", "password", "secrets", "revoked_before")


def whole(record: Record, **secrets: str) -> Row:
    """All of a record.

    :param secrets: what was made just now, in clear; empty ones are left out.
    """
    members = {name: value for name, value in as_plain(record).items() if name not in HIDDEN}
    match record:
        case Application():
            members["secrets"] = len(record.secrets)
        case Caller():
            members["secrets"] = int(bool(record.secret))
            members["passwords"] = int(bool(record.password))
    return members | {name: secret for name, secret in secrets.items() if secret}


def answer(record: Record, note: str = "", **secrets: str) -> Answer:
    """All of a record, in which people read what is unlimited in a word.

    :param secrets: as for :func:`whole`.
    """
    row = whole(record, **secrets)
    return Answer(row, people=_worded(record, row), note=note)


def _worded(record: Record, row: Row) -> Row:
    match record:
        case Service():
            members = as_plain(record)["policy"].items()
            policy = {name: NOT_LIMITED.get(name, OFF) if value is None else value for name, value in members}
            return {**row, "policy": policy}
        case Application(flows=None):
            return {**row, "flows": "all"}
        case _:
            return row


def unchanged(old: Record, new: Record) -> str:
    """What is said beside a record that is as it was."""
    return "There was nothing to change." if old == new else ""


def brief(records: Iterable[Record], *names: str) -> list[Row]:
    """A few members of each record."""
    return [{name: row[name] for name in names} for row in map(whole, records)]


def token(found: TokenState) -> Row:
    """A token without its text."""
    return {
        "kind": found.kind,
        "alive": found.alive,
        "handle": found.handle,
        "service": found.service and found.service.name,
        "service_key": found.service and found.service.key,
        "application": found.application and found.application.name,
        "client_id": found.application and found.application.client_id,
        "flow": found.flow,
        "scope": found.scope,
        "user_context": found.user_context,
        "expires": found.expires,
        "expires_at": None if found.expires is None else datetime.fromtimestamp(found.expires, UTC).isoformat(),
    }


def receipt(found: Receipt) -> Row:
    """What a revocation ended, or would."""
    return {
        "level": found.level,
        "revoked": found.whom,
        "services": list(found.services),
        **_counts(found.died),
        "dry_run": found.dead_since is None,
        "dead_everywhere_since": found.dead_since and found.dead_since.isoformat(timespec="milliseconds"),
    }


def receipt_of_people(row: Row) -> Row:
    """The same: where nothing was done, nothing was ``revoked``."""
    word = "target" if row["dry_run"] else "revoked"
    return {word if name == "revoked" else name: value for name, value in row.items()}


def _counts(died: Counts) -> Row:
    return {"access_tokens": died.access_tokens, "refresh_tokens": died.refresh_tokens, "codes": died.codes}
